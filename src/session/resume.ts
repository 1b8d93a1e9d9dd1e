// What becomes of a run that an earlier process left unfinished. The decision is pure; the way is the engine's.

import { operations } from '../operations/operations.ts';
import { readRecords, type StoredRecord } from '../observe/records.ts';
import { plan, type Plan } from '../plan/plan.ts';
import { isUnfinished, type RunRecord } from '../run/record.ts';
import { retry } from '../run/retry.ts';
import type { Session } from './session.ts';

export interface Wanted {
  readonly operation: string;
  readonly fresh: boolean;
  /** Of the present configuration. */
  readonly hash: string;
  /** Where a rollback is to lead; undefined: to the release that was live last. */
  readonly to?: string | undefined;
  /** Of the chart that would be installed now; undefined: there is nothing to compare. */
  readonly chart?: string | undefined;
  /** Somebody asked for this very run to be cancelled. */
  readonly isCancelled?: boolean;
  /** The process that ran it was of the same Job: the Job was made for that run, and for no other. */
  readonly isReplacement?: boolean;
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
  const { isCancelled = false, isReplacement = false } = wanted;
  // Whoever asked for the way back may have to ask twice: the names may be back by then, and what came after is not.
  const isWayBack = (isStillMoved(record) || record.failure?.code === 'TakenBack') && leadsBack(record, wanted);
  if (record.failure !== undefined) return { action: 'resume', reason: 'it was being unwound; that is completed first', isTheResult: isWayBack || (isReplacement && record.failure.code === 'Cancelled') };
  if (isCancelled && !isCommitted(record)) return { ...unwind('it was cancelled; it is unwound'), isTheResult: isWayBack || isReplacement };
  // The record may be older than it looks: it was created by a process that was held up on its way, and may have been overtaken.
  if (!hasBegunAnything(record)) return unwind('nothing of it had begun; it is ended, and what is wanted is planned anew');
  const isTheResult = isSame(record, wanted) && !wanted.fresh;
  if (isCommitted(record)) return { action: 'resume', reason: 'the public is on its release; it is completed', isTheResult };
  if (hasMoved(record)) return afterTheMove(record, wanted) ?? { action: 'resume', reason: completedFirst(record, wanted), isTheResult };
  if (wanted.fresh) return unwind('it is unwound, as asked by --fresh');
  if (record.operation !== wanted.operation) return unwind(`it is unwound before ${wanted.operation}`);
  if (!isTheResult) return unwind(`it was to lead to ${planOf(record)?.candidate}, and ${wanted.to} is asked for; it is unwound`);
  if (record.planHash !== wanted.hash) return unwind('the configuration has changed since; it is unwound');
  const planned = planOf(record)?.chartIdentity;
  if (wanted.chart !== undefined && wanted.chart !== planned) return unwind(`the chart was ${planned} when it was planned and is ${wanted.chart} now; it is unwound`);
  return { action: 'resume', reason: 'it is resumed', isTheResult };
}

/** Why a run that has moved the names is taken back; undefined: it is completed. Whoever asks for anything else than the way back does not ask for that. */
function afterTheMove(record: RunRecord, wanted: Wanted): Decision | undefined {
  const planned = planOf(record);
  if (planned !== undefined && isFirst(planned)) return { action: 'resume', reason: 'before it the names led nowhere: to take them back would leave the public without an answer; it is completed', isTheResult: isSame(record, wanted) && !wanted.fresh };
  if (leadsBack(record, wanted)) return { ...unwind('a rollback was asked for; the names are taken back'), isTheResult: true };
  if (wanted.fresh) return unwind('it is unwound, as asked by --fresh');
  // The release that a rebuild has just made is not wanted; to complete it might delete the one that is.
  if (wanted.operation === 'rollback' && record.operation !== 'rollback' && planned?.candidate !== wanted.to) return unwind(`a rollback to ${wanted.to} was asked for; the names are taken back first`);
  return undefined;
}

/** Whether to unwind it is the rollback that is wanted. With the names back that is done: to begin another one would go a release too far. */
function leadsBack(record: RunRecord, { operation, to }: Wanted): boolean {
  return operation === 'rollback' && (to === undefined ? record.operation !== 'rollback' : planOf(record)?.previous?.name === to);
}

function isFirst({ previous, names }: Plan): boolean {
  return previous === undefined && names.every(({ before }) => before.length === 0);
}

/** To take back a rollback would return the public to the release that it was led away from. */
function completedFirst(record: RunRecord, wanted: Wanted): string {
  if (isSame(record, wanted) || wanted.operation !== 'rollback') return 'the names have moved; it is completed';
  return `the names have moved to ${planOf(record)?.candidate}; it is completed first, then the public moves on to ${wanted.to}`;
}

/** What is recorded is what is asked for. A rollback that names no release is content with the one that is under way. */
function isSame(record: RunRecord, wanted: Wanted): boolean {
  if (wanted.operation === 'rollback' && wanted.to !== undefined && planOf(record)?.candidate === wanted.to) return true;
  return record.operation === wanted.operation && wanted.to === undefined;
}

function planOf(record: RunRecord): Plan | undefined {
  return plan.safeParse(record.plan).data;
}

function unwind(reason: string): Decision {
  return { action: 'unwind', reason, isTheResult: false };
}

/** A step whose failure would not be undone has begun: there is no way back by undoing. */
export function isCommitted(record: RunRecord): boolean {
  const steps = operations[record.operation]?.steps ?? [];
  return steps.some(({ name, onFailure }) => onFailure === 'leave' && hasBegun(record, name));
}

function hasMoved(record: RunRecord): boolean {
  return movingSteps(record).some((name) => hasBegun(record, name));
}

/** The names may be on its release yet, or on their way back. */
function isStillMoved(record: RunRecord): boolean {
  return movingSteps(record).some((name) => hasBegun(record, name) && stateOf(record, name) !== 'undone');
}

function movingSteps({ operation }: RunRecord): readonly string[] {
  return (operations[operation]?.steps ?? []).filter(({ affectsPublic }) => affectsPublic === true).map(({ name }) => name);
}

function hasBegunAnything({ steps }: RunRecord): boolean {
  return steps.some(({ state }) => state !== 'pending');
}

function hasBegun(record: RunRecord, name: string): boolean {
  const state = stateOf(record, name);
  return state !== 'pending' && state !== 'skipped';
}

function stateOf({ steps }: RunRecord, name: string): RunRecord['steps'][number]['state'] {
  return steps.find((step) => step.name === name)?.state ?? 'pending';
}
