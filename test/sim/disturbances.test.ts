// What may go wrong with one request beside an error: stopped processes, wrong clocks, answers that are late, lost or old.

import { describe, expect, test } from 'vitest';
import type { Disturbance } from '../../sim/requests.ts';
import { simulate, type RunnerProcess, type SimulatedWorld } from '../../sim/world.ts';
import { failing } from '../../sim/faults.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { configMap, namespace } from '../support/objects.ts';

const note = configMap('note', { namespace: 'here' });
const reference = { kind: kinds.configMap, name: 'note', namespace: 'here' };
const zone = { id: 'example-org', origin: 'example.org.' };

async function worldWith(fault: Disturbance, text = /./): Promise<{ readonly world: SimulatedWorld; readonly process: RunnerProcess; readonly startedAt: number }> {
  const world = await simulate({ objects: [namespace('here')], zones: [zone], faults: failing(text, fault) });
  return { world, process: world.start(), startedAt: world.clock.now() };
}

describe('a process that is stopped', () => {
  test('before its request leaves sends it late, when everything it knew is old', async () => {
    const { world, process, startedAt } = await worldWith({ fault: 'stopBefore', ms: 60_000 });
    const creating = process.drivers.cluster.create(kinds.configMap, note);
    await world.clock.sleep(59_000);
    expect(await world.cluster.get(reference)).toBeUndefined();
    await creating;
    expect(await world.cluster.get(reference)).toBeDefined();
    expect(world.clock.now() - startedAt).toBe(60_010);
  });

  test('after its request has left hears late of what happened long ago', async () => {
    const { world, process, startedAt } = await worldWith({ fault: 'stopAfter', ms: 60_000 });
    const creating = process.drivers.cluster.create(kinds.configMap, note);
    await world.clock.sleep(1_000);
    expect(await world.cluster.get(reference)).toBeDefined();
    await creating;
    expect(world.clock.now() - startedAt).toBe(60_000);
  });

  test('is not woken by its own timers, nor told of what it watches, and makes up for both when it goes on', async () => {
    const { world, process } = await worldWith({ fault: 'slow', ms: 0 });
    const heard: string[] = [];
    void process.clock.sleep(1_000).then(() => heard.push('slept'));
    const watching = process.drivers.cluster.watch(kinds.configMap, { namespace: 'here', resourceVersion: '9999', signal: new AbortController().signal });
    void watching[Symbol.asyncIterator]().next().then(() => heard.push('seen'));
    await world.clock.sleep(100);
    process.stop();
    await world.cluster.create(kinds.configMap, note);
    await world.clock.sleep(30_000);
    expect(heard).toEqual([]);
    process.continue();
    await world.clock.sleep(1);
    expect(heard.toSorted()).toEqual(['seen', 'slept']);
  });

  test('sends nothing of what it had begun in the same moment', async () => {
    const { world, process } = await worldWith({ fault: 'slow', ms: 0 });
    process.stop();
    void process.drivers.cluster.create(kinds.configMap, note);
    await world.clock.sleep(30_000);
    expect(world.requests).toEqual([]);
    process.continue();
    await world.clock.sleep(100);
    expect(world.requests.map(({ method }) => method)).toEqual(['create']);
  });

  test('can be killed, and then never goes on', async () => {
    const { world, process } = await worldWith({ fault: 'stopBefore', ms: 60_000 });
    let heard = false;
    void process.drivers.cluster.create(kinds.configMap, note).finally(() => (heard = true));
    await world.clock.sleep(1_000);
    process.kill();
    await process.died;
    process.continue();
    await world.clock.sleep(120_000);
    expect([heard, await world.cluster.get(reference)]).toEqual([false, undefined]);
  });

  test('holds up nobody else', async () => {
    const { world, process } = await worldWith({ fault: 'stopBefore', ms: 60_000 });
    const startedAt = world.clock.now();
    void process.drivers.cluster.create(kinds.configMap, note);
    await world.start().drivers.cluster.get(reference);
    expect(world.clock.now() - startedAt).toBe(10);
  });
});

describe('a clock that is set', () => {
  test.each([3_600_000, -3_600_000])('by %i ms is the runner’s own: the world’s goes on, and sleeps last as long as before', async (ms) => {
    const { world, process } = await worldWith({ fault: 'clockSet', ms });
    const startedAt = world.clock.now();
    await process.drivers.cluster.get(reference);
    expect(process.clock.now() - world.clock.now()).toBe(ms);
    await process.clock.sleep(5_000);
    expect(world.clock.now() - startedAt).toBe(5_010);
  });
});

