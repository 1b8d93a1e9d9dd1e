// How a run ends that does not go to its end, and what its failures are called. Pure.

import { catalogue, Failure, isErrorCode, type ExitCode } from '../errors.ts';
import { asFailure } from '../drivers/failure.ts';
import type { Outcome, ReportedFailure } from './events.ts';
import type { RunRecord } from './record.ts';

export interface RunResult {
  readonly outcome: Outcome;
  readonly exitCode: ExitCode;
  readonly failure: Failure | undefined;
}

/**
 * The lease or the record is lost: whoever has them now goes on, and this process must not touch anything. Or the record could not be
 * written, as when a pod's network goes before the pod does: then the run is unfinished, for the next one.
 */
export function stopWriting(error: unknown, stop?: AbortSignal): RunResult {
  const failure = asFailure(error);
  if (failure.code === 'LockLost' || failure.exitCode !== 1) return { outcome: 'failed', exitCode: failure.exitCode, failure };
  const told = stop?.aborted === true ? stopped(stop, `it was asked to stop, and could not write that down: ${failure.facts.summary}`) : heldUp(failure);
  return { outcome: 'interrupted', exitCode: told.exitCode, failure: told };
}

/** The run is as unfinished as its record says: 1 would promise that the public is where it was, and would keep the Job from trying again. */
export function heldUp(failure: Failure): Failure {
  return failure.exitCode === 1 ? new Failure(failure.code, { ...failure.facts, exitCode: 75 }) : failure;
}

/** Neither where it began nor where it was to go, whatever it was that failed: 1 would promise that the public is where it was. */
export function left(failure: Failure): RunResult {
  return { outcome: 'needsHuman', exitCode: 4, failure };
}

/** As the process that wrote this record's end did, or should have. */
export function endOf({ outcome, failure }: Pick<RunRecord, 'outcome' | 'failure'>): RunResult {
  const why = failure === undefined ? undefined : recorded(failure);
  const exitCodes: Partial<Record<Outcome, ExitCode>> = { succeeded: 0, restored: 3, needsHuman: 4 };
  return { outcome, exitCode: exitCodes[outcome] ?? why?.exitCode ?? 1, failure: why };
}

/** In the middle of what the title says. */
export function interrupted(title: string, stop: AbortSignal): RunResult {
  const failure = stopped(stop, `it was asked to stop while it was to ${lowerFirst(title)}`);
  return { outcome: 'interrupted', exitCode: failure.exitCode, failure };
}

/** With the exit code of the signal that asked for it. */
function stopped({ reason }: AbortSignal, summary: string): Failure {
  return new Failure('Interrupted', { summary, exitCode: asFailure(reason).code === 'Interrupted' ? asFailure(reason).exitCode : 143 });
}

export function undoFailure(title: string, error: unknown): Failure {
  const { facts } = asFailure(error);
  return new Failure('UndoFailed', { ...facts, summary: `undoing “${title}”: ${facts.summary}`, cause: error });
}

/** Why an earlier process began to unwind: the record keeps the main facts. One that was stopped and is unwound all the same has failed. */
export function recorded({ code, summary, object, reason, since }: NonNullable<RunRecord['failure']>): Failure {
  const facts = { summary, ...(object === undefined ? {} : { object }), ...(reason === undefined ? {} : { reason }), ...(since === undefined ? {} : { since }), ...(code === 'Interrupted' ? { exitCode: 1 as const } : {}) };
  // A later version may know more codes than this one.
  return new Failure(isErrorCode(code) ? code : 'Unexpected', facts);
}

export function reported(failure: Failure): ReportedFailure {
  const { cause: _, ...facts } = failure.facts;
  return { code: failure.code, title: catalogue[failure.code].title, facts, next: failure.next };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
