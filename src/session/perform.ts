// Performs one operation from lock to unlock: finishes or unwinds what an earlier run left, plans, records, runs.

import { operations } from '../operations/operations.ts';
import { Failure } from '../errors.ts';
import { fenced } from '../drivers/fence.ts';
import { plan as planSchema } from '../plan/plan.ts';
import { timestamp } from '../run/clock.ts';
import { runOperation, unwindOperation, type EngineOptions, type RunResult } from '../run/engine.ts';
import { continueJournal, createJournal, type Journal } from '../run/journal.ts';
import { acquireLease, type HeldLease } from '../run/lease-keeper.ts';
import type { RunRecord } from '../run/record.ts';
import type { Json } from '../run/step.ts';
import type { StoredRecord } from '../observe/records.ts';
import type { World } from '../steps/world.ts';
import { chartNow } from './chart-now.ts';
import { configurationHash, runId } from './identity.ts';
import { assertRightCluster, assertTargetIsThere, intend, type Intent } from './intend.ts';
import { assertInterval } from './interval.ts';
import { notifyEnd, notifyStart } from './notify.ts';
import { decide, unfinishedRuns, type Decision } from './resume.ts';
import { pruneRecords } from './prune.ts';
import type { Session } from './session.ts';

export interface PerformOptions {
  /** Unwind an unfinished run instead of resuming it. */
  readonly fresh: boolean;
  /** A schedule has started it: refused when the last one that went well has only just begun. */
  readonly scheduled?: boolean;
}

export interface Performed extends RunResult {
  readonly record: RunRecord;
}

/** Rejects with a Failure when it could not even begin (wrong cluster, locked, too soon, damaged record, nothing to go back to). */
export async function perform(session: Session, intent: Intent, options: PerformOptions): Promise<Performed> {
  await assertRightCluster(session);
  const { environment, drivers, clock, stop, identities, say } = session;
  const lease = await acquireLease({
    store: drivers.lease,
    clock,
    signal: stop,
    holder: identities.holder,
    durationMs: environment.runner.leaseDuration,
    onWait: (holder, forMs) => say(`${holder} seems to hold the lock; watching for ${forMs / 1_000} s whether it is alive`),
  });
  try {
    const own = { ...session, drivers: fenced(drivers, () => lease.assertHeld()) };
    return (await finishEarlier(own, lease, { intent, ...options })) ?? (await doneAlready(own, intent, options)) ?? (await begin(own, lease, intent));
  } finally {
    await lease.release();
  }
}

/** The result of an unfinished run that was this very operation, or undefined when a new run is to begin. */
async function finishEarlier(session: Session, lease: HeldLease, wanted: PerformOptions & { readonly intent: Intent }): Promise<Performed | undefined> {
  const unfinished = await unfinishedRuns(session);
  if (unfinished.length > 0) await assertTargetIsThere(session, wanted.intent);
  for (const stored of unfinished) {
    const decision = decide(stored.record, { ...wanted.intent, fresh: wanted.fresh, hash: configurationHash(session.environment), chart: await chartNow(session, stored.record) });
    session.say(`run ${stored.record.id} (${stored.record.operation}) was not finished: ${decision.reason}`);
    const performed = await finish(session, lease, { stored, decision });
    if (decision.isTheResult || performed.outcome === 'needsHuman' || performed.outcome === 'interrupted') return performed;
    if (session.stop.aborted || lease.lost.aborted) return performed;
  }
  return undefined;
}

async function finish(session: Session, lease: HeldLease, { stored, decision }: { readonly stored: StoredRecord; readonly decision: Decision }): Promise<Performed> {
  const { epoch, holder } = lease;
  const record = { ...stored.record, epoch, holder };
  const journal = await continueJournal({ record, version: stored.version }, { store: session.drivers.records, clock: session.clock, lost: lease.lost });
  const engine = engineOptions(session, lease, journal);
  const result = decision.action === 'unwind' ? await unwindOperation(engine, decision.reason) : await runOperation(engine);
  await notifyEnd(session, journal.record);
  return { ...result, record: journal.record };
}

/** Only asked when nothing was left to finish: a pod that replaces a lost one goes on, and is never told that it comes too soon. */
async function doneAlready(session: Session, { operation }: Intent, { scheduled }: PerformOptions): Promise<Performed | undefined> {
  const record = scheduled === true ? await assertInterval(session, operation) : undefined;
  return record && { outcome: 'succeeded', exitCode: 0, failure: undefined, record };
}

async function begin(session: Session, lease: HeldLease, intent: Intent): Promise<Performed> {
  const { clock, drivers, identities } = session;
  const suffix = identities.suffix();
  const { plan } = await intend(session, intent, { suffix, questions: [] });
  const record = newRecord({ session, lease, plan, id: runId(clock.now(), suffix) });
  const journal = await createJournal(record, { store: drivers.records, clock, lost: lease.lost });
  await notifyStart(session, record);
  const result = await runOperation(engineOptions(session, lease, journal));
  await notifyEnd(session, journal.record);
  await pruneRecords(session);
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

function engineOptions(session: Session, lease: HeldLease, journal: Journal): EngineOptions<World> {
  const { environment, drivers, clock, stop, report } = session;
  const { record } = journal;
  const operation = operations[record.operation];
  const plan = planSchema.safeParse(record.plan);
  if (operation === undefined || !plan.success) {
    throw new Failure('RecordUnreadable', { summary: `run ${record.id} has operation ${record.operation} and a plan that this version does not know`, object: `record ${record.id}` });
  }
  return { operation, world: { environment, plan: plan.data, drivers }, journal, clock, stop, lost: lease.lost, report };
}