describe('an answer', () => {
  test('may be slow, and is the same', async () => {
    const { world, process, startedAt } = await worldWith({ fault: 'slow', ms: 4_000 });
    expect(await process.drivers.cluster.create(kinds.configMap, note)).toMatchObject({ metadata: { name: 'note' } });
    expect(world.clock.now() - startedAt).toBe(4_010);
  });

  test.each([
    { fault: 'swallowed', isDone: false },
    { fault: 'answerSwallowed', isDone: true },
  ] as const)('that never comes ($fault) is given up after the driver’s own time', async ({ fault, isDone }) => {
    const { world, process, startedAt } = await worldWith({ fault, ms: 10_000 });
    await expect(process.drivers.cluster.create(kinds.configMap, note)).rejects.toMatchObject({ reason: 'timeout' });
    expect(world.clock.now() - startedAt).toBeGreaterThanOrEqual(10_000);
    expect((await world.cluster.get(reference)) !== undefined).toBe(isDone);
  });
});

describe('a stale read', () => {
  const stale = { fault: 'stale', ms: 5_000 } as const;

  test('finds nothing of what was made since, and says which version it is of', async () => {
    const { world, process } = await worldWith(stale, /cluster.list/);
    await world.clock.sleep(10_000);
    const { resourceVersion: before } = await world.cluster.list(kinds.configMap, { namespace: 'here' });
    await world.cluster.create(kinds.configMap, note);
    const list = await process.drivers.cluster.list(kinds.configMap, { namespace: 'here' });
    expect(list.items.map(({ metadata }) => metadata.name)).not.toContain('note');
    expect(list.resourceVersion).toBe(before);
    expect((await process.drivers.cluster.list(kinds.configMap, { namespace: 'here' })).items.map(({ metadata }) => metadata.name)).toContain('note');
  });

  test('still finds what was deleted since, and what was changed as it was', async () => {
    const { world, process } = await worldWith(stale, /cluster.get/);
    const made = await world.cluster.create(kinds.configMap, note);
    await world.clock.sleep(10_000);
    await world.cluster.patch(reference, { data: { text: 'new' } });
    await world.cluster.delete(reference, made.metadata.uid ?? '');
    expect(await process.drivers.cluster.get(reference)).toEqual(made);
    expect(await process.drivers.cluster.get(reference)).toBeUndefined();
  });

  test('of the cluster never hides from a process what it has made, or seen, itself', async () => {
    const { world, process } = await worldWith(stale, /cluster.get/);
    await world.clock.sleep(10_000);
    await process.drivers.cluster.create(kinds.configMap, note);
    expect(await process.drivers.cluster.get(reference)).toBeDefined();
    const other = world.start();
    world.faults = ({ text }) => (text.startsWith('cluster.get') ? stale : undefined);
    expect(await other.drivers.cluster.get(reference)).toBeUndefined();
    await other.drivers.cluster.list(kinds.configMap, { namespace: 'here' });
    expect(await other.drivers.cluster.get(reference)).toBeDefined();
  });

  test('of a zone finds what the provider held then', async () => {
    const { world, process } = await worldWith(stale, /dns.read/);
    const { dns } = process.drivers;
    await world.clock.sleep(10_000);
    world.dns.edit('example-org', 'www.example.org.', [{ name: 'www.example.org.', type: 'A', ttl: 60, values: ['192.0.2.80'] }]);
    const held = await dns.zone('example-org');
    expect(await dns.read(held, 'www.example.org.')).toEqual([]);
    expect(await dns.read(held, 'www.example.org.')).toMatchObject([{ values: ['192.0.2.80'] }]);
  });

  test('is none for a write: what is there now decides', async () => {
    const { world, process } = await worldWith(stale);
    await world.clock.sleep(10_000);
    await world.cluster.create(kinds.configMap, note);
    await expect(process.drivers.cluster.create(kinds.configMap, note)).rejects.toMatchObject({ reason: 'conflict' });
  });
});

test('an object that somebody annotates in between is refused to whoever replaces what he read, and kept for the next', async () => {
  const { world, process } = await worldWith({ fault: 'touched' }, /cluster.replace/);
  const made = await world.cluster.create(kinds.configMap, note);
  const wanted = { ...made, data: { text: 'new' } };
  await expect(process.drivers.cluster.replace(kinds.configMap, wanted)).rejects.toMatchObject({ reason: 'conflict' });
  const read = await process.drivers.cluster.get(reference);
  expect(read?.metadata.annotations).toHaveProperty(['example.org/touched-at']);
  expect(await process.drivers.cluster.replace(kinds.configMap, { ...read, ...wanted, metadata: read?.metadata ?? made.metadata })).toMatchObject({ data: { text: 'new' } });
});

describe('a server of a zone', () => {
  const sets = [{ name: 'www.example.org.', type: 'A', ttl: 60, values: ['192.0.2.80'] }] as const;

  test('that stands still serves what it served, and catches up when it goes on', async () => {
    const { world } = await worldWith({ fault: 'slow', ms: 0 });
    world.dns.freeze('ns2.example.org.');
    world.dns.edit('example-org', 'www.example.org.', sets);
    await world.clock.sleep(3_600_000);
    expect(world.dns.served('www.example.org.').map(({ records }) => records.length)).toEqual([1, 0]);
    world.dns.freeze('ns2.example.org.', { frozen: false });
    expect(world.dns.served('www.example.org.').map(({ records }) => records.length)).toEqual([1, 1]);
  });
});
