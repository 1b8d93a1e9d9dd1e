// `doctor` as an operator types it: each check by itself, what to do, exit code 0 or 1, and not one write.

import { afterEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import type { Examination } from '../../src/doctor/examine.ts';
import { namespaceOf } from '../../src/plan/ownership.ts';
import { terminal, type Terminal } from './terminal.ts';

let shell: Terminal;
afterEach(() => shell.close());

const node = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'node-1' },
  status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110' }, conditions: [{ type: 'Ready', status: 'True' }] },
};

async function examined(line = 'doctor -f prod.yaml -o json'): Promise<{ readonly exitCode: number; readonly verdicts: Readonly<Record<string, string>>; readonly told: string }> {
  const { exitCode, stdout } = await shell.type(line);
  const { findings } = JSON.parse(stdout) as Examination;
  return { exitCode, verdicts: Object.fromEntries(findings.map(({ check, verdict }) => [check, verdict])), told: stdout };
}

const allWell = { cluster: 'ok', clock: 'ok', permissions: 'ok', namespace: 'ok', records: 'ok', helm: 'ok', secrets: 'ok', chart: 'ok', names: 'ok', live: 'ok', schedule: 'ok', room: 'unknown', quota: 'unknown' };

describe('doctor', () => {
  it('tells of a sound production that all is well, and writes nothing', async () => {
    shell = await terminal();
    await shell.type('rebuild -f prod.yaml');
    const before = shell.world.requests.length;
    const { exitCode, stdout, stderr } = await shell.type('doctor -f prod.yaml');
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatchInlineSnapshot(`
      "environment prod on cluster simulated

        ✔ cluster      simulated at https://simulated:6443, v1.35.4
        ✔ clock        this clock and the API server’s agree
        ✔ permissions  all 25 that a run needs are there; no runner is installed, Helm works with this account’s own rights
        ✔ namespace    no runner is installed: nothing runs in changeover
        ✔ records      1 record in namespace changeover can be read
        ✔ helm         v4.2.3
        ✔ secrets      none is named in the configuration
        ✔ chart        web 1.0.0 from /chart: 4 objects
        ✔ names        2 names in 2 zones: 4 authoritative servers agree, and a change would be taken
        ✔ live         all names point to prod-r0001
        ✔ schedule     none: runs are started by hand only
        ? room         the cluster tells of no nodes
                       → Compare by hand what the live release requests with what is free: kubectl describe nodes
        ✔ quota        no ResourceQuota limits prod-r0001

      13 checks: 1 not known.
      Nothing has been written.
      "
    `);
    expect(shell.world.requests.slice(before).filter(({ writes }) => writes)).toEqual([]);
  });

  it('before the first run there is no room to measure by, which is no failure', async () => {
    shell = await terminal();
    expect(await examined()).toMatchObject({ exitCode: 0, verdicts: allWell });
  });

  it('as YAML has the data of JSON', async () => {
    shell = await terminal();
    const { told } = await examined();
    expect(parse((await shell.type('doctor -f prod.yaml -o yaml')).stdout)).toEqual(JSON.parse(told));
  });
});

/** Of what no namespace holds, or all of them. */
function lists(): readonly string[] {
  return shell.world.requests.map(({ text }) => text).filter((text) => /^cluster\.list (nodes|pods)$/.test(text));
}

