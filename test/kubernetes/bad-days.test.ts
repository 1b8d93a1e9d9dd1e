// Bad days of others on the real cluster: a release that breaks under the public, neighbours, and somebody who edits a name.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { liveProduction, untilEvent, type LiveProduction } from './support/production.ts';

let production: LiveProduction;

beforeAll(async () => {
  production = await liveProduction('t-bad');
});
beforeEach(() => production.note());
afterAll(() => production.world.end());

describe('a release that breaks while the public is moving over', () => {
  test('loses the names again, goes only when nobody can hold them any more, and the run ends with exit 3', async () => {
    const { world } = production;
    const running = world.start('rebuild', await world.writeLayer({ drain: { soak: '1m', every: '500ms' } }), '--log', 'json');
    await untilEvent(running, { type: 'stepStarted', step: 'drainPrevious' });
    const candidate = (await world.releases()).find((name) => name !== production.live()) ?? '';
    await world.kubectl('-n', candidate, 'scale', 'deployment', 'web', '--replicas=0');
    const { exitCode, stderr } = await running;
    expect(exitCode, String(stderr)).toBe(3);
    await production.isUntouched();
    expect((await world.run('history')).stdout).toMatch(/restored|swapped back|taken back/);
  });
});

describe('neighbours', () => {
  // Five letters, as the names of releases have.
  const byHand = 't-bad-hands';
  const old = ['t-bad-old11', 't-bad-old22', 't-bad-old33'];
  const [full = ''] = old;
  const neighbours = ['t-badminton-xxxxx', byHand, ...old];

  /** Of both real releases: what Helm says of them, what they consist of, and their pods. */
  const seen = () =>
    Promise.all([byHand, full].map(async (name) => ({ listed: await production.world.helm('list', '--namespace', name, '--output', 'json'), objects: await production.world.objectsOf(name), pods: await podsOf(name) })));

  const podsOf = async (namespace: string): Promise<readonly string[]> => {
    const { items } = await production.world.read<{ items: { metadata: { uid: string } }[] }>(`/api/v1/namespaces/${namespace}/pods`);
    return items.map(({ metadata }) => metadata.uid);
  };

  test('a namespace of another environment, a release installed by hand that is called like ours, and three old releases stay as they are', async () => {
    const { world } = production;
    // What an interrupted run of this test left would not be what it made.
    await world.kubectl('delete', 'namespace', '--ignore-not-found', ...neighbours);
    for (const name of neighbours) await world.kubectl('create', 'namespace', name);
    await Promise.all([byHand, full].map((name) => world.helm('install', name, 'test/kubernetes/chart', '--namespace', name)));
    await Promise.all([byHand, full].map((name) => world.kubectl('rollout', 'status', 'deployment/web', '--namespace', name, '--timeout=120s')));
    await world.kubectl('label', 'namespace', ...old, 'app.kubernetes.io/managed-by=changeover', 'changeover.dev/environment=t-bad');
    await world.kubectl('annotate', 'namespace', ...old, 'changeover.dev/state=previous');
    const before = await seen();
    for (const { listed, objects, pods } of before) {
      expect(listed).toMatch(/"revision":"1".*"status":"deployed"/);
      expect(objects).toContainEqual(expect.objectContaining({ kind: 'Secret', helm: '1 deployed' }));
      expect(pods).toHaveLength(1);
    }
    const { exitCode, stderr } = await world.run('rebuild');
    expect(exitCode, stderr).toBe(0);
    for (const name of neighbours) expect(await world.kubectl('get', 'namespace', name, '-o', 'jsonpath={.status.phase}')).toBe('Active');
    expect(await seen()).toEqual(before);
    await world.kubectl('delete', 'namespace', ...neighbours);
  });
});

describe('somebody changes a name', () => {
  test('between plan and swap: the run is refused, and their change stays', async () => {
    const { world } = production;
    const [www = ''] = world.names;
    const running = world.start('rebuild', await world.writeLayer(world.release({ loaderSeconds: 3 })), '--log', 'json');
    await untilEvent(running, { type: 'stepStarted', step: 'loadData' });
    await world.nsupdate('zone example.test', `update delete ${www} A`, `update add ${www} 1 A 192.0.2.77`);
    expect((await running).exitCode).toBe(1);
    expect(await world.dig(www)).toEqual(['192.0.2.77']);
    expect((await world.run('history')).stdout).toContain('192.0.2.77');
  });
});
