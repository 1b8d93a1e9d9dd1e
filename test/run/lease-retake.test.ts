// A lease that ran out under its holder: taken again by compare-and-swap where it is as it was left, and from nobody else.

import { expect, test } from 'vitest';
import { DriverError } from '../../src/drivers/failure.ts';
import type { Lease, LeaseStore } from '../../src/drivers/store/store.ts';
import type { Clock } from '../../src/run/clock.ts';
import type { HeldLease } from '../../src/run/held-lease.ts';
import { acquireLease } from '../../src/run/lease-keeper.ts';
import { VirtualClock } from '../../sim/clock.ts';
import { memoryLease } from './memory-stores.ts';

const never = new AbortController().signal;
const unanswered = new DriverError({ reason: 'unavailable', attempted: 'reading the lease' });

/** `a` has it under epoch 1, and then slept for longer than it lasts. */
async function overslept(around: (store: LeaseStore) => LeaseStore = (store) => store) {
  const clock = new VirtualClock();
  const memory = memoryLease();
  let sleptMs = 0;
  const own: Clock = { now: () => clock.now() + sleptMs, sleep: (ms, signal) => clock.sleep(ms, signal) };
  const held = await acquireLease({ store: around(memory), clock: own, signal: never, holder: 'a', durationMs: 30_000 });
  sleptMs = 31_000;
  expect(() => held.assertHeld()).toThrow(/held up for longer/);
  return { clock, held, store: memory };
}

async function change(store: LeaseStore, changes: Partial<Lease>): Promise<void> {
  const present = await store.read();
  if (present !== undefined) await store.write({ ...present.lease, ...changes }, present.version);
}

async function epochAfter(held: HeldLease): Promise<number | undefined> {
  const again = await held.retake(never);
  await again?.release();
  return again?.epoch;
}

test('nobody has touched it: it is held again, under the next epoch, and the old one stays lost', async () => {
  const { held, store } = await overslept();
  const again = await held.retake(never);
  expect((await store.read())?.lease).toMatchObject({ holder: 'a', epoch: 2 });
  expect(again?.lost.aborted).toBe(false);
  again?.assertHeld();
  expect(() => held.assertHeld()).toThrow(/held up for longer/);
  await again?.release();
});

test('a wish that somebody wrote on it meanwhile is heard', async () => {
  const { held, store } = await overslept();
  await change(store, { cancel: 'run-1' });
  const again = await held.retake(never);
  expect(again?.cancelOf('run-1').aborted).toBe(true);
  await again?.release();
});

test.each([
  ['another holds it', { holder: 'b', epoch: 2 }],
  ['another has held it, and has given it back', { holder: '', epoch: 2 }],
  ['another process of the same name holds it', { epoch: 2 }],
  ['somebody took it off by hand', { holder: '' }],
])('%s: it is left as it is', async (_title, changes) => {
  const { held, store } = await overslept();
  await change(store, changes);
  const before = await store.read();
  expect(await epochAfter(held)).toBeUndefined();
  expect(await store.read()).toEqual(before);
});

test('another takes it between the look and the write: his it stays', async () => {
  const { held, store } = await overslept((memory) => ({
    ...memory,
    write: async (lease, version) => {
      if (lease.epoch === 2) await change(memory, { holder: 'b', epoch: 2 });
      return memory.write(lease, version);
    },
  }));
  expect(await epochAfter(held)).toBeUndefined();
  expect((await store.read())?.lease).toMatchObject({ holder: 'b' });
});

test('where the store does not answer it is asked for four times as long as the lease lasts, and then given up', async () => {
  let isAway = false;
  const { clock, held } = await overslept((memory) => ({ ...memory, read: () => (isAway ? Promise.reject(unanswered) : memory.read()) }));
  isAway = true;
  const before = clock.now();
  expect(await epochAfter(held)).toBeUndefined();
  expect(clock.now() - before).toBe(120_000);
});

test('one that is held, and one that another took while its holder was awake, is not taken again', async () => {
  const clock = new VirtualClock();
  const store = memoryLease();
  const held = await acquireLease({ store, clock, signal: never, holder: 'a', durationMs: 30_000 });
  expect(await epochAfter(held)).toBeUndefined();
  await change(store, { holder: 'b', epoch: 2 });
  await clock.sleep(11_000);
  expect(held.lost.aborted).toBe(true);
  await change(store, { holder: 'a', epoch: 1 });
  expect(await epochAfter(held)).toBeUndefined();
});
