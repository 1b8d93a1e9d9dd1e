// Bad input and bad days on the real cluster: each ends with the right exit code and words, and production is as it was.

import { createInterface } from 'node:readline';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { KubernetesWorld } from './support/world.ts';

let world: KubernetesWorld;
let live: string;
let answers: readonly string[];

beforeAll(async () => {
  world = await KubernetesWorld.create('t-bad');
  const { exitCode, stderr } = await world.run('rebuild');
  expect(exitCode, stderr).toBe(0);
  [live = ''] = await world.releases();
});
afterAll(() => world.end());

const answersNow = async () => (await Promise.all(world.names.map((name) => world.dig(name)))).flat();

beforeEach(async () => {
  answers = await answersNow();
});

async function productionIsUntouched(): Promise<void> {
  expect(await answersNow()).toEqual(answers);
  expect(await world.releases()).toEqual([live]);
}

describe('a candidate that cannot become good', () => {
  test.each([
    { what: 'an image that does not exist', values: { image: 'changeover.local/nowhere:1' }, words: /image|ErrImageNeverPull/i },
    { what: 'a pod too big for every node', values: { memory: '9Ti' }, words: /memory/i },
    { what: 'a crash loop, with the last lines of its log', values: { crash: true }, words: /the portal cannot start: no such table/ },
    { what: 'a failed load job, with the tail of its log', values: { loaderExit: 4 }, words: /row 17: bad value/ },
    { what: 'answers that do not pass verification', values: { status: 500 }, words: /answered 500 instead of 200/, more: { verify: { http: [{ url: 'http://t-bad-www.example.test/' }], timeout: '2s' } } },
  ])('$what: exit 1, the cause, and production untouched', async ({ values, words, more }) => {
    const { exitCode, stderr } = await world.run('rebuild', { ...world.release(values), ...more });
    expect(stderr).toMatch(words);
    expect(exitCode).toBe(1);
    await productionIsUntouched();
  });

  test('a load balancer that never gets an address: time is up, and the Service is named', async () => {
    const release = world.release({ annotations: { 'changeover.test/load-balancer': 'none' } });
    const { exitCode, stderr } = await world.run('rebuild', { ...release, readiness: { timeout: '8s' } });
    expect(stderr).toMatch(/Service (ingress|search)/);
    expect(exitCode).toBe(1);
    await productionIsUntouched();
  });

  test('one failed job, not strict: it is told, and the run goes on', async () => {
    const { exitCode, stderr } = await world.run('rebuild', { ...world.release({ loaderExit: 4 }), strictErrorChecking: false });
    expect(stderr).toMatch(/base/);
    expect(exitCode).toBe(0);
    [live = ''] = await world.releases();
  });

  test('kept for a look when so configured, and cleaned up by the next run', async () => {
    const failed = await world.run('rebuild', world.release({ loaderExit: 4 }, { onFailure: 'keep' }));
    expect(failed.exitCode).toBe(1);
    expect(await world.releases()).toHaveLength(2);
    const next = await world.run('rebuild');
    expect(next.exitCode, next.stderr).toBe(0);
    [live = ''] = await world.releases();
    expect(await world.releases()).toHaveLength(1);
  });
});

describe('refused before anything is installed', () => {
  test.each([
    { what: 'a chart that does not render', more: () => world.release({ broken: true }), words: /this chart is broken on purpose/, exit: 1 },
    { what: 'a Service that is no LoadBalancer', more: () => world.release({ serviceType: 'ClusterIP' }), words: /Service ingress is of type ClusterIP/, exit: 5 },
    { what: 'the wrong cluster', more: () => ({ cluster: 'some-other-cluster' }), words: /belongs to cluster some-other-cluster/, exit: 5 },
    { what: 'a DNS server that is down', more: () => ({ dnsServers: { 'example.test': ['127.0.0.1:9'], 'second.test': ['127.0.0.1:9'] } }), words: /127\.0\.0\.1/, exit: 5 },
    { what: 'a name that points to somebody else', more: () => ({ environment: 't-bad2' }), words: /belongs to no release of this environment/, exit: 5 },
  ])('$what', async ({ more, words, exit }) => {
    const { exitCode, stderr } = await world.run('rebuild', more());
    expect(stderr).toMatch(words);
    expect(exitCode).toBe(exit);
    await productionIsUntouched();
  });

  test('a cluster-scoped object of a fixed name that the live release owns, named with what to do', async () => {
    const first = await world.run('rebuild', world.release({ clusterScoped: true }));
    expect(first.exitCode, first.stderr).toBe(0);
    [live = ''] = await world.releases();
    answers = await answersNow();
    const second = await world.run('rebuild', world.release({ clusterScoped: true }));
    expect(second.stderr).toMatch(/ClusterRole small-fixed-name/);
    expect(second.stderr).toContain('.Release.Name');
    expect(second.exitCode).toBe(5);
    await productionIsUntouched();
  });

  test('a second run at the same time, told who holds the lock and how to release it', async () => {
    const running = world.start('rebuild', await world.writeLayer(world.release({ loaderSeconds: 8 })), '--log', 'json');
    for await (const line of createInterface({ input: running.stderr })) {
      if ((JSON.parse(line) as { type?: string }).type === 'runStarted') break;
    }
    const second = await world.run('rebuild');
    expect(second.exitCode).toBe(5);
    expect(second.stderr).toMatch(/holds it since/);
    expect(second.stderr).toContain('kubectl -n changeover-t-bad delete lease changeover-t-bad');
    expect((await running).exitCode).toBe(0);
    [live = ''] = await world.releases();
  });
});

describe('a release that breaks while the public is moving over', () => {
  test('loses the names again, goes only when nobody can hold them any more, and the run ends with exit 3', async () => {
    const running = world.start('rebuild', await world.writeLayer({ drain: { soak: '1m', every: '500ms' } }), '--log', 'json');
    let candidate = '';
    for await (const line of createInterface({ input: running.stderr })) {
      const event = JSON.parse(line) as { type?: string; step?: string };
      if (event.type !== 'stepStarted' || event.step !== 'drainPrevious') continue;
      candidate = (await world.releases()).find((name) => name !== live) ?? '';
      await world.kubectl('-n', candidate, 'scale', 'deployment', 'web', '--replicas=0');
      break;
    }
    const { exitCode, stderr } = await running;
    expect(exitCode, String(stderr)).toBe(3);
    await productionIsUntouched();
    expect((await world.run('history')).stdout).toMatch(/restored|swapped back|taken back/);
  });
});

describe('neighbours', () => {
  test('a namespace of another environment, a hand-made one with the same prefix and three old releases stay as they are', async () => {
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
    [live = ''] = await world.releases();
  });
});

describe('somebody changes a name', () => {
  test('between plan and swap: the run is refused, and their change stays', async () => {
    const [www = ''] = world.names;
    const running = world.start('rebuild', await world.writeLayer(world.release({ loaderSeconds: 3 })), '--log', 'json');
    for await (const line of createInterface({ input: running.stderr })) {
      const event = JSON.parse(line) as { type?: string; step?: string };
      if (event.type !== 'stepStarted' || event.step !== 'loadData') continue;
      await world.nsupdate('zone example.test', `update delete ${www} A`, `update add ${www} 1 A 192.0.2.77`);
      break;
    }
    expect((await running).exitCode).toBe(1);
    expect(await world.dig(www)).toEqual(['192.0.2.77']);
    expect((await world.run('history')).stdout).toContain('192.0.2.77');
  });
});
