// The last words of a run that was done elsewhere, as it would have said them here: with the files and the context of this command line.

import { readRecords } from '../observe/records.ts';
import { titlesOf } from '../operations/titles.ts';
import type { Invocation } from '../report/commands.ts';
import { printable } from '../report/printable.ts';
import type { Replay } from '../report/replay.ts';
import { failureSummary, successSummary, type Page } from '../report/summary.ts';
import { retry } from '../run/retry.ts';
import type { Reading } from '../session/session.ts';
import { lookAround } from '../session/status.ts';

export interface WordsOptions {
  readonly invocation: Invocation;
  readonly page: Page;
  /** What production is like now belongs to a run that has only just ended. */
  readonly isFresh: boolean;
}

/** Empty when the run has not said how it ended. */
export async function lastWords(session: Reading, { summary, run }: Pick<Replay, 'summary' | 'run'>, { invocation, page, isFresh }: WordsOptions): Promise<string> {
  if (summary === undefined) return '';
  const { failure } = summary;
  if (failure !== undefined) return failureSummary(printable({ ...summary, now: summary.at, failure: { ...failure, next: withoutOptions(failure.next) } }), invocation, page);
  const records = await retry(() => readRecords(session.drivers.records), { clock: session.clock, signal: session.stop });
  const record = records.find(({ record: { id } }) => id === (summary.run ?? run))?.record;
  if (record === undefined) return '';
  const look = isFresh ? await lookAround(session) : { status: undefined };
  return successSummary({ ...printable({ record, ...look, durationMs: summary.durationMs ?? 0 }), titles: titlesOf(record.operation) }, invocation, page);
}

/** `changeover rebuild -f /etc/changeover/environment.yaml` is a command for the pod alone. */
function withoutOptions(advice: string): string {
  return advice.replaceAll(/(changeover [^\n]*?)(?: (?:-f|--context) (?:'[^']*'|\S+))+/g, '$1');
}
