// What is refused on the real cluster before anything is installed: with its exit code, its words, and production as it was.

import { hostname } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { liveProduction, untilEvent, type LiveProduction } from './support/production.ts';

let production: LiveProduction;

beforeAll(async () => {
  production = await liveProduction('t-refused');
});
afterAll(() => production.world.end());

describe('refused before anything is installed', () => {
  test.each([
    { what: 'a chart that does not render', more: () => production.world.release({ broken: true }), words: /this chart is broken on purpose/, exit: 1 },
    { what: 'a Service that is no LoadBalancer', more: () => production.world.release({ serviceType: 'ClusterIP' }), words: /Service ingress is of type ClusterIP/, exit: 5 },
    { what: 'the wrong cluster', more: () => ({ cluster: 'some-other-cluster' }), words: /belongs to cluster some-other-cluster/, exit: 5 },
    { what: 'a DNS server that is down', more: () => ({ dnsServers: { 'example.test': ['127.0.0.1:9'], 'second.test': ['127.0.0.1:9'] } }), words: /127\.0\.0\.1/, exit: 5 },
    { what: 'a name that points to somebody else', more: () => ({ environment: 't-refused2' }), words: /belongs to no release of this environment/, exit: 5 },
  ])('$what', async ({ more, words, exit }) => {
    const { exitCode, stderr } = await production.world.run('rebuild', more());
    expect(stderr).toMatch(words);
    expect(exitCode).toBe(exit);
    await production.isUntouched();
  });

  test('a cluster-scoped object of a fixed name that the live release owns, named with what to do', async () => {
    const { world } = production;
    const first = await world.run('rebuild', world.release({ clusterScoped: true }));
    expect(first.exitCode, first.stderr).toBe(0);
    await production.note();
    const second = await world.run('rebuild', world.release({ clusterScoped: true }));
    expect(second.stderr).toMatch(/ClusterRole small-fixed-name/);
    expect(second.stderr).toContain('.Release.Name');
    expect(second.exitCode).toBe(5);
    await production.isUntouched();
  });

  test('a second run at the same time, told who holds the lock, how to stop it in order, and how to release the lock of one that hangs', async () => {
    const { world } = production;
    const running = world.start('rebuild', await world.writeLayer(world.release({ loaderSeconds: 8 })), '--log', 'json');
    await untilEvent(running, { type: 'runStarted' });
    const second = await world.run('rebuild');
    expect(second.exitCode).toBe(5);
    expect(second.stderr).toContain(`${hostname()}/${running.pid} holds it since`);
    expect(second.stderr).toMatch(/^ +changeover lock release --force -f .+$/m);
    expect(second.stderr).toMatch(/^ +changeover cancel -f .+$/m);
    expect((await running).exitCode).toBe(0);
  });
});
