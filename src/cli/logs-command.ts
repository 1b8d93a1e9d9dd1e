// `logs` behind its options: finds the Job, and shows what its pods have told, as they showed it or line by line.

import { Failure, type ExitCode } from '../errors.ts';
import { kinds } from '../drivers/cluster/objects.ts';
import { followJob } from '../follow/job.ts';
import { hasStarted, podsOf, sightOf, waitingFor } from '../follow/sight.ts';
import { readRecords } from '../observe/records.ts';
import type { Job } from '../readiness/shapes.ts';
import type { Invocation } from '../report/commands.ts';
import { linesTalk } from '../report/lines.ts';
import { printableTalk } from '../report/printable.ts';
import { replay, type Replay } from '../report/replay.ts';
import { styleFor } from '../report/style.ts';
import { orStopped } from '../run/stop.ts';
import { retry } from '../run/retry.ts';
import { jobOfHolder, listJobs } from '../session/jobs.ts';
import type { Reading } from '../session/session.ts';
import { invocationOf } from './invocation.ts';
import type { Host } from './io.ts';
import { lastWords } from './last-words.ts';
import type { LogsOptions } from './logs.ts';
import { opening } from './opening.ts';
import { containerName, place } from './trigger-command.ts';

export async function logsCommand(options: LogsOptions, host: Host): Promise<ExitCode> {
  return opening({ host, options, words: 'logs' }, async (session) => {
    try {
      const job = await orStopped(findJob(session, options), host.stop);
      const shown = options.output === 'json' ? undefined : shownAsText(host);
      const take = (text: string): void => (shown === undefined ? host.io.stdout(`${text}\n`) : shown.take(text));
      const say = (line: string): void => (shown === undefined ? host.io.stderr(`${line}\n`) : shown.talk.say(line));
      if (options.follow === true) await followJob({ ...place(session, job.metadata.name), onLine: ({ text }) => take(text), say });
      else await orStopped(readAll(session, job, { take, say }), host.stop);
      if (shown !== undefined) host.io.stdout(await words(session, shown, invocationOf(options, host)));
      return 0;
    } catch (error) {
      // To be stopped is how following ends.
      if (host.stop.aborted && options.follow === true) return 0;
      throw error;
    }
  });
}

async function findJob(session: Reading, { job: name, run }: LogsOptions): Promise<Job> {
  const jobs = await listJobs(session);
  const found = name !== undefined ? jobs.find(({ metadata }) => metadata.name === name) : run !== undefined ? await jobOfRun(session, run, jobs) : jobs.at(-1);
  if (found !== undefined) return found;
  const there = jobs.length === 0 ? 'none is there' : `there are ${jobs.map(({ metadata }) => metadata.name).join(', ')}`;
  const wanted = name === undefined ? `no Job of environment ${session.environment.environment} is left` : `there is no Job ${name} of environment ${session.environment.environment}; ${there}`;
  throw new Failure('UsageInvalid', { summary: wanted, next: 'What is recorded of each run: changeover history' });
}

async function jobOfRun({ drivers, clock, stop: signal }: Reading, id: string, jobs: readonly Job[]): Promise<Job> {
  const records = await retry(() => readRecords(drivers.records), { clock, signal });
  const record = records.map((stored) => stored.record).findLast((known) => known.id === id || known.id.endsWith(`-${id}`));
  if (record === undefined) throw new Failure('UsageInvalid', { summary: `there is no run ${id}`, next: 'See which there are: changeover history' });
  const job = jobOfHolder(record.holder, jobs);
  if (job !== undefined) return job;
  throw new Failure('UsageInvalid', { summary: `run ${record.id} was done by ${record.holder}: no Job of a runner, or one that is gone`, next: `What is recorded of it: changeover history ${record.id}` });
}

interface Telling {
  readonly take: (text: string) => void;
  readonly say: (line: string) => void;
}

const mostLines = 1_000_000;

async function readAll({ drivers: { cluster }, environment, clock, stop: signal }: Reading, { metadata: { name } }: Job, { take, say }: Telling): Promise<void> {
  const { namespace } = environment.runner;
  const [pods, events, jobs] = await Promise.all([kinds.pod, kinds.event, kinds.job].map((kind) => retry(() => cluster.list(kind, { namespace }), { clock, signal })));
  const objects = [...(pods?.items ?? []), ...(events?.items ?? []), ...(jobs?.items ?? [])];
  const own = podsOf(objects, name);
  if (own.length === 0) say(waitingFor(sightOf(objects, name), containerName) ?? `no pod of Job ${name} is left`);
  for (const pod of own) {
    if (!hasStarted(pod, containerName)) say(waitingFor(sightOf(objects, name), containerName) ?? `pod ${pod.metadata.name} has not started`);
    else for (const line of linesOf(await retry(() => cluster.logs({ kind: kinds.pod, name: pod.metadata.name, namespace }, { container: containerName, tailLines: mostLines }), { clock, signal }))) take(line);
  }
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** What is asked for is data: it goes to standard output, in lines that can be searched. */
function shownAsText({ io }: Host) {
  const output = { write: (text: string) => io.stdout(text), columns: Number.POSITIVE_INFINITY, rows: Number.POSITIVE_INFINITY, color: false };
  return replay({
    now: () => io.now(),
    talk: (now) => printableTalk(linesTalk(output, now)),
  });
}

function words(session: Reading, shown: Replay, invocation: Invocation): Promise<string> {
  return lastWords(session, shown, { invocation, page: { columns: Number.POSITIVE_INFINITY, style: styleFor({ color: false }) }, isFresh: false });
}
