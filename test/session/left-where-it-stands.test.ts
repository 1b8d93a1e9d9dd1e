// A previous release that cannot be removed, and a runner that dies while it says so: the public stays where it has moved to.

import { expect, test } from 'vitest';
import { environmentWith, production } from '../../sim/production.ts';
import type { Fault } from '../../sim/requests.ts';

test.each(['kill', 'killAfter', 'killHeard', 'lostAnswer'] as const)('the names are not led back to a release of which half is gone (%s at the record of the failure)', async (fault: Fault) => {
  const { command, world, publicReleases, observer } = await production();
  const environment = environmentWith({ retire: { timeout: '1m' } });
  await command({ operation: 'rebuild' }, { environment });
  world.cluster.behaviours.set('Namespace/prod-r0001', { outcome: 'never' });
  let hasFailed = false;
  world.faults = ({ text }) => {
    if (!hasFailed || !text.startsWith('cluster.replace configmaps')) return undefined;
    hasFailed = false;
    return fault;
  };
  await command({ operation: 'rebuild' }, { environment, onEvent: ({ type }) => void (hasFailed ||= type === 'stepFailed') });
  world.faults = () => undefined;
  expect(publicReleases()).toEqual(['prod-r0002', 'prod-r0002']);
  await command({ operation: 'rebuild' }, { environment });
  expect(publicReleases()).not.toContain('prod-r0001');
  expect(observer.violations).toEqual([]);
});
