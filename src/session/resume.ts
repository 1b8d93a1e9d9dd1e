// What becomes of a run that an earlier process left unfinished. The decision is pure; the way is the engine's.

import { operations } from '../operations/operations.ts';
import { readRecords, type StoredRecord } from '../observe/records.ts';
import { isUnfinished, type RunRecord } from '../run/record.ts';
import { retry } from '../run/retry.ts';
import type { Session } from './session.ts';

export interface Wanted {
  readonly operation: string;
  readonly fresh: boolean;
  /** Of the present configuration. */
  readonly hash: string;
}

export interface Decision {
  readonly action: 'resume' | 'unwind';
  readonly reason: string;
  /** The finished run answers the request: no new run begins after it. */
  readonly isTheResult: boolean;
}

export async function unfinishedRuns({ drivers, clock, stop }: Pick<Session, 'drivers' | 'clock' | 'stop'>): Promise<readonly StoredRecord[]> {
  const all = await retry(() => readRecords(drivers.records), { clock, signal: stop });
  return all.filter(({ record }) => isUnfinished(record));
}

/** Past the point of no return it goes forward; the public that has moved stays, unless it is asked back; else it goes by the request. */
export function decide(record: RunRecord, wanted: Wanted): Decision {
  if (record.failure !== undefined) return { action: 'resume', reason: 'it was being unwound; that is completed first', isTheResult: false };
  const same = record.operation === wanted.operation && !wanted.fresh;
  if (isCommitted(record)) return { action: 'resume', reason: 'the public is on its release; it is completed', isTheResult: same };
  // With the names back, the rollback is done: to begin another one would go a release too far.
  // An unfinished rollback that is asked for again is no exception: it is resumed like any other run.
  if (wanted.operation === 'rollback' && record.operation !== 'rollback' && hasMoved(record)) return { ...unwind('a rollback was asked for; the names are taken back'), isTheResult: true };
  if (wanted.fresh) return unwind('it is unwound, as asked by --fresh');
  // Whoever asks for anything else than the way back does not ask for the public to be moved back.
  if (hasMoved(record)) return { action: 'resume', reason: 'the names have moved; it is completed', isTheResult: same };
  if (record.operation !== wanted.operation) return unwind(`it is unwound before ${wanted.operation}`);
  if (record.planHash !== wanted.hash) return unwind('the configuration has changed since; it is unwound');
  return { action: 'resume', reason: 'it is resumed', isTheResult: true };
}

function unwind(reason: string): Decision {
  return { action: 'unwind', reason, isTheResult: false };
}

/** A step whose failure would not be undone has begun: there is no way back by undoing. */
function isCommitted(record: RunRecord): boolean {
  const steps = operations[record.operation]?.steps ?? [];
  return steps.some(({ name, onFailure }) => onFailure === 'leave' && hasBegun(record, name));
}

function hasMoved(record: RunRecord): boolean {
  const steps = operations[record.operation]?.steps ?? [];
  return steps.some(({ name, affectsPublic }) => affectsPublic === true && hasBegun(record, name));
}

function hasBegun(record: RunRecord, name: string): boolean {
  const state = record.steps.find((step) => step.name === name)?.state ?? 'pending';
  return state !== 'pending' && state !== 'skipped';
}
