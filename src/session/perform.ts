// Performs one operation from lock to unlock: finishes or unwinds what an earlier run left, plans, records, runs.

import { operations } from '../operations/operations.ts';
import { Failure } from '../errors.ts';
import { asFailure } from '../drivers/failure.ts';
import { fenced } from '../drivers/fence.ts';
import { readRecords } from '../observe/records.ts';
import { timestamp } from '../run/clock.ts';
import { endOf } from '../run/ends.ts';
import { runOperation } from '../run/engine.ts';
import type { HeldLease } from '../run/held-lease.ts';
import { createJournal } from '../run/journal.ts';
import { isUnfinished, type RunRecord } from '../run/record.ts';
import { retry } from '../run/retry.ts';
import type { Json } from '../run/step.ts';
import { orStopped } from '../run/stop.ts';
import type { World } from '../steps/world.ts';
import { chartNow } from './chart-now.ts';
import { configurationHash, runId } from './identity.ts';
import { assertRightCluster, assertTargetIsThere, intend, type Intent } from './intend.ts';
import { assertInterval } from './interval.ts';
import { underLock } from './lock.ts';
import { notifyEnd, notifyStart } from './notify.ts';
import { decide, unfinishedRuns, type Decision } from './resume.ts';
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
  const answer: Answer = { run: undefined };
  const work = async (lease: HeldLease): Promise<Performed> => {
    // A run that this process has begun afresh is not begun afresh a second time because the lock ran out under it.
    const wanted: Wanted = { ...options, fresh: options.fresh && answer.run === undefined, intent, answer };
    const own = { ...session, drivers: fenced(session.drivers, () => lease.assertHeld()) };
    await orStopped(reachReleases(own), session.stop);
    const earlier = await finishEarlier(own, lease, wanted);
    if (earlier.result !== undefined) return earlier.result;
    const done = (await endedMeanwhile(own, answer)) ?? (await cancelledBefore(own)) ?? (earlier.wasReplaced ? undefined : await doneAlready(own, wanted));
    return done ?? (await begin(own, lease, wanted));
  };
  return underLock(session, work, ({ failure }) => failure?.code === 'LockLost');
}

/** Its last word was stored, and this process did not hear so before the lock ran out: nothing is begun a second time. */
async function endedMeanwhile({ drivers, clock, stop }: Session, { run }: Answer): Promise<Performed | undefined> {
  if (run === undefined) return undefined;
  const records = await orStopped(retry(() => readRecords(drivers.records), { clock, signal: stop }), stop);
  const record = records.find((stored) => stored.record.id === run)?.record;
  return record === undefined || isUnfinished(record) ? undefined : { ...endOf(record), record };
}

/** Which run is what was asked for: this process has begun it, or goes on with it. Known again after the lock ran out under it. */
interface Answer {
  run: string | undefined;
}

interface Wanted extends PerformOptions {
  readonly intent: Intent;
  readonly answer: Answer;
}

interface Earlier {
  /** Of an unfinished run that was this very operation; undefined when a new run is to begin. */
  readonly result: Performed | undefined;
  /** One of them another pod of this very Job had only begun: whoever begins anew in its place does not come too soon. */
  readonly wasReplaced: boolean;
}

async function finishEarlier(session: Session, lease: HeldLease, wanted: Wanted): Promise<Earlier> {
  let wasReplaced = false;
  const unfinished = await orStopped(unfinishedRuns(session), session.stop);
  if (unfinished.length > 0) await assertTargetIsThere(session, wanted.intent);
  for (const stored of unfinished) {
    const cancel = lease.cancelOf(stored.record.id);
    const asked = { isCancelled: cancel.aborted, isReplacement: isReplaced(stored.record.holder, lease.holder) };
    wasReplaced ||= asked.isReplacement && stored.record.operation === wanted.intent.operation;
    const decision = decide(stored.record, { ...wanted.intent, ...asked, fresh: wanted.fresh, hash: configurationHash(session.environment), chart: await orStopped(chartNow(session, stored.record), session.stop) });
    const isTheResult = decision.isTheResult || (decision.action === 'resume' && stored.record.id === wanted.answer.run);
    if (isTheResult) wanted.answer.run = stored.record.id;
    else if (stored.record.id === wanted.answer.run) wanted.answer.run = undefined;
    session.say(`run ${stored.record.id} (${stored.record.operation}) was not finished: ${decision.reason}`);
    const performed = await finish(session, lease, { stored, decision: decision.action === 'resume' ? { action: 'resume' } : { action: 'unwind', failure: whyUnwound(cancel, decision) } });
    if (isTheResult || performed.outcome === 'needsHuman' || performed.outcome === 'interrupted') return { result: performed, wasReplaced };
    // Whoever cancels what this process does has no wish for what it was to do next.
    if (session.stop.aborted || lease.lost.aborted || performed.failure?.code === 'LockLost' || (cancel.aborted && !asked.isCancelled)) return { result: performed, wasReplaced };
  }
  return { result: undefined, wasReplaced };
}

/** A run that was stopped and is not resumed has failed, whoever stopped it. */
function whyUnwound(cancel: AbortSignal, { reason, isTheResult }: Decision): Failure {
  if (cancel.aborted) return cancel.reason as Failure;
  return isTheResult ? new Failure('TakenBack', { summary: reason }) : new Failure('Interrupted', { summary: reason, exitCode: 1 });
}

/** Not asked where there was a run of this Job to go on with: a pod that replaces a lost one is never told that it comes too soon. */
async function doneAlready(session: Session, { intent: { operation }, scheduled }: Wanted): Promise<Performed | undefined> {
  const record = scheduled === true ? await assertInterval(session, operation) : undefined;
  return record && { outcome: 'succeeded', exitCode: 0, failure: undefined, record };
}

async function begin(session: Session, lease: HeldLease, { intent, answer }: Wanted): Promise<Performed> {
  const { clock, drivers, identities } = session;
  const suffix = identities.suffix();
  const { plan } = await orStopped(intend(session, intent, { suffix, questions: () => [] }), session.stop);
  const record = newRecord({ session, lease, plan, id: runId(clock.now(), suffix) });
  const journal = await createJournal(record, { store: drivers.records, clock, lost: lease.lost });
  answer.run = record.id;
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
