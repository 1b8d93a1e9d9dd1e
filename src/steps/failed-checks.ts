// HTTP checks that failed, since when each of them does, and the words about them. Asks nobody.

import { Failure, type ErrorCode } from '../errors.ts';
import type { CheckFailure } from './verification.ts';

export interface FailedCheck extends CheckFailure {
  /** ISO 8601: from when on it has not passed. */
  readonly since: string;
}

/** One round of checks after another: what failed in the round before fails since then. */
export function failedSince(found: readonly CheckFailure[], before: readonly FailedCheck[], now: string): readonly FailedCheck[] {
  return found.map((failure) => ({ ...failure, since: before.find(({ check }) => check === failure.check)?.since ?? now }));
}

export function checksFailed(code: ErrorCode, failures: readonly FailedCheck[]): Failure {
  const [first, ...others] = failures.toSorted((a, b) => Number(b.hopeless) - Number(a.hopeless));
  if (first === undefined) return new Failure(code, { summary: 'no round of checks came to its end' });
  return new Failure(code, { summary: line(first), object: first.check, reason: first.reason, since: first.since, details: others.map(line) });
}

export function line({ check, reason }: CheckFailure): string {
  return `${check}: ${reason}`;
}
