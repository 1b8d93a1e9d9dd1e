// Goes on with a run that an earlier process left: forward or back, as was decided. Decides nothing itself.

import { Failure } from '../errors.ts';
import { observeInstallation } from '../observe/installation.ts';
import type { StoredRecord } from '../observe/records.ts';
import type { RunResult } from '../run/ends.ts';
import { runOperation, unwindOperation, type EngineOptions } from '../run/engine.ts';
import type { HeldLease } from '../run/held-lease.ts';
import { continueJournal, type Journal } from '../run/journal.ts';
import type { RunRecord } from '../run/record.ts';
import { orStopped } from '../run/stop.ts';
import type { World } from '../steps/world.ts';
import { notifyEnd } from './notify.ts';
import { untilStopped } from './questions.ts';
import { readRun, type ReadableRun } from './readable.ts';
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
  assertNotLater(stored, lease);
  const run = await withInstaller(readRun(stored), session);
  const record = { ...stored.record, epoch: lease.epoch, holder };
  const journal = await continueJournal({ record, version: stored.version }, { store: session.drivers.records, clock: session.clock, lost: lease.lost });
  const engine = engineOptions(run, { session, lease, journal });
  const result = decision.action === 'unwind' ? await unwindOperation(engine, decision.failure) : await runOperation(engine);
  await notifyEnd(session, journal.durable);
  return { ...result, record: journal.record };
}

/** Whoever wrote it has taken the lock after this runner: it is theirs, whatever this one still believes to hold. */
function assertNotLater({ record, describe }: StoredRecord, lease: HeldLease): void {
  if (record.epoch <= lease.epoch) return;
  throw new Failure('LockLost', { summary: `the record of run ${record.id} was written under epoch ${record.epoch}, and this runner has epoch ${lease.epoch}: another one has taken over`, object: describe });
}

/**
 * Whose rights Helm has is asked anew: the chart of the runner may have been installed since the run was planned, from a laptop, say,
 * and its pod has no rights of its own for Helm to use. The releases are bound already, before anything is finished.
 */
async function withInstaller(run: ReadableRun, { environment, drivers, clock, stop, say }: Session): Promise<ReadableRun> {
  if (run.plan.installer === true) return run;
  const installation = await orStopped(observeInstallation({ environment, drivers, clock, signal: stop }), stop);
  if (installation === undefined) return run;
  say('a runner has been installed since this run was planned: Helm works as the installer of each release');
  return { ...run, plan: { ...run.plan, installer: true } };
}

interface Running {
  readonly session: Session;
  readonly lease: HeldLease;
  readonly journal: Journal;
}

export function engineOptions({ operation, plan }: ReadableRun, { session, lease, journal }: Running): EngineOptions<World> {
  const { environment, drivers, clock, stop, report } = session;
  const { record } = journal;
  const world = (signal: AbortSignal): World => ({ environment, plan, drivers: untilStopped(plan.installer === true ? { ...drivers, helm: drivers.helmAsInstaller } : drivers, signal) });
  return { operation, world, journal, clock, stop, cancel: lease.cancelOf(record.id), lost: lease.lost, report };
}
