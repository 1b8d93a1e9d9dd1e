// Tells how a command ended: the last thing on standard error. Decides nothing but the words.

import { catalogue, type ExitCode, type Failure } from '../errors.ts';
import { asFailure } from '../drivers/failure.ts';
import type { Invocation } from '../report/commands.ts';
import { printable } from '../report/printable.ts';
import { styleFor } from '../report/style.ts';
import { failureSummary, type FailedRun, type Page } from '../report/summary.ts';
import type { ReportedFailure } from '../run/events.ts';
import type { Host } from './io.ts';
import { outputOf } from './talk.ts';

/** For what was thrown before, or outside of, a run. Returns its exit code. */
export function tellFailure(error: unknown, host: Host, more: TellMore = {}): ExitCode {
  const failure = asFailure(error);
  const failed: FailedRun = { outcome: 'failed', now: host.io.now(), ...more.run, failure: reported(failure) };
  host.io.stderr(failureSummary(printable(failed), more.invocation ?? { files: [] }, pageOf(host)));
  return failure.exitCode;
}

export interface TellMore {
  readonly invocation?: Invocation;
  readonly run?: Partial<FailedRun>;
}

export function pageOf(host: Host): Page {
  const { columns, color } = outputOf(host);
  return { columns, style: styleFor({ color }) };
}

export function reported(failure: Failure): ReportedFailure {
  const { cause: _, ...facts } = failure.facts;
  return { code: failure.code, title: catalogue[failure.code].title, facts, next: failure.next };
}
