// Sees to it that the run which is going on is unwound: by the process that does it, or by this one when nobody does. Prints nothing.

import { Failure } from '../errors.ts';
import { failedWith } from '../drivers/failure.ts';
import { fenced } from '../drivers/fence.ts';
import { eventsBetween } from '../follow/record-events.ts';
import { readRecords, type StoredRecord } from '../observe/records.ts';
import { titlesOf } from '../operations/titles.ts';
import type { HeldLease, StoredLease } from '../run/held-lease.ts';
import { acquireLease } from '../run/lease-keeper.ts';
import { isUnfinished, type RunRecord } from '../run/record.ts';
import { retry } from '../run/retry.ts';
import { orStopped } from '../run/stop.ts';
import { highestEpoch } from './epoch.ts';
import { assertRightCluster } from './intend.ts';
import { reachReleases } from './reach.ts';
import { isCommitted } from './resume.ts';
import type { Session } from './session.ts';
import { finish, type Performed } from './unfinished.ts';

export interface CancelOptions {
  /** Until the run is over; else only until its holder is asked, if there is one. */
  readonly wait: boolean;
}

/** `asked`: its holder has been told, and is not waited for. */
export type Cancelled = { readonly kind: 'nothing' } | { readonly kind: 'asked' | 'over'; readonly record: RunRecord };

const pauseMs = 1_000;

interface Sight {
  readonly lease: StoredLease | undefined;
  readonly records: readonly StoredRecord[];
}

/** Rejects with a Failure when it cannot find out what is going on, or is asked to stop; a request once written stays. */
export async function cancelRun(session: Session, { wait }: CancelOptions): Promise<Cancelled> {
  await assertRightCluster(session);
  const follower = new Follower(session);
  for (;;) {
    const sight = await look(session);
    const target = follower.see(sight);
    if (target !== undefined && !isUnfinished(target.record)) return { kind: 'over', record: target.record };
    const holder = sight.lease?.lease.holder ?? '';
    if (holder === '' && !sight.records.some(({ record }) => isUnfinished(record))) return { kind: 'nothing' };
    if (holder === '' || follower.isSilent(sight.lease)) {
      const taken = await takeOver(session);
      if (taken !== undefined) return taken;
    } else if (target !== undefined) {
      const isAsked = await ask(session, sight.lease, target.record);
      if (!wait && (isAsked || isCommitted(target.record))) return { kind: 'asked', record: target.record };
    }
    await session.clock.sleep(pauseMs, session.stop);
  }
}

function look({ drivers, clock, stop: signal }: Session): Promise<Sight> {
  const asked = Promise.all([retry(() => drivers.lease.read(), { clock, signal }), retry(() => readRecords(drivers.records), { clock, signal })]);
  return orStopped(asked.then(([lease, records]) => ({ lease, records })), signal);
}

/** Keeps in mind which run is meant, and tells what becomes of it. */
class Follower {
  readonly #session: Session;
  #target: RunRecord | undefined;
  #renewal = '';
  #renewalSeenAt = 0;
  #toldCommitted = false;

  constructor(session: Session) {
    this.#session = session;
  }

  /** The run of whoever holds the lock; once found, it stays the one that is meant. */
  see({ lease, records }: Sight): StoredRecord | undefined {
    const found = records.find(({ record }) => (this.#target === undefined ? isRunning(record, lease) : record.id === this.#target.id));
    if (found !== undefined) this.#tell(found.record);
    return found;
  }

  /** A holder renews its lease three times in its duration: this is to wait for it twice. Then its death is made sure of. */
  isSilent(lease: StoredLease | undefined): boolean {
    const { clock } = this.#session;
    const { epoch, renewedAt = 0, durationMs = 0 } = lease?.lease ?? {};
    const renewal = `${epoch} ${renewedAt}`;
    if (renewal !== this.#renewal) this.#renewalSeenAt = clock.now();
    this.#renewal = renewal;
    return clock.now() - this.#renewalSeenAt >= (durationMs * 2) / 3;
  }

  #tell(record: RunRecord): void {
    const { report, say, clock } = this.#session;
    for (const event of eventsBetween(this.#target, record, { titles: titlesOf(record.operation), at: clock.now() })) report(event);
    this.#target = record;
    if (this.#toldCommitted || !isCommitted(record) || !isUnfinished(record)) return;
    this.#toldCommitted = true;
    say(`run ${record.id} is past the point of no return: the public is on the new release, and the one before is being removed. It is completed`);
  }
}

function isRunning(record: RunRecord, stored: StoredLease | undefined): boolean {
  return isUnfinished(record) && stored?.lease.epoch === record.epoch && stored.lease.holder !== '';
}

/** Whether its holder has been asked, now or before. */
async function ask({ drivers, say }: Session, stored: StoredLease | undefined, record: RunRecord): Promise<boolean> {
  if (stored === undefined || isCommitted(record)) return false;
  if (stored.lease.cancel === record.id) return true;
  try {
    await drivers.lease.write({ ...stored.lease, cancel: record.id }, stored.version);
  } catch (error) {
    // A renewal was faster, or the answer was lost: the next look tells.
    if (failedWith(error, 'conflict', 'timeout', 'unavailable')) return false;
    throw error;
  }
  say(`asked ${stored.lease.holder} to cancel run ${record.id}; it looks at every renewal of its lock, within ${Math.ceil(stored.lease.durationMs / 3_000)} s`);
  return true;
}

/** Unwinds what nobody works on; undefined when somebody does. */
async function takeOver(session: Session): Promise<Cancelled | undefined> {
  const { drivers, environment, clock, stop, identities, say } = session;
  const onWait = (holder: string, forMs: number): void => say(`nothing is heard of ${holder}, who holds the lock; watching for ${forMs / 1_000} s whether it is alive`);
  const options = { store: drivers.lease, clock, signal: stop, holder: identities.holder, durationMs: environment.runner.leaseDuration, above: await orStopped(highestEpoch(session), stop), onWait };
  const lease = await acquireLease(options).catch(unlessLocked);
  if (lease === undefined) return undefined;
  try {
    return await unwindAll({ ...session, drivers: fenced(drivers, () => lease.assertHeld()) }, lease);
  } finally {
    await lease.release();
  }
}

function unlessLocked(error: unknown): undefined {
  if (!(error instanceof Failure) || error.code !== 'Locked') throw error;
}

async function unwindAll(session: Session, lease: HeldLease): Promise<Cancelled> {
  await orStopped(reachReleases(session), session.stop);
  const { records } = await look(session);
  let last: Performed | undefined;
  for (const stored of records.filter(({ record }) => isUnfinished(record))) {
    session.say(`nobody works on run ${stored.record.id} any more; it is ${isCommitted(stored.record) ? 'past the point of no return, and completed' : 'unwound'} here`);
    last = await finish(session, lease, { stored, decision: decisionFor(stored.record), holder: stored.record.holder });
    if (last.outcome === 'needsHuman' || last.outcome === 'interrupted' || lease.lost.aborted) break;
  }
  if (last === undefined) return { kind: 'nothing' };
  // Not over: it goes on where it stands, by whoever comes next.
  const { outcome, failure } = last;
  if (failure !== undefined && (outcome === 'interrupted' || failure.code === 'LockLost')) throw failure;
  return { kind: 'over', record: last.record };
}

function decisionFor(record: RunRecord): Parameters<typeof finish>[2]['decision'] {
  if (record.failure !== undefined || isCommitted(record)) return { action: 'resume' };
  return { action: 'unwind', failure: new Failure('Cancelled', { summary: 'somebody asked for it: changeover cancel' }) };
}
