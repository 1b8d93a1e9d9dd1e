// One writer: takes the lease, renews it, and tells at once when it is lost. Never decides by comparing two clocks.

import { Failure } from '../errors.ts';
import { failedWith } from '../drivers/failure.ts';
import type { Lease, LeaseStore } from '../drivers/store/store.ts';
import type { Clock, Milliseconds } from './clock.ts';
import { retry } from './retry.ts';

export interface HeldLease {
  readonly epoch: number;
  readonly holder: string;
  /** Aborts, with a Failure 'LockLost', when this runner must not write any more. */
  readonly lost: AbortSignal;
  /** Throws Failure 'LockLost' unless the lease is certainly still ours; asks nobody. Call before every outside effect. */
  assertHeld(): void;
  /** Gives it back, so that the next run need not wait. */
  release(): Promise<void>;
}

export interface AcquireOptions {
  readonly store: LeaseStore;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Who we are, for people: `host/pid`. */
  readonly holder: string;
  readonly durationMs: Milliseconds;
  /** Called once when somebody seems to hold it and we look whether they are alive. */
  readonly onWait?: (holder: string, forMs: Milliseconds) => void;
}

type Present = Awaited<ReturnType<LeaseStore['read']>>;

/**
 * Takes the lease. One that is held is watched for its whole duration: a renewal in that time means that its holder
 * lives (Failure 'Locked'); silence means that it does not. So a clock that is wrong can never steal a lease.
 */
export async function acquireLease(options: AcquireOptions): Promise<HeldLease> {
  const { store, clock, signal } = options;
  const present = await retry(() => store.read(), { clock, signal });
  if (present !== undefined && present.lease.holder !== '') await waitForSilence(present, options);
  return take(present, options);
}

async function waitForSilence(seen: NonNullable<Present>, options: AcquireOptions): Promise<void> {
  const { store, clock, signal } = options;
  const until = clock.now() + seen.lease.durationMs;
  options.onWait?.(seen.lease.holder, seen.lease.durationMs);
  while (clock.now() < until) {
    await clock.sleep(Math.min(1_000, until - clock.now()), signal);
    const present = await retry(() => store.read(), { clock, signal });
    if (present?.lease.holder === '') return;
    if (present !== undefined && present.version !== seen.version) throw locked(present.lease, store);
  }
}

function locked(lease: Lease, store: LeaseStore): Failure {
  const renewed = new Date(lease.renewedAt).toISOString();
  return new Failure('Locked', {
    summary: `${lease.holder} holds it since ${new Date(lease.acquiredAt).toISOString()} (renewed ${renewed})`,
    object: store.describe,
    next: `Wait for it (changeover status -w). If that runner is certainly gone, release the lock with: ${releaseCommand(store)}`,
  });
}

function releaseCommand(store: LeaseStore): string {
  const [namespace, name] = store.describe.replace(/^Lease /, '').split('/');
  return `kubectl -n ${namespace} delete lease ${name}`;
}

async function take(seen: Present, options: AcquireOptions): Promise<HeldLease> {
  const { store, clock, holder, durationMs } = options;
  const latest = await store.read();
  // Released meanwhile: its version differs from what was watched, and that is fine.
  const present = latest?.lease.holder === '' ? latest : seen;
  const now = clock.now();
  const lease: Lease = { holder, epoch: (present?.lease.epoch ?? 0) + 1, durationMs, acquiredAt: now, renewedAt: now };
  try {
    return keep(lease, await store.write(lease, present?.version), options);
  } catch (error) {
    if (!failedWith(error, 'conflict')) throw error;
    const winner = await store.read();
    throw locked(winner?.lease ?? lease, store);
  }
}

function keep(first: Lease, firstVersion: string, options: AcquireOptions): HeldLease {
  const { store, clock, durationMs } = options;
  const lost = new AbortController();
  const ended = new AbortController();
  let lease = first;
  let version = firstVersion;
  // Counted from when the renewal was sent, not answered: another runner counts from when it was stored.
  let certainUntil = first.renewedAt + durationMs;

  const lose = (summary: string): void => lost.abort(new Failure('LockLost', { summary, object: store.describe }));

  async function renew(): Promise<void> {
    const sentAt = clock.now();
    const renewed = { ...lease, renewedAt: sentAt };
    version = await writeOwn(renewed, version, store);
    lease = renewed;
    certainUntil = sentAt + durationMs;
  }

  async function renewForever(): Promise<void> {
    while (!ended.signal.aborted) {
      await clock.sleep(durationMs / 3, ended.signal);
      try {
        await renew();
      } catch (error) {
        if (failedWith(error, 'conflict')) return lose('another runner has taken it');
        // One failed renewal is not the end; a lease that ran out is.
        if (clock.now() >= certainUntil) return lose('it could not be renewed in time');
      }
    }
  }

  const renewing = renewForever().catch(() => undefined);

  return {
    epoch: first.epoch,
    holder: first.holder,
    lost: lost.signal,
    assertHeld: () => {
      if (clock.now() >= certainUntil) lose('this runner was held up for longer than the lease lasts');
      lost.signal.throwIfAborted();
    },
    release: async () => {
      ended.abort();
      await renewing;
      if (lost.signal.aborted) return;
      await store.write({ ...lease, holder: '' }, version).catch(() => undefined);
    },
  };
}

/** A conflict may be our own write whose answer was lost. */
async function writeOwn(lease: Lease, version: string, store: LeaseStore): Promise<string> {
  try {
    return await store.write(lease, version);
  } catch (error) {
    if (!failedWith(error, 'conflict')) throw error;
    const present = await store.read();
    if (present?.lease.epoch === lease.epoch && present.lease.holder === lease.holder) return present.version;
    throw error;
  }
}
