// Waiting for a release, as an operator watches it: what is ready, what is only late, what never will be.

import { describe, expect, test } from 'vitest';
import { failing } from '../../sim/faults.ts';
import { DriverError } from '../../src/drivers/failure.ts';
import { deployment, job, object, service } from '../support/objects.ts';
import { portal, release, releaseJustInstalled } from './waitUntilReady-world.ts';

const minutes = 60;

describe('a release that comes up', () => {
  test('is done when everything is ready, and the addresses of the public names are handed on', async () => {
    const { wait, world } = await releaseJustInstalled();
    const { addresses } = await wait();
    expect(Object.keys(addresses)).toEqual(['www.example.org', 'search.second.org']);
    expect(addresses['www.example.org']).toEqual({ A: [expect.stringMatching(/^198\.18\./)], AAAA: [] });
    expect(world.requests.filter(({ writes }) => writes).map(({ method }) => method)).toEqual(['install']);
  });

  test('is not done before its Services answer from outside, though every pod is ready', async () => {
    const slow = await releaseJustInstalled({ cluster: { timing: { reachableAfterMs: 30_000 } } });
    const startedAt = slow.world.clock.now();
    await slow.wait();
    expect(slow.world.clock.now() - startedAt).toBeGreaterThan(30_000);
    expect(slow.reports.flatMap(({ awaited }) => awaited ?? []).join('\n')).toMatch(/Service ingress: 198\.18\.\S+ port 80 does not answer yet/);
  });

  test('costs few requests, however long it takes', async () => {
    const { wait, world } = await releaseJustInstalled({ behaviours: { 'StatefulSet/database': { afterMs: 15 * 60_000 } } });
    const before = world.requests.length;
    await wait();
    const asked = world.requests.slice(before).filter(({ driver }) => driver === 'cluster');
    // Of Events there are no bookmarks, so that a quiet watch of them is begun anew, with a list, after each 80 s.
    const [ofEvents, others] = [/events/, /^(?!.*events)/].map((text) => asked.filter((request) => text.test(request.text)).length);
    expect(others).toBeLessThan(30);
    expect(ofEvents).toBeLessThan(2 * (15 * 60 / 80 + 2));
  });

  test('was up already, as before a rollback: that is seen within a second, and nothing is written', async () => {
    const { wait, world } = await releaseJustInstalled();
    await world.clock.sleep(86_400_000);
    const startedAt = world.clock.now();
    await wait();
    expect(world.clock.now() - startedAt).toBeLessThan(1_000);
  });

  test('is described while it is awaited, and again every half minute', async () => {
    const { wait, reports } = await releaseJustInstalled({ behaviours: { 'StatefulSet/database': { afterMs: 300_000 } } });
    await wait();
    const told = reports.filter(({ awaited }) => awaited?.some((line) => line === 'StatefulSet database: 0 of 1 replicas are available') === true);
    expect(told.length).toBeGreaterThan(8);
    expect(told.length).toBeLessThan(25);
    expect(reports.at(-1)?.message).toBe('everything is ready, and every public Service answers');
  });

  test('is not described by what is missing before the cluster has told anything', async () => {
    const { wait, reports } = await releaseJustInstalled();
    await wait();
    const first = reports.find(({ awaited = [] }) => awaited.length > 0);
    expect(first?.awaited).toEqual(['an answer of the cluster about pods, services and 7 more kinds']);
  });

  test('may leave behind what the configuration excuses, with a warning', async () => {
    const configuration = { readiness: { mayStayUnready: [{ kind: 'Deployment', name: 'reports' }] } };
    const { wait, warnings } = await releaseJustInstalled({ contains: [...portal, deployment('reports')], behaviours: { 'Deployment/reports': { outcome: 'imagePull' } }, configuration });
    await wait();
    expect(warnings).toEqual(expect.arrayContaining(['Deployment reports: 0 of 1 replicas are available (readiness.mayStayUnready)']));
  });

  test('waits for Jobs of the chart that run by themselves', async () => {
    const { wait, world } = await releaseJustInstalled({ contains: [...portal, job('migrate')], behaviours: { 'Job/migrate': { afterMs: 240_000 } } });
    const startedAt = world.clock.now();
    await wait();
    expect(world.clock.now() - startedAt).toBeGreaterThan(235_000);
  });
});

