// Performs one operation from lock to unlock: finishes or unwinds what an earlier run left, plans, records, runs.

import { operations } from '../operations/operations.ts';
import { Failure } from '../errors.ts';
import { asFailure } from '../drivers/failure.ts';
import { fenced } from '../drivers/fence.ts';
import { timestamp } from '../run/clock.ts';
import { runOperation } from '../run/engine.ts';
import type { HeldLease } from '../run/held-lease.ts';
import { createJournal } from '../run/journal.ts';
import type { RunRecord } from '../run/record.ts';
import type { Json } from '../run/step.ts';
import { orStopped } from '../run/stop.ts';
import type { World } from '../steps/world.ts';
import { chartNow } from './chart-now.ts';
import { configurationHash, runId } from './identity.ts';
import { assertRightCluster, assertTargetIsThere, intend, type Intent } from './intend.ts';
import { assertInterval } from './interval.ts';
import { underLock } from './lock.ts';
import { notifyEnd, notifyStart } from './notify.ts';
import { decide, unfinishedRuns } from './resume.ts';
import { pruneRecords } from './prune.ts';
import { reachReleases } from './reach.ts';
import { readRun } from './readable.ts';
import { cancelledBefore } from './replacement.ts';
import type { Session } from './session.ts';
import { isReplaced } from './too-soon.ts';
import { engineOptions, finish, type Performed } from './unfinished.ts';

export interface PerformOptions {
  /** Unwind an unfinished run instead of resuming it. */
  readonly fresh: boolean;
  /** A schedule has started it: refused when the last one that went well has only just begun. */
  readonly scheduled?: boolean;
}

/** Rejects with a Failure when it could not even begin (wrong cluster, locked, too soon, damaged record, nothing to go back to, stopped). */
export async function perform(session: Session, intent: Intent, options: PerformOptions): Promise<Performed> {
  try {
    return await performLocked(session, intent, options);
  } catch (error) {
    // The network of a pod may go before the pod does: that it could not be asked on is no end of its own, by which its Job would end.
    throw session.stop.aborted && asFailure(error).exitCode === 1 ? session.stop.reason : error;
  }
}

async function performLocked(session: Session, intent: Intent, options: PerformOptions): Promise<Performed> {
  await assertRightCluster(session);
  let hasBegun = false;
  const work = async (lease: HeldLease): Promise<Performed> => {
    // A run that this process has begun afresh is not begun afresh a second time because the lock ran out under it.
    const chosen = { ...options, fresh: options.fresh && !hasBegun };
    const beginNow = (): Promise<Performed> => {
      hasBegun = true;
      return begin(own, lease, intent);
    };
    const own = { ...session, drivers: fenced(session.drivers, () => lease.assertHeld()) };
    await orStopped(reachReleases(own), session.stop);
    const earlier = await finishEarlier(own, lease, { intent, ...chosen });
    if (earlier.result !== undefined) return earlier.result;
    return (await cancelledBefore(own)) ?? (earlier.wasReplaced ? undefined : await doneAlready(own, intent, chosen)) ?? (await beginNow());
  };
  return underLock(session, work, ({ failure }) => failure?.code === 'LockLost');
}

interface Earlier {
  /** Of an unfinished run that was this very operation; undefined when a new run is to begin. */
  readonly result: Performed | undefined;
  /** One of them another pod of this very Job had only begun: whoever begins anew in its place does not come too soon. */
  readonly wasReplaced: boolean;
}

async function finishEarlier(session: Session, lease: HeldLease, wanted: PerformOptions & { readonly intent: Intent }): Promise<Earlier> {
  let wasReplaced = false;
  const unfinished = await orStopped(unfinishedRuns(session), session.stop);
  if (unfinished.length > 0) await assertTargetIsThere(session, wanted.intent);
  for (const stored of unfinished) {
    const cancel = lease.cancelOf(stored.record.id);
    const asked = { isCancelled: cancel.aborted, isReplacement: isReplaced(stored.record.holder, lease.holder) };
    wasReplaced ||= asked.isReplacement && stored.record.operation === wanted.intent.operation;
    const decision = decide(stored.record, { ...wanted.intent, ...asked, fresh: wanted.fresh, hash: configurationHash(session.environment), chart: await orStopped(chartNow(session, stored.record), session.stop) });
    session.say(`run ${stored.record.id} (${stored.record.operation}) was not finished: ${decision.reason}`);
    const performed = await finish(session, lease, { stored, decision: decision.action === 'resume' ? { action: 'resume' } : { action: 'unwind', failure: whyUnwound(cancel, decision.reason) } });
    if (decision.isTheResult || performed.outcome === 'needsHuman' || performed.outcome === 'interrupted') return { result: performed, wasReplaced };
    // Whoever cancels what this process does has no wish for what it was to do next.
    if (session.stop.aborted || lease.lost.aborted || performed.failure?.code === 'LockLost' || (cancel.aborted && !asked.isCancelled)) return { result: performed, wasReplaced };
  }
  return { result: undefined, wasReplaced };
}

/** A run that was stopped and is not resumed has failed, whoever stopped it. */
function whyUnwound(cancel: AbortSignal, reason: string): Failure {
  return cancel.aborted ? (cancel.reason as Failure) : new Failure('Interrupted', { summary: reason, exitCode: 1 });
}

/** Not asked where there was a run of this Job to go on with: a pod that replaces a lost one is never told that it comes too soon. */
async function doneAlready(session: Session, { operation }: Intent, { scheduled }: PerformOptions): Promise<Performed | undefined> {
  const record = scheduled === true ? await assertInterval(session, operation) : undefined;
  return record && { outcome: 'succeeded', exitCode: 0, failure: undefined, record };
}

async function begin(session: Session, lease: HeldLease, intent: Intent): Promise<Performed> {
  const { clock, drivers, identities } = session;
  const suffix = identities.suffix();
  const { plan } = await orStopped(intend(session, intent, { suffix, questions: () => [] }), session.stop);
  const record = newRecord({ session, lease, plan, id: runId(clock.now(), suffix) });
  const journal = await createJournal(record, { store: drivers.records, clock, lost: lease.lost });
  await notifyStart(session, record);
  const result = await runOperation(engineOptions(readRun({ record, describe: `record of run ${record.id}` }), { session, lease, journal }));
  await notifyEnd(session, journal.durable);
  if (!lease.lost.aborted) await pruneRecords(session);
  return { ...result, record: journal.record };
}

interface NewRecord {
  readonly session: Session;
  readonly lease: HeldLease;
  readonly plan: World['plan'];
  readonly id: string;
}

function newRecord({ session: { environment, clock }, lease, plan, id }: NewRecord): RunRecord {
  return {
    version: 1,
    id,
    operation: plan.operation,
    environment: environment.environment,
    epoch: lease.epoch,
    holder: lease.holder,
    startedAt: timestamp(clock),
    outcome: 'running',
    planHash: configurationHash(environment),
    plan: plan as Json,
    steps: operations[plan.operation]?.steps.map(({ name }) => ({ name, state: 'pending' })) ?? [],
    warnings: [],
  };
}
