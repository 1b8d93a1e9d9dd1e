// The simulated world as a whole: what is logged, how requests fail, what a killed process leaves behind.

import { expect, test } from 'vitest';
import { anyOf, failing, killAt, randomFaults } from '../../sim/faults.ts';
import { seeded } from '../../sim/random.ts';
import { simulate } from '../../sim/world.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { DriverError } from '../../src/drivers/failure.ts';
import { configMap, namespace } from '../support/objects.ts';
import { install, portalScenario } from './portal.ts';

const here = namespace('here');
const note = configMap('note', { namespace: 'here' });
const reference = { kind: kinds.configMap, name: 'note', namespace: 'here' };

test('every request is logged in order, with who sent it and whether it writes', async () => {
  const world = await simulate({ objects: [here], zones: [{ id: 'example-org', origin: 'example.org.' }] });
  const [first, second] = [world.start(), world.start()];
  await first.drivers.cluster.create(kinds.configMap, note);
  await second.drivers.cluster.get(reference);
  await second.drivers.dns.zone('example-org');
  expect(world.requests.map(({ process, text, writes }) => `${process} ${text}${writes ? ' (writes)' : ''}`)).toEqual([
    '1 cluster.create configmaps here/note (writes)',
    '2 cluster.get ConfigMap here/note',
    '2 dns.zone example-org',
  ]);
});

test('what the real stores send passes the boundary as requests to the cluster', async () => {
  const world = await simulate({ environment: 'prod' });
  const { drivers } = world.start();
  await drivers.records.create('run-1', '{}');
  expect(world.requests.map(({ text }) => text)).toContain('cluster.create configmaps changeover/changeover-prod-run-1');
});

test('a refused request changes nothing; a lost answer has changed everything', async () => {
  const world = await simulate({ objects: [here], faults: failing(/cluster.create/, 'errorBefore') });
  const { drivers } = world.start();
  await expect(drivers.cluster.create(kinds.configMap, note)).rejects.toMatchObject({ reason: 'unavailable' });
  expect(await drivers.cluster.get(reference)).toBeUndefined();
  world.faults = failing(/cluster.create/, 'lostAnswer');
  await expect(drivers.cluster.create(kinds.configMap, note)).rejects.toMatchObject({ reason: 'timeout' });
  expect(await drivers.cluster.get(reference)).toBeDefined();
});

test('an error of the test’s own choice is thrown as it is', async () => {
  const forbidden = new DriverError({ reason: 'forbidden', attempted: 'creating', detail: '403' });
  const { drivers } = (await simulate({ objects: [here], faults: failing(/create/, forbidden) })).start();
  await expect(drivers.cluster.create(kinds.configMap, note)).rejects.toBe(forbidden);
});

test('a process that is killed before a request hears nothing and has done nothing; after it, it has done it', async () => {
  for (const fault of ['kill', 'killAfter'] as const) {
    const world = await simulate({ objects: [here], faults: killAt(0, fault) });
    const process = world.start();
    let heard = false;
    const call = process.drivers.cluster.create(kinds.configMap, note);
    void call.then(() => (heard = true), () => (heard = true));
    await process.died;
    await world.clock.sleep(60_000);
    expect(heard).toBe(false);
    expect((await world.cluster.get(reference)) !== undefined).toBe(fault === 'killAfter');
  }
});

test('a process that is killed when it has heard an answer goes on until something else would leave it', async () => {
  const world = await simulate({ objects: [here], faults: killAt(0, 'killHeard') });
  const process = world.start();
  const heard: string[] = [];
  void (async () => {
    await process.drivers.cluster.create(kinds.configMap, note);
    heard.push('created');
    await process.drivers.cluster.delete(reference, 'x');
    heard.push('deleted');
  })();
  await process.died;
  await world.clock.sleep(60_000);
  expect(heard).toEqual(['created']);
  expect(world.requests.map(({ method }) => method)).toEqual(['create']);
});

