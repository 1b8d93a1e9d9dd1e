// What the objects of an installed runner are called.

import { describe, expect, test } from 'vitest';
import { clusterBindingName, clusterRoleNames, cronJobName, isAmbiguous, runnerName } from '../../src/plan/runner-names.ts';

const longest = 'a-name-that-has-thirty-one-sign';

describe('names of a runner', () => {
  test('an environment of ordinary length is found in its runner’s name as it is', () => {
    expect(runnerName('prod')).toBe('changeover-prod');
    expect(runnerName(longest.slice(0, 30))).toBe(`changeover-${longest.slice(0, 30)}`);
  });

  test('a name that is too long is cut to 41 characters, and ends in the hash of the whole', () => {
    expect(runnerName(longest)).toBe('changeover-a-name-that-has-thirt-8142e3d6');
    expect(runnerName(longest)).toHaveLength(41);
  });

  test('two long environments that begin alike have different runners', () => {
    expect(runnerName(`${longest}-one`)).not.toBe(runnerName(`${longest}-two`));
  });

  test('the CronJob of the rebuild has the runner’s name, one of another operation says which', () => {
    expect(cronJobName('prod', 'rebuild')).toBe('changeover-prod');
    expect(cronJobName('prod', 'rehearse')).toBe('changeover-prod-rehearse');
  });

  test('a CronJob’s name fits, whatever the environment is called', () => {
    expect(cronJobName('e'.repeat(57), 'rehearse').length).toBeLessThanOrEqual(52);
  });

  test('the roles are of the environment, the cluster-wide binding of an installer is of its release', () => {
    expect(clusterRoleNames('prod')).toEqual({
      release: 'changeover-prod-release',
      installer: 'changeover-prod-installer',
      installerCluster: 'changeover-prod-installer-cluster',
    });
    expect(clusterBindingName('prod-2hpwr')).toBe('prod-2hpwr-installer');
  });

  test('an environment whose runner would be called like a role of another one is told apart', () => {
    const { release, installer, installerCluster } = clusterRoleNames('prod');
    for (const role of [release, installer, installerCluster]) expect(isAmbiguous(role.replace('changeover-', ''))).toBe(true);
    expect(['prod', 'release', 'prod-releases', 'release-prod', 'prod-cluster'].filter(isAmbiguous)).toEqual([]);
  });
});