describe('a release that cannot come up is given up early, with the cause', () => {
  test('an image that does not exist', async () => {
    const { fail } = await releaseJustInstalled({ behaviours: { 'Deployment/portal': { outcome: 'imagePull' } } });
    const { failure, seconds } = await fail();
    expect(seconds).toBeLessThan(10);
    expect(failure.code).toBe('NotReady');
    expect(failure.facts).toMatchObject({ reason: 'ErrImagePull', object: expect.stringMatching(/^Pod prod-2hpwr\/portal-/), since: expect.stringMatching(/^2026-/) });
    expect(failure.facts.summary).toMatch(/^Pod portal-\S+: image example\/portal:1 of container portal: ErrImagePull \(.*not found\)$/);
    expect(failure.facts.details).toContain('Deployment portal: 0 of 2 replicas are available');
  });

  test('a container that crashes: with the last lines that it printed', async () => {
    const { fail } = await releaseJustInstalled({ behaviours: { 'StatefulSet/database': { outcome: 'crashLoop', log: 'starting\nFATAL: data directory is not empty' } } });
    const { failure, seconds } = await fail();
    expect(seconds).toBeLessThan(6 * minutes);
    expect(failure.facts).toMatchObject({ reason: 'CrashLoopBackOff', object: `Pod ${release}/database-0` });
    expect(failure.facts.logTail).toContain('FATAL: data directory is not empty');
  });

  test('a container that crashes and whose log cannot be read: the cause is not hidden by that', async () => {
    const { fail } = await releaseJustInstalled({ behaviours: { 'StatefulSet/database': { outcome: 'crashLoop' } }, faults: failing(/cluster.logs/, 'errorBefore') });
    const { failure } = await fail();
    expect(failure.facts.reason).toBe('CrashLoopBackOff');
    expect(failure.facts.logTail).toMatch(/^\(the log of container database cannot be read: /);
  });

  test('a Job that fails', async () => {
    const { fail } = await releaseJustInstalled({ contains: [...portal, job('migrate', { backoffLimit: 0 })], behaviours: { 'Job/migrate': { outcome: 'fails', log: 'relation users does not exist' } } });
    const { failure, seconds } = await fail();
    expect(seconds).toBeLessThan(30);
    expect(failure.facts).toMatchObject({ object: `Job ${release}/migrate`, reason: 'BackoffLimitExceeded' });
    expect(failure.facts.logTail).toContain('relation users does not exist');
  });

  test('a quota that leaves no room', async () => {
    const { fail } = await releaseJustInstalled({ behaviours: { 'Deployment/portal': { outcome: 'quota' } } });
    const { failure, seconds } = await fail();
    expect(seconds).toBeLessThan(10);
    expect(failure.facts).toMatchObject({ reason: 'QuotaExceeded', object: `Deployment ${release}/portal` });
    expect(failure.facts.summary).toContain('exceeded quota');
  });

  test('a public name that stands for a Service without a load balancer: with what to do', async () => {
    const contains = [deployment('portal'), service('ingress', { app: 'portal', type: 'ClusterIP' }), service('search', { app: 'portal', labels: { name: 'search-ingress' } })];
    const { failure, seconds } = await (await releaseJustInstalled({ contains })).fail();
    expect(seconds).toBeLessThan(1);
    expect(failure.facts.summary).toBe('www.example.org. stands for Service ingress, which has type ClusterIP and will never have an address');
    expect(failure.next).toBe("Make Service ingress type LoadBalancer in the chart's values, or correct dns[].service of www.example.org. in the environment file");
  });

  test('a custom object that says nothing about itself: a minute after everything else is ready', async () => {
    const { fail } = await releaseJustInstalled({ alsoContains: [object('example.org/v1 Fleet', 'one')] });
    const { failure, seconds } = await fail();
    expect(seconds).toBeGreaterThan(60);
    expect(seconds).toBeLessThan(2 * minutes);
    expect(failure.facts.summary).toContain('Fleet one: it lies outside');
    expect(failure.next).toContain('readiness.mayStayUnready');
  });
});

describe('a release that is not ready in time', () => {
  const configuration = { readiness: { timeout: '5m' } };

  test('fails with all that is still awaited', async () => {
    const { fail } = await releaseJustInstalled({ behaviours: { 'StatefulSet/database': { outcome: 'never' } }, configuration });
    const { failure, seconds } = await fail();
    expect(seconds).toBeCloseTo(5 * minutes, 0);
    expect(failure.facts.summary).toMatch(/^not ready after 5 min \(readiness\.timeout\); still awaited: Pod database-0: container database runs, and is not ready yet, and 1 more$/);
    expect(failure.facts.details).toEqual(['StatefulSet database: 0 of 1 replicas are available']);
  });

  test('because a load balancer never gets an address: that is what it says', async () => {
    const { fail } = await releaseJustInstalled({ behaviours: { 'Service/ingress': { outcome: 'never' } }, configuration });
    const { failure } = await fail();
    expect(failure.facts).toMatchObject({ object: `Service ${release}/ingress`, reason: 'NoAddress' });
    expect(failure.facts.summary).toContain('Service ingress: its load balancer has no address yet');
  });

  test('because a Service never answers, though everything is ready', async () => {
    const { fail } = await releaseJustInstalled({ cluster: { timing: { reachableAfterMs: 86_400_000 } }, configuration });
    const { failure, seconds } = await fail();
    expect(seconds).toBeCloseTo(5 * minutes, -1);
    expect(failure.facts.summary).toMatch(/still awaited: Service ingress: 198\.18\.\S+ port 80 does not answer yet/);
  });

  test('because a pod broke again while the Services were being asked: ready means all at once', async () => {
    const timing = { reachableAfterMs: 20_000 };
    const { fail } = await releaseJustInstalled({ cluster: { timing }, behaviours: { 'StatefulSet/database': { breaksAfterMs: 10_000 } }, configuration });
    expect((await fail()).failure.facts.summary).toMatch(/still awaited: Pod database-0: container database runs, and is not ready yet/);
  });

  test('because no node has room: the scheduler’s words are shown', async () => {
    const { fail } = await releaseJustInstalled({ behaviours: { 'Deployment/portal': { outcome: 'unschedulable' } }, configuration });
    expect((await fail()).failure.facts.details?.join('\n')).toMatch(/Pod portal-\S+: no node yet: 0\/1 nodes are available: 1 Insufficient cpu/);
  });
});

describe('when the cluster is hard to reach', () => {
  test('nothing counts as ready while the state may be outdated', async () => {
    const { wait, world, reports } = await releaseJustInstalled({ faults: failing(/cluster.list pods/, 'errorBefore', 8) });
    const startedAt = world.clock.now();
    await wait();
    expect(world.clock.now() - startedAt).toBeGreaterThan(20_000);
    expect(reports.flatMap(({ awaited }) => awaited ?? [])).toContain('an answer of the cluster about pods');
  });

  test('an API server that stays away is what the time-out names', async () => {
    const { fail } = await releaseJustInstalled({ faults: failing(/cluster.list pods/, 'lostAnswer', 1_000_000), configuration: { readiness: { timeout: '3m' } } });
    expect((await fail()).failure.facts.summary).toContain('an answer of the cluster about pods');
  });

  test('what the account may not watch is told at once, with what to do', async () => {
    const forbidden = new DriverError({ reason: 'forbidden', attempted: 'GET /apis/apps/v1/namespaces/prod-2hpwr/statefulsets', detail: '403' });
    const { fail } = await releaseJustInstalled({ faults: failing(/cluster.list statefulsets/, forbidden) });
    const { failure, seconds } = await fail();
    expect(seconds).toBeLessThan(2);
    expect(failure.facts.summary).toContain('statefulsets');
    expect(failure.next).toBe('Give the runner the right to list and watch what is named above');
  });

  test('a release that Helm does not know is no release', async () => {
    const unknown = new DriverError({ reason: 'notFound', attempted: 'helm get manifest' });
    const { failure } = await (await releaseJustInstalled({ faults: failing(/helm.manifest/, unknown) })).fail();
    expect(failure.facts.summary).toBe('Helm knows no release prod-2hpwr: what it contains cannot be told');
  });
});

test('a request to stop ends the wait at once, with its own reason, and no request follows', async () => {
  const { wait, stop, world } = await releaseJustInstalled({ behaviours: { 'StatefulSet/database': { outcome: 'never' } } });
  const ended = wait().then(() => undefined, (error: unknown) => error);
  await world.clock.sleep(20_000);
  stop.abort(new Error('SIGTERM'));
  expect(await ended).toEqual(new Error('SIGTERM'));
  const before = world.requests.length;
  await world.clock.sleep(600_000);
  expect(world.requests.length).toBe(before);
});