test('a process that only waits after the answer that it dies of dies before its time', async () => {
  const world = await simulate({ objects: [here], faults: killAt(0, 'killHeard') });
  const process = world.start();
  let woken = false;
  void process.drivers.cluster.get(reference).then(() => process.clock.sleep(5_000)).then(() => (woken = true));
  await process.died;
  await world.clock.sleep(60_000);
  expect(woken).toBe(false);
});

test('nothing wakes a killed process: not its sleeps, not its watches, not its further requests', async () => {
  const world = await simulate({ objects: [here] });
  const process = world.start();
  const heard: string[] = [];
  const hear = (what: string) => (): number => heard.push(what);
  void process.clock.sleep(1_000).then(hear('sleep'), hear('sleep'));
  const events = process.drivers.cluster.watch(kinds.configMap, { namespace: 'here', resourceVersion: '9999', signal: new AbortController().signal });
  void events[Symbol.asyncIterator]().next().then(hear('watch'), hear('watch'));
  world.clock.after(500, () => process.kill());
  await process.died;
  void process.drivers.cluster.get(reference).then(hear('get'), hear('get'));
  const before = world.requests.length;
  await world.clock.sleep(3_600_000);
  expect(heard).toEqual([]);
  expect(world.requests).toHaveLength(before);
});

test('the next process works on what the killed one left', async () => {
  const world = await simulate({ objects: [here], faults: killAt(0, 'killAfter') });
  const first = world.start();
  void first.drivers.cluster.create(kinds.configMap, note);
  await first.died;
  expect(await world.start().drivers.cluster.get(reference)).toBeDefined();
});

test('Helm dies with the process that started it, and its lock stays for ever', async () => {
  const world = await simulate({ ...portalScenario, objects: [namespace('prod-2hpwr')] });
  const process = world.start();
  const chart = await process.drivers.helm.chart({ path: './portal' });
  void process.drivers.helm.install({ name: 'prod-2hpwr', namespace: 'prod-2hpwr', chart, values: [], signal: new AbortController().signal });
  world.clock.after(150, () => process.kill());
  await process.died;
  await world.clock.sleep(86_400_000);
  const { drivers } = world.start();
  expect(await drivers.helm.find('prod-2hpwr', 'prod-2hpwr')).toMatchObject({ status: 'pending-install' });
  expect((await drivers.cluster.list(kinds.statefulSet, { namespace: 'prod-2hpwr' })).items).toHaveLength(1);
  expect((await drivers.cluster.list(kinds.service, { namespace: 'prod-2hpwr' })).items).toHaveLength(0);
});

test('a watch can fail to open like any other request', async () => {
  const world = await simulate({ objects: [here], faults: failing(/cluster.watch/, 'errorBefore') });
  const { drivers } = world.start();
  const open = (): Promise<unknown> =>
    drivers.cluster.watch(kinds.configMap, { namespace: 'here', resourceVersion: '0', signal: new AbortController().signal })[Symbol.asyncIterator]().next();
  await expect(open()).rejects.toMatchObject({ reason: 'unavailable' });
  await expect(open()).resolves.toMatchObject({ value: { type: 'ADDED' } });
});

test('random faults come as often as they may, then stop, and a seed repeats them', () => {
  const request = { index: 0, process: 1, at: 0, driver: 'cluster', method: 'get', text: 'cluster.get', writes: false };
  const strikes = (seed: number): readonly unknown[] => {
    const faults = anyOf(randomFaults(seeded(seed), { share: 0.5, most: 4, kinds: ['errorBefore', 'lostAnswer'] }));
    return Array.from({ length: 40 }, () => faults(request));
  };
  expect(strikes(7).filter((fault) => fault !== undefined)).toHaveLength(4);
  expect(strikes(7)).toEqual(strikes(7));
  expect(strikes(7)).not.toEqual(strikes(8));
});

test('a whole installation repeats, request for request and name for name', async () => {
  const play = async (): Promise<readonly unknown[]> => {
    const world = await simulate({ ...portalScenario, seed: 42 });
    const installed = await install(world, 'prod-2hpwr');
    const { items } = await world.cluster.list(kinds.pod, {});
    return [installed, world.requests, items];
  };
  expect(await play()).toEqual(await play());
});
