// `adopt` as an operator types it who moves over from the classic builder: what is printed, written, refused, and what the first rebuild does then.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { addressesOf } from '../../src/plan/live.ts';
import { installerName, runnerBindingName } from '../../src/plan/runner-names.ts';
import type { Scenario } from '../../sim/world.ts';
import { chart } from '../../sim/production.ts';
import { terminal, type Terminal } from './terminal.ts';

let shell: Terminal;
afterEach(() => shell.close());

/** As the classic builder left it: a namespace without any mark of ours, a Helm release in it, and DNS pointing there. */
async function classic(helmName: string, scenario: Scenario = {}): Promise<void> {
  shell = await terminal(scenario);
  const { cluster, clock, dns } = shell.world;
  await cluster.create(kinds.namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'portal-abcde', labels: { team: 'web' } } });
  const { drivers } = shell.world.start();
  const local = await drivers.helm.chart({ path: '/chart' });
  await drivers.helm.install({ name: helmName, namespace: 'portal-abcde', chart: local, values: [], signal: new AbortController().signal });
  await clock.sleep(10_000);
  for (const [zone, name, service] of [['example-org', 'www.example.org.', 'ingress'], ['second-org', 'search.second.org.', 'search']] as const) {
    dns.edit(zone, name, [{ name, type: 'A', ttl: 60, values: [address(service)] }]);
  }
  await clock.sleep(10_000);
}

function address(service: string): string {
  const found = shell.world.cluster.inside.store.get(kinds.service, 'portal-abcde', service);
  if (found === undefined) throw new Error(`there is no Service ${service}`);
  return addressesOf(found)[0] ?? '';
}

const namespace = () => shell.world.cluster.inside.store.get(kinds.namespace, undefined, 'portal-abcde');
const isMarked = () => 'changeover.dev/environment' in (namespace()?.metadata.labels ?? {});
const present = () => shell.world.cluster.inside.store.all(kinds.namespace).map(({ metadata }) => metadata.name).filter((name) => /^(prod|portal)-/.test(name)).toSorted();

describe('a release of the classic builder that the public is on', () => {
  beforeEach(() => classic('portal-abcde'));

  it('is shown with all that would be written, and nothing is', async () => {
    const before = shell.world.requests.length;
    const { exitCode, stdout, stderr } = await shell.type('adopt portal-abcde -f prod.yaml');
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatchInlineSnapshot(`
      "adopt: Helm release portal-abcde in namespace portal-abcde, as a release of prod
      the public names point to it: the next rebuild moves away from it

      write
        + label app.kubernetes.io/managed-by=changeover
        + label changeover.dev/environment=prod
        + annotation changeover.dev/state=live
        + annotations changeover.dev/live-since, changeover.dev/epoch, changeover.dev/adopted

      To write it: changeover adopt portal-abcde --yes -f prod.yaml
      Nothing has been written.
      "
    `);
    expect(shell.world.requests.slice(before).filter(({ writes }) => writes)).toEqual([]);
  });

  it('is taken over, and the next rebuild moves away from it and keeps it for a rollback', async () => {
    expect((await shell.type('rebuild -f prod.yaml')).exitCode).toBe(5);
    expect((await shell.type('adopt portal-abcde --yes -f prod.yaml')).exitCode).toBe(0);
    expect((await shell.type('status -f prod.yaml')).stdout).toMatch(/portal-abcde +live +live since/);
    expect((await shell.type('rebuild -f prod.yaml')).exitCode).toBe(0);
    expect(present()).toEqual(['portal-abcde', 'prod-r0002']);
    expect(shell.publicReleases()).toEqual(['prod-r0002', 'prod-r0002']);
    expect((await shell.type('rollback -f prod.yaml')).exitCode).toBe(0);
    expect(shell.publicReleases()).toEqual(['portal-abcde', 'portal-abcde']);
    expect(shell.observer.violations).toEqual([]);
  });

  it('is retired by the next rebuild with deleteExisting, its namespace included', async () => {
    await shell.write('delete.yaml', { deleteExisting: true });
    await shell.type('adopt portal-abcde --yes -f delete.yaml');
    expect((await shell.type('rebuild -f delete.yaml')).exitCode).toBe(0);
    expect(present()).toEqual([expect.stringMatching(/^prod-r/)]);
    expect(shell.observer.violations).toEqual([]);
  });

  it('is adopted twice as well as once', async () => {
    await shell.type('adopt portal-abcde --yes -f prod.yaml');
    const first = JSON.stringify(namespace()?.metadata);
    const { exitCode, stdout } = await shell.type('adopt portal-abcde --yes -f prod.yaml');
    expect([exitCode, stdout.includes('It is adopted already.')]).toEqual([0, true]);
    expect(JSON.stringify(namespace()?.metadata)).toBe(first);
  });

  it('is given back as it was, and a rebuild is refused again', async () => {
    const before = namespace()?.metadata;
    await shell.type('adopt portal-abcde --yes -f prod.yaml');
    expect((await shell.type('adopt portal-abcde --undo -f prod.yaml')).stdout).toContain('Nothing has been written.');
    expect((await shell.type('adopt portal-abcde --undo --yes -f prod.yaml')).exitCode).toBe(0);
    expect(namespace()?.metadata.labels).toEqual(before?.labels);
    expect(Object.keys(namespace()?.metadata.annotations ?? {})).toEqual([]);
    expect((await shell.type('rebuild -f prod.yaml')).exitCode).toBe(5);
    expect((await shell.type('adopt portal-abcde --undo --yes -f prod.yaml')).stderr).toContain('was not adopted by this environment');
  });

  it.each(['kill', 'killAfter'] as const)('is adopted by the same command again after a %s at any write', async (fault) => {
    const { length } = shell.world.requests;
    let writes = 0;
    // The first writes are of the lock; from the third on they are of the namespace, and the lock's giving back.
    for (const at of [1, 2, 3, 4]) {
      writes = 0;
      shell.world.faults = (request) => (request.index >= length && request.writes && (writes += 1) === at ? fault : undefined);
      const killed = shell.type('adopt portal-abcde --yes -f prod.yaml');
      await Promise.race([killed, shell.world.clock.sleep(120_000)]);
      shell.world.faults = () => undefined;
      expect((await shell.type('adopt portal-abcde --yes -f prod.yaml')).exitCode).toBe(0);
      expect(namespace()?.metadata.labels).toMatchObject({ 'changeover.dev/environment': 'prod', team: 'web' });
      await shell.type('adopt portal-abcde --undo --yes -f prod.yaml');
    }
  });

  it('is not touched while the environment is locked', async () => {
    await shell.typeWords(['lock', 'acquire', '--reason', 'wait', '-f', 'prod.yaml']);
    const { exitCode } = await shell.type('adopt portal-abcde --yes -f prod.yaml');
    expect([exitCode, isMarked()]).toEqual([5, false]);
  });

  it('as data has what would be written', async () => {
    const { stdout } = await shell.type('adopt portal-abcde -f prod.yaml -o json');
    expect(JSON.parse(stdout)).toMatchObject({ namespace: 'portal-abcde', helmRelease: 'portal-abcde', state: 'live', written: false });
  });
});

