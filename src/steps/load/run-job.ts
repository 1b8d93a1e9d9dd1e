// Brings one job to its end, through as many tries as it has, however often the runner is killed on the way.

import type { LoadDriver, LoadState, LoadTarget } from '../../drivers/load/load.ts';
import { timestamp, type Clock, type Milliseconds } from '../../run/clock.ts';
import type { Json } from '../../run/step.ts';
import { proportionalPause, waitFor, WaitTimeout } from '../../run/wait.ts';
import { askPatiently, type Asked } from './patience.ts';
import { shorten } from '../../run/shorten.ts';
import type { JobFailure, JobNote, JobResult } from './result.ts';

/** A job together with the driver that runs it. */
export interface BoundJob {
  prepare(attempt: number): Promise<Json>;
  start(attempt: number, handle: Json): Promise<void>;
  poll(attempt: number, handle: Json): Promise<LoadState>;
  cancel(attempt: number, handle: Json | undefined): Promise<void>;
}

export function bindJob<Job>(driver: LoadDriver<Job>, job: Job, target: Omit<LoadTarget, 'attempt'>): BoundJob {
  return {
    prepare: (attempt) => driver.prepare(job, { ...target, attempt }),
    start: (attempt, handle) => driver.start(job, { ...target, attempt }, handle),
    poll: (attempt, handle) => driver.poll(job, { ...target, attempt }, handle),
    cancel: (attempt, handle) => driver.cancel(job, { ...target, attempt }, handle),
  };
}

export interface JobRun {
  readonly name: string;
  readonly job: BoundJob;
  /** For all tries together, counted from the first one, so that retrying cannot prolong a run without bound. */
  readonly timeoutMs: Milliseconds;
  readonly retries: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** What an earlier process noted. */
  readonly noted: JobNote | undefined;
  note(note: JobNote): Promise<void>;
  report(message: string): void;
  warn(message: string): void;
}

/** Rejects only when the run must stop; everything the job itself does wrong is in the result. */
export async function runJob(run: JobRun): Promise<JobResult> {
  let note = run.noted ?? { attempt: 1, startedAt: run.clock.now(), started: false };
  for (;;) {
    const ended = await tryOnce(run, note);
    const result = (state: JobResult['state']): JobResult => ({
      name: run.name,
      state,
      attempts: note.attempt,
      durationMs: run.clock.now() - note.startedAt,
      failures: [...ended.failures],
    });
    if (ended.failures.length === 0) return result('succeeded');
    await cancelled(run, note.attempt, ended.handle);
    const isOver = run.clock.now() + retryPauseMs - note.startedAt >= run.timeoutMs;
    if (isOver || note.attempt > run.retries) return result('failed');
    run.report(`try ${note.attempt} failed (${ended.failures[0]?.reason}); trying again`);
    note = { attempt: note.attempt + 1, startedAt: note.startedAt, started: false };
    await run.note(note);
    // What a job depends on needs a moment as well: tries in the same second fail for the same reason.
    await run.clock.sleep(retryPauseMs, run.signal);
  }
}

const retryPauseMs: Milliseconds = 5_000;

interface Ended {
  /** Empty when it ended well. */
  readonly failures: readonly JobFailure[];
  readonly handle?: Json;
}

async function tryOnce(run: JobRun, note: JobNote): Promise<Ended> {
  const { job } = run;
  const { attempt } = note;
  const prepared = note.handle === undefined ? await askPatiently(() => job.prepare(attempt), run) : undefined;
  if (prepared?.answered === false) return { failures: [unanswered(run, prepared)] };
  const handle = prepared?.value ?? note.handle ?? null;
  // Noted before it is started: a load that runs must never be one that nobody can find.
  if (prepared !== undefined) await run.note({ ...note, handle });
  if (!note.started) {
    const started = await askPatiently(() => job.start(attempt, handle), run);
    if (!started.answered) return { failures: [unanswered(run, started)], handle };
    await run.note({ ...note, handle, started: true });
  }
  return { ...(await awaitEnd(run, note, handle)), handle };
}

// The end of a load is to be noticed within 2 % of its length and within 15 s; the rest is left for the request itself. Half a second is the
// least: more looks at a short load would cost the API server more than they save anybody.
const pause = proportionalPause(0.018, 500, 14_000);

async function awaitEnd(run: JobRun, { attempt, startedAt }: JobNote, handle: Json): Promise<Ended> {
  const { clock, signal, timeoutMs } = run;
  try {
    return await waitFor(() => look(run, attempt, handle), { clock, signal, timeoutMs: startedAt + timeoutMs - clock.now(), pauseMs: pause });
  } catch (error) {
    if (!(error instanceof WaitTimeout)) throw error;
    const since = new Date(startedAt).toISOString();
    return { failures: [{ job: run.name, reason: `not done after ${inWords(timeoutMs)}: ${error.awaited.join()}`, since }] };
  }
}

async function look(run: JobRun, attempt: number, handle: Json): Promise<{ done: true; value: Ended } | { done: false; awaited: readonly string[] }> {
  const asked = await askPatiently(() => run.job.poll(attempt, handle), run);
  if (!asked.answered) return { done: true, value: { failures: [unanswered(run, asked)] } };
  const state = asked.value;
  if (state.state === 'succeeded') return { done: true, value: { failures: [] } };
  if (state.state === 'failed') return { done: true, value: { failures: failuresOf(run, state.failures) } };
  run.report(state.message);
  return { done: false, awaited: [state.message] };
}

function unanswered({ name }: JobRun, { reason, since }: Extract<Asked<unknown>, { answered: false }>): JobFailure {
  return { job: name, reason, since };
}

// Of one job: they are kept in the record, and nobody reads more of them.
const mostFailures = 50;
const longestText = 2_000;

/** A driver that says "failed" without saying what is still a failure. Bounded in number and length, the first ones first. */
function failuresOf({ name, clock }: JobRun, failures: readonly JobFailure[]): readonly JobFailure[] {
  const since = timestamp(clock);
  if (failures.length === 0) return [{ job: name, reason: 'failed without a reason', since }];
  const first = failures.slice(0, mostFailures).map((failure) => ({ since, ...shortened(failure) }));
  return failures.length > mostFailures ? [...first, { job: name, reason: `${failures.length - mostFailures} more failed` }] : first;
}

function shortened({ reason, logTail, ...failure }: JobFailure): JobFailure {
  const short = { ...failure, reason: shorten(reason, longestText) };
  // Of a log the end tells most.
  return logTail === undefined ? short : { ...short, logTail: logTail.slice(-longestText) };
}

/**
 * What is left of a failed try must not load beside the next one, or behind the back of what follows. Also where nobody heard of it: the
 * answer may have been lost.
 */
async function cancelled(run: JobRun, attempt: number, handle: Json | undefined): Promise<void> {
  const asked = await askPatiently(() => run.job.cancel(attempt, handle), run);
  if (!asked.answered) run.warn(`${run.name}: what is left of try ${attempt} could not be ended, and may load on: ${asked.reason}`);
}

function inWords(ms: Milliseconds): string {
  const units = [['h', 3_600_000], ['min', 60_000], ['s', 1_000]] as const;
  const [unit, size] = units.find(([, length]) => ms >= length && ms % length === 0) ?? ['s', 1_000];
  return `${ms / size} ${unit}`;
}
