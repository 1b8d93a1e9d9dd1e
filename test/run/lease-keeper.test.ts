// Who may write: taking, renewing, losing the lease, on a clock that passes by itself.

import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/errors.ts';
import type { Lease, LeaseStore } from '../../src/drivers/store/store.ts';
import type { Clock } from '../../src/run/clock.ts';
import { acquireLease, type AcquireOptions } from '../../src/run/lease-keeper.ts';
import { VirtualClock } from '../../sim/clock.ts';
import { memoryLease } from './memory-stores.ts';

const never = new AbortController().signal;

function world() {
  const clock = new VirtualClock();
  const store = memoryLease();
  const acquire = (holder: string, more: Partial<AcquireOptions> = {}) => acquireLease({ store, clock, signal: never, holder, durationMs: 30_000, ...more });
  return { clock, store, acquire };
}

/** Somebody else's request on the lease, by compare-and-swap. */
async function ask(store: LeaseStore, request: Partial<Lease>): Promise<void> {
  const present = await store.read();
  if (present !== undefined) await store.write({ ...present.lease, ...request }, present.version);
}

async function codeOf(attempt: Promise<unknown>): Promise<string> {
  const error = await attempt.then(() => undefined, (reason: unknown) => reason);
  return error instanceof Failure ? error.code : `not a Failure: ${String(error)}`;
}

describe('taking the lease', () => {
  test('gives epoch 1 to the first and one more to each that follows', async () => {
    const { acquire } = world();
    const first = await acquire('a');
    expect(first.epoch).toBe(1);
    await first.release();
    const second = await acquire('b');
    expect(second.epoch).toBe(2);
    await second.release();
  });

  test('is refused while its holder lives, naming the holder, the lease and the commands that stop it, or take it', async () => {
    const { acquire } = world();
    const held = await acquire('pod-1');
    const refused = await acquire('laptop').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Failure);
    const failure = refused as Failure;
    expect(failure.code).toBe('Locked');
    expect(failure.exitCode).toBe(5);
    expect(failure.facts.summary).toContain('pod-1 holds it since');
    expect([failure.facts.object, failure.next]).toEqual([expect.stringContaining('Lease'), expect.stringMatching(/: changeover lock release --force\n.*: changeover cancel$/)]);
    await held.release();
  });

  test('waits in vain for one renewal and no longer', async () => {
    const { clock, acquire } = world();
    const held = await acquire('pod-1');
    const startedAt = clock.now();
    await codeOf(acquire('laptop'));
    expect(clock.now() - startedAt).toBeLessThanOrEqual(11_000);
    await held.release();
  });

  test('takes over from a dead holder after its whole duration of silence, whatever its clock said', async () => {
    const { clock, store, acquire } = world();
    const tomorrow = clock.now() + 86_400_000;
    await store.write({ holder: 'dead', epoch: 7, durationMs: 30_000, acquiredAt: tomorrow, renewedAt: tomorrow }, undefined);
    const startedAt = clock.now();
    const held = await acquire('next');
    expect(clock.now() - startedAt).toBe(30_000);
    expect(held.epoch).toBe(8);
    await held.release();
  });

  test('is not taken from a holder that lives because the clock of whoever waits is set forward meanwhile', async () => {
    const { clock, acquire } = world();
    const held = await acquire('pod-1');
    let ahead = 0;
    clock.after(2_500, () => (ahead = 3_600_000));
    const set: Clock = { now: () => clock.now() + ahead, sleep: (ms, signal) => clock.sleep(ms, signal) };
    expect(await codeOf(acquire('laptop', { clock: set }))).toBe('Locked');
    await held.release();
  });

  test('goes to exactly one of two that want it at the same moment', async () => {
    const { acquire } = world();
    const results = await Promise.allSettled([acquire('a'), acquire('b')]);
    const winners = results.filter((result) => result.status === 'fulfilled');
    expect(winners).toHaveLength(1);
    await winners[0]?.value.release();
  });
});