describe('a release that was installed by hand, under another name', () => {
  beforeEach(() => classic('shop'));

  it('is known to Helm by its own name: deleted, rolled back to and diagnosed by it', async () => {
    expect((await shell.type('adopt portal-abcde --yes -f prod.yaml')).stdout).toContain('changeover.dev/helm-release=shop');
    expect((await shell.type('diagnose portal-abcde -f prod.yaml')).stdout).not.toContain('not found');
    await shell.type('rebuild -f prod.yaml');
    expect((await shell.type('rollback -f prod.yaml')).exitCode).toBe(0);
    expect(shell.publicReleases()).toEqual(['portal-abcde', 'portal-abcde']);
    await shell.write('delete.yaml', { deleteExisting: true });
    expect((await shell.type('rebuild -f delete.yaml')).exitCode).toBe(0);
    expect(present()).not.toContain('portal-abcde');
    expect(shell.world.requests.map(({ text }) => text)).toContain('helm.uninstall shop portal-abcde');
  });
});

describe('where the runner’s chart is installed', () => {
  beforeEach(() => classic('portal-abcde', { installed: 'laptop' }));

  it('the runner and Helm get their rights in it, and lose them when it is given back', async () => {
    const access = () => shell.world.cluster.inside.store.all(kinds.roleBinding, 'portal-abcde').map(({ metadata }) => metadata.name);
    const { stdout } = await shell.type('adopt portal-abcde --yes -f prod.yaml');
    expect(stdout).toContain(`+ RoleBinding ${runnerBindingName}`);
    expect(access()).toEqual([installerName, runnerBindingName]);
    await shell.type('adopt portal-abcde --undo --yes -f prod.yaml');
    expect(access()).toEqual([]);
  });
});

describe('refused, and nothing is written:', () => {
  beforeEach(() => classic('portal-abcde'));

  it.each(['kube-system', 'default', 'nowhere', 'changeover'])('%s', async (name) => {
    const { exitCode, stderr } = await shell.type(`adopt ${name} --yes -f prod.yaml`);
    expect([exitCode, stderr.includes(name)]).toEqual([5, true]);
    expect(shell.world.cluster.inside.store.get(kinds.namespace, undefined, name)?.metadata.labels ?? {}).not.toHaveProperty('changeover.dev/environment');
  });

  it('what somebody else has put into it, by name', async () => {
    const theirs = { ...chart.objects[0], metadata: { name: 'their-database', namespace: 'portal-abcde' } };
    await shell.world.cluster.create(kinds.deployment, theirs as never);
    const { exitCode, stderr } = await shell.type('adopt portal-abcde --yes -f prod.yaml');
    expect([exitCode, stderr.includes('Deployment their-database is not of Helm release portal-abcde')]).toEqual([5, true]);
    expect(isMarked()).toBe(false);
  });

  it('what a name server does not tell: unknown is not elsewhere', async () => {
    shell.world.faults = ({ text }) => (text.startsWith('dns.read') ? 'errorBefore' : undefined);
    const { exitCode, stderr } = await shell.type('adopt portal-abcde --yes -f prod.yaml');
    expect([exitCode, stderr.includes('could not be read')]).toEqual([5, true]);
  });
});
