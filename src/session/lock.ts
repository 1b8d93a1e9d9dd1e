// The lock of an environment: taken for every write, and put on by hand so that nobody begins a run. Knows no operation.

import { Failure } from '../errors.ts';
import { failedWith } from '../drivers/failure.ts';
import type { Lease } from '../drivers/store/store.ts';
import { describeLock, lockOf, lockText, type HandLock } from '../plan/lock.ts';
import { timestamp } from '../run/clock.ts';
import { keepLease, type HeldLease, type StoredLease } from '../run/held-lease.ts';
import { acquireLease } from '../run/lease-keeper.ts';
import { retry } from '../run/retry.ts';
import { orStopped } from '../run/stop.ts';
import { highestEpoch } from './epoch.ts';
import type { Session } from './session.ts';

export type LockSession = Pick<Session, 'environment' | 'drivers' | 'clock' | 'stop' | 'identities' | 'say'>;

/** A process that is held up again and again does not get on. */
const mostRetakes = 10;

/**
 * Rejects with Failure 'LockedByHand' at once, or with 'Locked' when another runner holds it and lives. `isCutShort`: whether work ended
 * because the lock ran out under it, and can be gone on with (default: it cannot). Then the lock is taken again, under a new epoch, if
 * nobody else has taken it, and the work goes on: what another process could go on with can the one that is there already.
 */
export async function underLock<T>(session: LockSession, work: (lease: HeldLease) => Promise<T>, isCutShort?: (ended: T) => boolean): Promise<T> {
  const { environment, drivers, clock, stop, identities, say } = session;
  await assertUnlocked(session);
  let lease = await acquireLease({
    store: drivers.lease,
    clock,
    signal: stop,
    holder: identities.holder,
    durationMs: environment.runner.leaseDuration,
    above: await orStopped(highestEpoch(session), stop),
    onWait: (holder, forMs) => say(`${holder} seems to hold the lock; watching for ${forMs / 1_000} s whether it is alive`),
  });
  try {
    // Whoever locked it since then has been told that nobody was running.
    await assertUnlocked(session);
    for (let retakes = 0; ; retakes += 1) {
      const [ended] = await Promise.allSettled([work(lease)]);
      const mayGoOn = ended.status === 'fulfilled' ? isCutShort?.(ended.value) : isCutShort !== undefined;
      const retaken = mayGoOn === true && retakes < mostRetakes && !stop.aborted ? await lease.retake(stop) : undefined;
      if (retaken === undefined) return valueOf(ended);
      lease = retaken;
      say(`the lock had run out, and nobody has taken it: going on under epoch ${lease.epoch}`);
    }
  } finally {
    await lease.release();
  }
}

function valueOf<T>(ended: PromiseSettledResult<T>): T {
  if (ended.status === 'rejected') throw ended.reason;
  return ended.value;
}

async function assertUnlocked(session: LockSession): Promise<void> {
  const lock = lockOf((await read(session))?.lease);
  if (lock === undefined) return;
  throw new Failure('LockedByHand', { summary: describeLock(lock), object: session.drivers.lease.describe, ...(lock.at === '' ? {} : { since: lock.at }) });
}

export interface LockState {
  readonly environment: string;
  readonly locked: HandLock | null;
  /** Who runs, if anybody. */
  readonly holder: Pick<Lease, 'holder' | 'acquiredAt' | 'renewedAt'> | null;
}

export async function readLock(session: Pick<LockSession, 'environment' | 'drivers' | 'clock' | 'stop'>): Promise<LockState> {
  const lease = (await read(session))?.lease;
  const runs = lease !== undefined && lease.holder !== '';
  return {
    environment: session.environment.environment,
    locked: lockOf(lease) ?? null,
    holder: runs ? { holder: lease.holder, acquiredAt: lease.acquiredAt, renewedAt: lease.renewedAt } : null,
  };
}

/** A run that is under way goes on. Rejects with Failure 'LockedByHand' when somebody has locked it for another reason. */
export async function lockByHand(session: LockSession, reason: string): Promise<LockState> {
  const { clock, identities } = session;
  const lock: HandLock = { by: identities.operator ?? identities.holder, reason, at: timestamp(clock) };
  await change(session, (lease) => {
    const present = lockOf(lease);
    // To lock it again for the same reason is what a command does whose answer was lost.
    if (present !== undefined && present.by === lock.by && present.reason === reason) return lease;
    if (present !== undefined) throw new Failure('LockedByHand', { summary: describeLock(present), object: session.drivers.lease.describe, since: present.at });
    return { ...lease, locked: lockText(lock) };
  });
  return readLock(session);
}

/** What was put on by hand is taken off; who runs is not disturbed. */
export async function unlock(session: LockSession): Promise<LockState> {
  await change(session, (lease) => (lease.locked === undefined ? lease : { ...lease, locked: undefined }));
  return readLock(session);
}

/**
 * Takes the lock from whoever holds it, alive or not, and gives it back when that runner can certainly write no more:
 * it counts from its own last renewal, which was before this. Killed meanwhile, the next run waits as for any dead runner.
 */
export async function wrest(session: LockSession): Promise<void> {
  const { environment, drivers, clock, stop, identities, say } = session;
  const durationMs = environment.runner.leaseDuration;
  const taken = await change(session, (lease) => {
    if (lease.holder === '') return lease;
    const now = clock.now();
    return { ...lease, holder: identities.holder, epoch: lease.epoch + 1, durationMs: Math.max(durationMs, lease.durationMs), acquiredAt: now, renewedAt: now };
  });
  if (taken?.lease.holder !== identities.holder) return;
  const held = keepLease(taken, { store: drivers.lease, clock, durationMs: taken.lease.durationMs });
  say(`waiting for ${taken.lease.durationMs / 1_000} s, until the runner that had it can write no more`);
  await clock.sleep(taken.lease.durationMs, stop);
  await held.release();
}

function read({ drivers, clock, stop }: Pick<LockSession, 'drivers' | 'clock' | 'stop'>): Promise<StoredLease | undefined> {
  return retry(() => drivers.lease.read(), { clock, signal: stop });
}

/** More often than this nobody else writes on it between a reading and a writing. */
const mostAttempts = 10;

/** Compares and swaps until it is stored; what is not changed is not written. A lease that is not there yet is one that nobody has held. */
async function change(session: LockSession, changed: (lease: Lease) => Lease): Promise<StoredLease | undefined> {
  const { environment, drivers: { lease: store }, clock, stop } = session;
  for (let attempt = 1; ; attempt += 1) {
    const stored = await read(session);
    const present = stored?.lease ?? { holder: '', epoch: 0, durationMs: environment.runner.leaseDuration, acquiredAt: clock.now(), renewedAt: clock.now() };
    const wanted = changed(present);
    if (wanted === present) return stored;
    try {
      return { lease: wanted, version: await retry(() => store.write(wanted, stored?.version), { clock, signal: stop }) };
    } catch (error) {
      // Also our own write, whose answer was lost: what is read next has it.
      if (!failedWith(error, 'conflict') || attempt >= mostAttempts) throw error;
    }
  }
}