describe('in the pod of an installed runner', () => {
  it('needs no right but the runner’s own; what that cannot see is not known, and no failure', async () => {
    shell = await terminal({ installed: 'pod' });
    expect(await examined()).toMatchObject({ exitCode: 0, verdicts: { ...allWell, namespace: 'warning' } });
    await shell.type('rebuild -f prod.yaml');
    const { exitCode, verdicts, told } = await examined();
    expect([exitCode, verdicts, told]).toEqual([0, { ...allWell, namespace: 'warning', quota: 'ok' }, expect.stringContaining('a runner is installed')]);
    expect(told).toContain('To let the installed runner look: runner.readNodes: true');
  });

  it('makes no request that is refused: what it may not see, it does not ask for', async () => {
    shell = await terminal({ installed: 'pod' });
    await shell.type('rebuild -f prod.yaml');
    await examined();
    expect(lists()).toEqual([]);
  });

  it('is well in a namespace that enforces Pod Security restricted, and says how to get there in any other', async () => {
    shell = await terminal({ installed: 'pod' });
    expect((await examined()).told).toContain('kubectl label namespace changeover --overwrite pod-security.kubernetes.io/enforce=restricted');
    await shell.world.cluster.patch({ kind: kinds.namespace, name: 'changeover' }, { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } });
    expect(await examined()).toMatchObject({ exitCode: 0, verdicts: allWell });
  });

  it('does not know what is live while a release lacks the runner’s binding, which its next run makes', async () => {
    shell = await terminal({ installed: 'pod', objects: [namespaceOf('prod-aaaaa', { environment: 'prod', run: 'r' })] });
    const { exitCode, verdicts } = await examined();
    expect([exitCode, verdicts['live'], verdicts['room']]).toEqual([0, 'unknown', 'unknown']);
  });
});

