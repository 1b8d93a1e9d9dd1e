// Runs the jobs of a step to their ends, each after those it names, and knows what to do when one fails or the run must stop.

import type { StepContext } from '../../run/step.ts';
import type { World } from '../world.ts';
import { runGraph } from './graph.ts';
import { openLedger, type Ledger } from './ledger.ts';
import { askPatiently } from './patience.ts';
import { progressBoard } from './progress.ts';
import type { JobNote, JobResult } from './result.ts';
import { runJob, type BoundJob } from './run-job.ts';

export interface JobEntry {
  readonly name: string;
  readonly after: readonly string[];
  readonly timeoutMs: number;
  readonly retries: number;
  readonly job: BoundJob;
}

export interface RunJobsOptions {
  readonly context: StepContext<World, unknown>;
  /** `stop`: the first failure ends the others too. `continue`: all run, also those after a failed one. */
  readonly onFailure: 'stop' | 'continue';
  /** Called once for each failed job, before it is noted. */
  readonly onFailed?: (result: JobResult) => void;
}

/**
 * The results of all jobs that ended, in the order of `entries`; with `stop`, those that were ended for the sake of
 * another one have none. Rejects at once, leaving the jobs running for a later process, when the run must stop.
 */
export function runJobs(entries: readonly JobEntry[], options: RunJobsOptions): Promise<readonly JobResult[]> {
  return promptly(runAll(entries, options), options.context.signal);
}

/**
 * Ends every job that was begun and has not ended, as far as its system can do that. One of which nothing is noted may have been begun
 * as well: by a process that died, or that never heard of it.
 */
export async function cancelJobs(entries: readonly JobEntry[], context: StepContext<World, unknown>): Promise<void> {
  await cancelOpen(entries, openLedger(context), context);
}

async function runAll(entries: readonly JobEntry[], { context, onFailure, onFailed }: RunJobsOptions): Promise<readonly JobResult[]> {
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const ledger = openLedger(context);
  const board = progressBoard(context);
  const begun = new Set<JobEntry>();
  const settled = await runGraph(entries, async (entry) => {
    try {
      signal.throwIfAborted();
      begun.add(entry);
      const result = await runEntry(entry, { ...context, signal, ledger, report: (message) => board.update(entry.name, message), onFailed });
      board.end(entry.name, result);
      if (result.state === 'failed' && onFailure === 'stop') stop.abort(stopped);
      return result;
    } catch (error) {
      // Nobody else may go on working while the step ends: neither after a lost lock nor after a mistake of ours.
      stop.abort(error);
      throw error;
    }
  });
  context.signal.throwIfAborted();
  const broken = settled.find((one) => one.status === 'rejected' && one.reason !== stopped);
  if (broken?.status === 'rejected') throw broken.reason;
  if (stop.signal.aborted) await cancelOpen([...begun], ledger, context);
  return settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}

const stopped = Symbol('ended because another job failed');

interface EntryContext extends Pick<StepContext<World, unknown>, 'clock' | 'signal' | 'warn'> {
  readonly ledger: Ledger;
  readonly report: (message: string) => void;
  readonly onFailed: ((result: JobResult) => void) | undefined;
}

async function runEntry(entry: JobEntry, { clock, signal, warn, ledger, report, onFailed }: EntryContext): Promise<JobResult> {
  const noted = ledger.of(entry.name);
  if (noted?.result !== undefined) return noted.result;
  const note = (changed: JobNote): Promise<void> => ledger.write(entry.name, changed);
  const result = await runJob({ ...entry, clock, signal, noted, note, report, warn });
  if (result.state === 'failed') onFailed?.(result);
  const last = ledger.of(entry.name) ?? { attempt: result.attempts, startedAt: clock.now() - result.durationMs, started: false };
  await note({ ...last, result });
  return result;
}

async function cancelOpen(entries: readonly JobEntry[], ledger: Ledger, context: StepContext<World, unknown>): Promise<void> {
  const open = entries.filter(({ name }) => ledger.of(name)?.result === undefined);
  await Promise.all(
    open.map(async ({ name, job }) => {
      const { attempt = 1, handle } = ledger.of(name) ?? {};
      const asked = await askPatiently(() => job.cancel(attempt, handle), context);
      if (!asked.answered) context.warn(`${name} could not be ended: ${asked.reason}`);
    }),
  );
}

/** Settles as `work` does, or rejects with the signal's reason as soon as it aborts; a request on its way cannot be called back. */
function promptly<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
