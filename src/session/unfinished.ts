// Goes on with a run that an earlier process left: forward or back, as was decided. Decides nothing itself.

import { operations } from '../operations/operations.ts';
import { Failure } from '../errors.ts';
import type { StoredRecord } from '../observe/records.ts';
import { plan as planSchema } from '../plan/plan.ts';
import { runOperation, unwindOperation, type EngineOptions, type RunResult } from '../run/engine.ts';
import type { HeldLease } from '../run/held-lease.ts';
import { continueJournal, type Journal } from '../run/journal.ts';
import type { RunRecord } from '../run/record.ts';
import type { World } from '../steps/world.ts';
import { notifyEnd } from './notify.ts';
import { untilStopped } from './questions.ts';
import type { Session } from './session.ts';

export interface Performed extends RunResult {
  readonly record: RunRecord;
}

export interface Unfinished {
  readonly stored: StoredRecord;
  readonly decision: { readonly action: 'resume' } | { readonly action: 'unwind'; readonly failure: Failure };
  /** Who is recorded as running it. Default: this process. */
  readonly holder?: string;
}

export async function finish(session: Session, lease: HeldLease, { stored, decision, holder = lease.holder }: Unfinished): Promise<Performed> {
  const record = { ...stored.record, epoch: lease.epoch, holder };
  const journal = await continueJournal({ record, version: stored.version }, { store: session.drivers.records, clock: session.clock, lost: lease.lost });
  const engine = engineOptions(session, lease, journal);
  const result = decision.action === 'unwind' ? await unwindOperation(engine, decision.failure) : await runOperation(engine);
  await notifyEnd(session, journal.record);
  return { ...result, record: journal.record };
}

export function engineOptions(session: Session, lease: HeldLease, journal: Journal): EngineOptions<World> {
  const { environment, drivers, clock, stop, report } = session;
  const { record } = journal;
  const operation = operations[record.operation];
  const plan = planSchema.safeParse(record.plan);
  if (operation === undefined || !plan.success) {
    throw new Failure('RecordUnreadable', { summary: `run ${record.id} has operation ${record.operation} and a plan that this version does not know`, object: `record ${record.id}` });
  }
  const world = (signal: AbortSignal): World => ({ environment, plan: plan.data, drivers: untilStopped(plan.data.installer === true ? { ...drivers, helm: drivers.helmAsInstaller } : drivers, signal) });
  return { operation, world, journal, clock, stop, cancel: lease.cancelOf(record.id), lost: lease.lost, report };
}
