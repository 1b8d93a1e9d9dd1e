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
  test('a namespace of another environment, a hand-made one with the same prefix and three old releases stay as they are', async () => {
    const { world } = production;
    const old = ['t-bad-old1', 't-bad-old2', 't-bad-old3'];
    const neighbours = ['t-badminton-x', 't-bad-byhand', ...old];
    // What an interrupted run of this test left would not be what it made.
    await world.kubectl('delete', 'namespace', '--ignore-not-found', ...neighbours);
    for (const name of neighbours) await world.kubectl('create', 'namespace', name);
    await world.kubectl('label', 'namespace', ...old, 'app.kubernetes.io/managed-by=changeover', 'changeover.dev/environment=t-bad');
    await world.kubectl('annotate', 'namespace', ...old, 'changeover.dev/state=previous');
    const { exitCode, stderr } = await world.run('rebuild');
    expect(exitCode, stderr).toBe(0);
    for (const name of neighbours) expect(await world.kubectl('get', 'namespace', name, '-o', 'jsonpath={.status.phase}')).toBe('Active');
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