describe('keeping the lease', () => {
  test('renews it for two days', async () => {
    const { clock, acquire } = world();
    const held = await acquire('a');
    await clock.sleep(48 * 3_600_000);
    expect(() => held.assertHeld()).not.toThrow();
    await held.release();
  });

  test('is over as soon as somebody else has written', async () => {
    const { clock, store, acquire } = world();
    const held = await acquire('a');
    store.force({ holder: 'b', epoch: 2, durationMs: 30_000, acquiredAt: 0, renewedAt: 0 });
    await clock.sleep(11_000);
    expect(held.lost.aborted).toBe(true);
    expect(() => held.assertHeld()).toThrow(/lost its lock/);
    await held.release();
    expect((await store.read())?.lease.holder).toBe('b');
  });

  test('is over for a runner that slept past its end, before any renewal could tell it', async () => {
    const { clock, store } = world();
    let stopped = false;
    const pausing: Clock = { now: () => clock.now() + (stopped ? 31_000 : 0), sleep: (ms, signal) => clock.sleep(ms, signal) };
    const held = await acquireLease({ store, clock: pausing, signal: never, holder: 'a', durationMs: 30_000 });
    stopped = true;
    expect(() => held.assertHeld()).toThrow(/held up for longer/);
    await held.release();
  });

  test('is over for a runner that slept past its end, although the clock of its machine was set back by an hour meanwhile', async () => {
    const { clock, store } = world();
    let setMs = 0;
    let stopped = false;
    const now = (): number => clock.now() + (stopped ? 31_000 : 0);
    const setBack: Clock = { now: () => now() - setMs, ticks: now, sleep: (ms, signal) => clock.sleep(ms, signal) };
    const held = await acquireLease({ store, clock: setBack, signal: never, holder: 'a', durationMs: 30_000 });
    setMs = 3_600_000;
    expect(() => held.assertHeld()).not.toThrow();
    stopped = true;
    expect(() => held.assertHeld()).toThrow(/held up for longer/);
    await held.release();
  });

  test('is told to a runner that slept past its end without asking anybody: what it has started must be ended at once', async () => {
    const { clock, store } = world();
    let stopped = false;
    const pausing: Clock = { now: () => clock.now() + (stopped ? 31_000 : 0), sleep: (ms, signal) => clock.sleep(ms, signal) };
    const unheard: LeaseStore = { ...store, write: async (lease, version) => (stopped ? new Promise<never>(() => undefined) : store.write(lease, version)) };
    const held = await acquireLease({ store: unheard, clock: pausing, signal: never, holder: 'a', durationMs: 30_000 });
    stopped = true;
    await clock.sleep(11_000);
    expect(held.lost.reason).toMatchObject({ code: 'LockLost' });
    await held.release();
  });

  test('goes on although somebody writes a request on it, and is renewed all the same', async () => {
    const { clock, store, acquire } = world();
    const held = await acquire('a');
    await ask(store, { locked: 'maintenance' });
    const before = clock.now();
    await clock.sleep(11_000);
    expect(held.lost.aborted).toBe(false);
    expect((await store.read())?.lease).toMatchObject({ holder: 'a', locked: 'maintenance', renewedAt: before + 10_000 });
    await held.release();
  });

  test('survives one renewal whose answer was lost', async () => {
    const { clock, store, acquire } = world();
    const held = await acquire('a');
    const present = await store.read();
    // The write arrived, the answer did not: the next renewal meets a version that it does not know.
    if (present !== undefined) store.force({ ...present.lease, renewedAt: clock.now() + 1 });
    await clock.sleep(25_000);
    expect(held.lost.aborted).toBe(false);
    await held.release();
  });
});

describe('a request to cancel', () => {
  test('is heard at the next renewal, by the run that is meant', async () => {
    const { clock, store, acquire } = world();
    const held = await acquire('a');
    await ask(store, { cancel: 'run-1' });
    await clock.sleep(11_000);
    expect(held.cancelOf('run-1').reason).toMatchObject({ code: 'Cancelled' });
    expect(held.cancelOf('run-2').aborted).toBe(false);
    await held.release();
  });

  test('is heard by whoever takes over from a holder that died before it could hear it', async () => {
    const { store, acquire } = world();
    await store.write({ holder: 'dead', epoch: 1, durationMs: 30_000, acquiredAt: 0, renewedAt: 0 }, undefined);
    await ask(store, { cancel: 'run-1' });
    const held = await acquire('next');
    expect(held.cancelOf('run-1').aborted).toBe(true);
    await held.release();
  });

  test('does not keep a dead holder alive', async () => {
    const { clock, store, acquire } = world();
    await store.write({ holder: 'dead', epoch: 1, durationMs: 30_000, acquiredAt: 0, renewedAt: 0 }, undefined);
    const startedAt = clock.now();
    const taking = acquire('next');
    await clock.sleep(5_000);
    await ask(store, { cancel: 'run-1' });
    const held = await taking;
    expect([held.epoch, clock.now() - startedAt]).toEqual([2, 30_000]);
    await held.release();
  });

  test('that comes after the last renewal does not keep the lease from being given back', async () => {
    const { store, acquire } = world();
    const held = await acquire('a');
    await ask(store, { cancel: 'run-1' });
    await held.release();
    expect((await store.read())?.lease).toMatchObject({ holder: '', cancel: 'run-1' });
  });
});

test('whoever waits for the lease and is asked to stop need not wait for an answer that does not come', async () => {
  const { clock, store, acquire } = world();
  const stop = new AbortController();
  const silent = { ...store, read: () => new Promise<never>(() => undefined) };
  const asking = acquire('a', { store: silent, signal: stop.signal }).catch((error: unknown) => error);
  await clock.sleep(1_000);
  stop.abort(new Error('SIGINT'));
  expect(await asking).toMatchObject({ message: 'SIGINT' });
});
