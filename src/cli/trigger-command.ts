// `trigger` behind its options: starts the Job, draws its run as a local one is drawn, and ends with its exit code.

import { exitCodes, Failure, type ExitCode } from '../errors.ts';
import { asFailure } from '../drivers/failure.ts';
import { followJob, type JobEnd } from '../follow/job.ts';
import { commandLine, type Invocation } from '../report/commands.ts';
import { print } from '../report/format.ts';
import { replay } from '../report/replay.ts';
import { startJob, type JobSession } from '../session/jobs.ts';
import type { LockSession } from '../session/lock.ts';
import { invocationOf } from './invocation.ts';
import type { Host } from './io.ts';
import { lastWords } from './last-words.ts';
import { opening } from './opening.ts';
import { chooseTalk } from './talk.ts';
import { pageOf } from './tell.ts';
import type { TriggerOptions } from './trigger.ts';

/** As the chart names it. */
export const containerName = 'changeover';

export async function triggerCommand(options: TriggerOptions, host: Host): Promise<ExitCode> {
  const invocation = invocationOf(options, host);
  const words = options.operation === 'rebuild' ? 'trigger' : `trigger --operation ${options.operation}`;
  return opening({ host, options, words }, async (session) => {
    const { metadata } = await startJob(session, options.operation);
    const started = { environment: session.environment.environment, operation: options.operation, job: metadata.name };
    session.say(`started Job ${metadata.namespace}/${metadata.name}`);
    if (options.detach === true) {
      host.io.stdout(print({ ...started, exitCode: null }, options.output, () => `${goesOn(metadata.name, invocation)}\n`));
      return 0;
    }
    return follow(session, started, { host, options, invocation });
  });
}

interface Started {
  readonly environment: string;
  readonly operation: string;
  readonly job: string;
}

interface Triggering {
  readonly host: Host;
  readonly options: TriggerOptions;
  readonly invocation: Invocation;
}

async function follow(session: LockSession, started: Started, { host, options, invocation }: Triggering): Promise<ExitCode> {
  const shown = await replayOf(host);
  const end = await followJob({ ...place(session, started.job), onLine: ({ text }) => shown.take(text), say: (line) => shown.talk.say(line) })
    .catch(unlessStopped(host))
    .finally(() => shown.talk.end());
  if (end === undefined) {
    host.io.stderr(`detached: ${goesOn(started.job, invocation)}\n`);
    return asFailure(host.stop.reason).exitCode;
  }
  host.io.stderr(await lastWords(session, shown, { invocation, page: pageOf(host), isFresh: true }));
  const exitCode = exitCodeOf(end);
  if (options.output !== 'text') host.io.stdout(print({ ...started, pods: end.pods, run: shown.run ?? null, outcome: shown.summary?.outcome ?? null, exitCode: end.exitCode ?? null }, options.output, () => ''));
  if (exitCode === undefined || (exitCode !== 0 && shown.summary === undefined)) throw lost(started.job, end);
  return exitCode;
}

export function place({ environment, drivers: { cluster }, clock, stop: signal }: Pick<JobSession, 'environment' | 'drivers' | 'clock' | 'stop'>, job: string) {
  return { cluster, clock, signal, namespace: environment.runner.namespace, job, container: containerName };
}

/** A tree on a terminal, else lines: what is meant for log collectors the pod writes itself. */
async function replayOf(host: Host) {
  let now = (): number => host.io.now();
  // Its own columns and rows change with the window: only the time is another one.
  const io = Object.create(host.io, { now: { value: () => now() } }) as Host['io'];
  const { talk } = await chooseTalk({ ...host, io }, host.io.isTerminal ? 'tree' : 'lines');
  return replay({
    now: () => host.io.now(),
    talk: (shown) => {
      now = shown;
      return talk;
    },
  });
}

function unlessStopped({ stop }: Host): (error: unknown) => undefined {
  return (error) => {
    if (!stop.aborted) throw error;
  };
}

function goesOn(job: string, invocation: Invocation): string {
  return [`Job ${job} goes on in the cluster.`, `  follow  ${commandLine(`logs --follow --job ${job}`, invocation)}`, `  cancel  ${commandLine('cancel', invocation)}`].join('\n');
}

/** Undefined: the runner did not end by itself. */
function exitCodeOf({ exitCode, verdict }: JobEnd): ExitCode | undefined {
  if (verdict === undefined || exitCode === undefined) return undefined;
  return exitCodes.find((own) => own === exitCode);
}

function lost(job: string, { verdict, exitCode, pods }: JobEnd): Failure {
  const how = exitCode === undefined ? '' : `; its last container ended with exit code ${exitCode}`;
  const summary = verdict === undefined ? `somebody has deleted Job ${job}` : `Job ${job}: ${verdict.reason}${how}`;
  const pod = pods.at(-1);
  return new Failure('JobLost', { summary, object: pod === undefined ? `Job ${job}` : `Pod ${pod}` });
}
