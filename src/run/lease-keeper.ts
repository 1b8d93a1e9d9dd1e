// One writer: takes the lease from nobody who lives. Never decides by comparing two clocks.

import { Failure } from '../errors.ts';
import { failedWith } from '../drivers/failure.ts';
import type { Lease, LeaseStore } from '../drivers/store/store.ts';
import type { Clock, Milliseconds } from './clock.ts';
import { keepLease, type HeldLease, type StoredLease } from './held-lease.ts';
import { retry } from './retry.ts';
import { orStopped } from './stop.ts';

export interface AcquireOptions {
  readonly store: LeaseStore;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Who we are, for people: `host/pid`. */
  readonly holder: string;
  readonly durationMs: Milliseconds;
  /** What was written under this epoch is older than this lease. Default 0. */
  readonly above?: number;
  /** Called once when somebody seems to hold it and we look whether they are alive. */
  readonly onWait?: (holder: string, forMs: Milliseconds) => void;
}

/**
 * Takes the lease. One that is held is watched for its whole duration: a renewal in that time means that its holder
 * lives (Failure 'Locked'); silence means that it does not. So a clock that is wrong can never steal a lease.
 */
export async function acquireLease(options: AcquireOptions): Promise<HeldLease> {
  const present = await read(options);
  return take(present === undefined || present.lease.holder === '' ? present : await waitForSilence(present, options), options);
}

/** A question only: whoever is asked to stop need not wait for its answer. */
function read({ store, clock, signal }: AcquireOptions): Promise<StoredLease | undefined> {
  return orStopped(retry(() => store.read(), { clock, signal }), signal);
}

/** The lease as it is when it is released, or when its holder was not heard of for all its duration. */
async function waitForSilence(seen: StoredLease, options: AcquireOptions): Promise<StoredLease> {
  const { store, clock, signal } = options;
  // What was slept, and not what the clock says: that may be set while we wait.
  let leftMs = seen.lease.durationMs;
  options.onWait?.(seen.lease.holder, leftMs);
  for (let latest = seen; ; ) {
    if (latest.lease.holder === '') return latest;
    if (!isSameRenewal(latest.lease, seen.lease)) throw locked(latest.lease, store);
    if (leftMs <= 0) return latest;
    const pauseMs = Math.min(1_000, leftMs);
    await clock.sleep(pauseMs, signal);
    leftMs -= pauseMs;
    // Deleted meanwhile: then writing over what was seen is a conflict.
    latest = (await read(options)) ?? latest;
  }
}

/** A version tells nothing of its holder: others write on the lease as well (`cancel`, `lock`). */
function isSameRenewal(left: Lease, right: Lease): boolean {
  return left.epoch === right.epoch && left.holder === right.holder && left.renewedAt === right.renewedAt;
}

function locked(lease: Lease, store: LeaseStore): Failure {
  const renewed = new Date(lease.renewedAt).toISOString();
  return new Failure('Locked', {
    summary: `${lease.holder} holds it since ${new Date(lease.acquiredAt).toISOString()} (renewed ${renewed})`,
    object: store.describe,
    since: new Date(lease.acquiredAt).toISOString(),
  });
}

async function take(seen: StoredLease | undefined, options: AcquireOptions): Promise<HeldLease> {
  const { store, clock, holder, durationMs, above = 0 } = options;
  const now = clock.now();
  const { epoch = 0, ...asked } = seen?.lease ?? {};
  const lease: Lease = { ...asked, holder, epoch: Math.max(epoch, above) + 1, durationMs, acquiredAt: now, renewedAt: now };
  try {
    return keepLease({ lease, version: await store.write(lease, seen?.version) }, options);
  } catch (error) {
    if (!failedWith(error, 'conflict')) throw error;
    const winner = await store.read();
    throw locked(winner?.lease ?? lease, store);
  }
}
