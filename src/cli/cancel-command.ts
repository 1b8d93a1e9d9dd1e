// `cancel` behind its options: shows how the run is unwound, and says what has become of it.

import type { ExitCode } from '../errors.ts';
import { failedWith } from '../drivers/failure.ts';
import { verdictOf } from '../follow/sight.ts';
import { commandLine, type Invocation } from '../report/commands.ts';
import { print } from '../report/format.ts';
import { describeTime } from '../report/text.ts';
import { cancelRun, type Cancelled } from '../session/cancel.ts';
import { listJobs } from '../session/jobs.ts';
import type { LockSession } from '../session/lock.ts';
import { isCommitted } from '../session/resume.ts';
import type { CancelOptions } from './cancel.ts';
import { invocationOf } from './invocation.ts';
import type { Host } from './io.ts';
import { opening } from './opening.ts';
import { chooseTalk } from './talk.ts';

interface CancelView {
  readonly environment: string;
  readonly result: Result;
  readonly run?: string;
  readonly operation?: string;
  readonly outcome?: string;
  readonly failure?: string;
}

/** `failed`: it was being unwound anyway. */
type Result = 'nothing to cancel' | 'asked' | 'cancelled' | 'failed' | 'completed' | 'needs a human';

const exitCodes: Readonly<Record<Result, ExitCode>> = { 'nothing to cancel': 0, asked: 0, cancelled: 0, failed: 0, completed: 5, 'needs a human': 4 };

export async function cancelCommand(options: CancelOptions, host: Host): Promise<ExitCode> {
  const { talk } = await chooseTalk(host, 'auto');
  return opening({ host, options, words: 'cancel' }, async (opened) => {
    const session = { ...opened, say: (line: string) => talk.say(line), report: talk.report };
    const cancelled = await cancelRun(session, { wait: options.wait }).finally(() => talk.end());
    const view = viewOf(cancelled, opened.environment.environment);
    const waiting = cancelled.kind === 'nothing' ? await waitingJobs(opened) : [];
    host.io.stdout(print({ ...view, ...(waiting.length === 0 ? {} : { waiting }) }, options.output, () => `${textOf(cancelled, view, invocationOf(options, host))}\n${waiting.map(aboutToBegin(opened)).join('')}`));
    return exitCodes[view.result];
  });
}

/** A pod that has not started holds no lock: there is no run yet to be cancelled. Whoever may not list Jobs is told what he may know. */
async function waitingJobs(session: LockSession): Promise<readonly string[]> {
  const jobs = await listJobs(session).catch(unlessForbidden);
  return jobs.filter((job) => verdictOf(job) === undefined).map(({ metadata }) => metadata.name);
}

function unlessForbidden(error: unknown): [] {
  if (failedWith(error, 'forbidden')) return [];
  throw error;
}

function aboutToBegin({ environment: { runner } }: LockSession): (job: string) => string {
  return (job) => `Job ${job} is about to begin one; to keep it from that: kubectl -n ${runner.namespace} delete job ${job}\n`;
}

function viewOf(cancelled: Cancelled, environment: string): CancelView {
  const result = resultOf(cancelled);
  if (cancelled.kind === 'nothing') return { environment, result };
  const { id, operation, outcome, failure } = cancelled.record;
  return { environment, result, run: id, operation, outcome, ...(failure === undefined ? {} : { failure: failure.summary }) };
}

function resultOf(cancelled: Cancelled): Result {
  if (cancelled.kind === 'nothing') return 'nothing to cancel';
  const { record } = cancelled;
  if (cancelled.kind === 'asked') return isCommitted(record) ? 'completed' : 'asked';
  if (record.outcome === 'succeeded') return 'completed';
  if (record.outcome === 'needsHuman') return 'needs a human';
  return record.failure?.code === 'Cancelled' ? 'cancelled' : 'failed';
}

function textOf(cancelled: Cancelled, { result, environment }: CancelView, invocation: Invocation): string {
  if (cancelled.kind === 'nothing') return `nothing is running in ${environment}: there is nothing to cancel`;
  const { id, operation, outcome, failure, startedAt, endedAt } = cancelled.record;
  const run = `${operation} ${id}`;
  const names = outcome === 'restored' ? 'the names are back where they were' : 'no name was moved';
  switch (result) {
    case 'asked':
      return `${run} was asked to be cancelled; see: ${commandLine('status -w', invocation)}`;
    case 'cancelled':
      return `${run} is cancelled: ${names}, and nothing of it is left`;
    case 'failed':
      return `${run} has failed of itself, and is unwound: ${names}. It failed with: ${failure?.summary ?? 'nothing recorded'}`;
    case 'needs a human':
      return `${run} could not be unwound, and needs a human: ${failure?.summary ?? 'nothing recorded'}; see: ${commandLine('status', invocation)}`;
    default:
      return outcome === 'succeeded'
        ? `${run} was not cancelled: it was past the point of no return, and is done (begun ${describeTime(startedAt)}${endedAt === undefined ? '' : `, ended ${describeTime(endedAt)}`})`
        : `${run} is not cancelled: it is past the point of no return, and is completed`;
  }
}