describe('one trouble hides no other:', () => {
  it.each([
    { what: 'a clock that is a minute off', scenario: { cluster: { aheadMs: 61_000 } }, check: 'clock', told: 'behind the API server’s' },
    { what: 'a right that is missing', scenario: { cluster: { forbidden: [{ verb: 'delete', resource: 'namespaces' }] } }, check: 'permissions', told: 'this account may not delete namespaces' },
    { what: 'a right that is missing, beside one that no run needs', scenario: { cluster: { forbidden: [{ verb: 'create', resource: 'namespaces' }, { verb: 'create', resource: 'events' }] } }, check: 'permissions', told: 'this account may not create events' },
    { what: 'a chart that does not render', scenario: { charts: { '/chart': { name: 'web', version: '1.0.0', objects: [], broken: 'Error: parse error at (web/templates/x.yaml:1)' } } }, check: 'chart', told: 'parse error' },
    { what: 'a chart without the Service of a name', scenario: { charts: { '/chart': { name: 'web', version: '1.0.0', objects: [] } } }, check: 'chart', told: 'no Service named or labelled ingress' },
    { what: 'a chart that is not there', scenario: { charts: {} }, check: 'chart', told: 'chart not found' },
    { what: 'a zone that may only be read', scenario: { zones: [{ id: 'example-org', origin: 'example.org.', readOnly: true }, { id: 'second-org', origin: 'second.org.' }] }, check: 'names', told: 'zone example-org cannot be written' },
  ])('$what', async ({ scenario, check, told }) => {
    shell = await terminal(scenario);
    const found = await examined();
    expect(found).toMatchObject({ exitCode: 1, verdicts: { ...allWell, [check]: 'failed' } });
    expect(found.told).toContain(told);
    const { findings } = JSON.parse(found.told) as Examination;
    for (const { verdict, remedy } of findings) expect(verdict === 'ok' ? 'none' : remedy).toMatch(/./);
  });

  it('a name server that does not answer is named', async () => {
    shell = await terminal();
    await shell.type('rebuild -f prod.yaml');
    shell.world.dns.silence('ns2.example.org.');
    const found = await examined();
    expect(found).toMatchObject({ exitCode: 1, verdicts: { names: 'failed', chart: 'ok' } });
    expect(found.told).toContain('ns2.example.org.');
  });

  it('names that point to a release of nobody: how to take it over', async () => {
    shell = await terminal();
    shell.world.dns.edit('example-org', 'www.example.org.', [{ name: 'www.example.org.', type: 'A', ttl: 60, values: ['192.0.2.77'] }]);
    await shell.world.clock.sleep(10_000);
    const found = await examined();
    expect(found).toMatchObject({ exitCode: 1, verdicts: { live: 'failed' } });
    expect(found.told).toContain('changeover adopt NAMESPACE');
  });

  it('secrets that are named and not there, each with what it is for; those that are there are not shown', async () => {
    shell = await terminal();
    await shell.world.cluster.create(kinds.namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'changeover' } });
    const data = { url: Buffer.from('https://hooks.example.org/T0P-S3CRET').toString('base64') };
    await shell.world.cluster.create(kinds.secret, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'hook', namespace: 'changeover' }, data });
    const hook = (name: string) => ({ url: { secret: { name, key: 'url' } } });
    await shell.write('prod.yaml', { notify: { webhooks: [hook('hook'), hook('gone')] } });
    const found = await examined();
    expect(found).toMatchObject({ exitCode: 1, verdicts: { ...allWell, secrets: 'failed' } });
    expect(found.told).toContain('notify: read url of Secret changeover/gone: there is no such Secret');
    expect(found.told).not.toContain('T0P-S3CRET');
  });

  it('a record that cannot be read, because it stops every run', async () => {
    shell = await terminal();
    await shell.type('rebuild -f prod.yaml');
    const [record] = shell.world.cluster.inside.store.all(kinds.configMap, 'changeover');
    await shell.world.cluster.patch({ kind: kinds.configMap, namespace: 'changeover', name: record?.metadata.name ?? '' }, { data: { record: 'x' } });
    expect(await examined()).toMatchObject({ exitCode: 1, verdicts: { records: 'failed', helm: 'ok' } });
  });

  it('another cluster: nothing more is asked of it', async () => {
    shell = await terminal();
    await shell.write('prod.yaml', { cluster: 'other' });
    const found = await examined();
    expect([found.exitCode, found.verdicts]).toEqual([1, { cluster: 'failed' }]);
    expect(shell.world.requests.map(({ text }) => text)).toEqual(['cluster.identity']);
  });

  it.each([
    { verb: 'delete', resource: 'configmaps', told: 'this account may not delete configmaps in namespace changeover' },
    { verb: 'create', resource: 'events', told: 'this account may not create events in namespace changeover' },
  ])('an account that may not $verb $resource is told so, though it can run', async ({ verb, resource, told }) => {
    shell = await terminal({ cluster: { forbidden: [{ verb, resource }] } });
    const found = await examined();
    expect(found).toMatchObject({ exitCode: 0, verdicts: { ...allWell, permissions: 'warning' } });
    expect(found.told).toContain(told);
    expect((await shell.type('rebuild -f prod.yaml')).exitCode).toBe(0);
  });

  it('a quota that was lowered since the live release was made', async () => {
    shell = await terminal();
    await shell.type('rebuild -f prod.yaml');
    const amounts = (pods: string) => ({ pods });
    shell.world.cluster.inside.store.put(kinds.resourceQuota, { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'team', namespace: 'prod-r0001' }, spec: { hard: amounts('1') }, status: { hard: amounts('1'), used: amounts('3') } });
    const found = await examined();
    expect(found).toMatchObject({ exitCode: 0, verdicts: { quota: 'warning' } });
    expect(found.told).toContain('ResourceQuota team: pods 3 of 1');
  });

  it('an account that may not list nodes does not know the room, and that is no failure', async () => {
    shell = await terminal({ cluster: { forbidden: [{ verb: 'list', resource: 'nodes' }] } });
    await shell.type('rebuild -f prod.yaml');
    const found = await examined();
    expect(found).toMatchObject({ exitCode: 0, verdicts: { room: 'unknown' } });
    expect(found.told).toContain('may not list the nodes');
  });

  it('room for a second copy is measured by what is live', async () => {
    shell = await terminal();
    shell.world.cluster.inside.store.put(kinds.node, node);
    await shell.type('rebuild -f prod.yaml');
    const found = await examined();
    expect(found).toMatchObject({ exitCode: 0, verdicts: { room: 'ok' } });
    expect(lists()).toEqual(expect.arrayContaining(['cluster.list nodes', 'cluster.list pods']));
    expect(found.told).toContain('a second copy of prod-r0001 (1 pod: no requests) fits beside what runs on 1 node');
  });
});
