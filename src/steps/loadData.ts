// Fills the candidate with data. Strict means strict: no result of this run but success lets the run go on.

import * as z from 'zod';
import type { Environment } from '../config/environment.ts';
import { Failure } from '../errors.ts';
import type { StepContext } from '../run/step.ts';
import { failed, failureFacts, failureLines, jobResult, type JobResult } from './load/result.ts';
import { bindJob, type BoundJob } from './load/run-job.ts';
import { cancelJobs, runJobs, type JobEntry } from './load/run-jobs.ts';
import type { ReleaseStep, World } from './world.ts';

const loadResult = z.object({
  jobs: z.array(jobResult).readonly(),
  /** How many of them failed; more than 0 only without strict error checking. */
  failed: z.int(),
});
export type LoadResult = z.infer<typeof loadResult>;

type Context = StepContext<World, unknown>;

export const loadData: ReleaseStep<'loadData', LoadResult> = {
  name: 'loadData',
  title: 'Load the data',
  output: loadResult,

  skip: ({ environment }) => (environment.load.length === 0 ? 'no load jobs are configured' : undefined),

  async act(context) {
    const entries = entriesOf(context);
    const strict = context.world.environment.strictErrorChecking;
    const jobs = await runJobs(entries, {
      context,
      onFailure: strict ? 'stop' : 'continue',
      onFailed: (result) => (strict ? undefined : warnOf(result, context)),
    });
    const bad = failed(jobs);
    // Counted, not inferred: a job without a result must never pass for one that ended well.
    if (strict && (bad.length > 0 || jobs.length !== entries.length)) throw loadFailure(bad, entries);
    return { jobs, failed: bad.length };
  },

  // The candidate goes anyway, unless it is kept for a look; then nothing may load into it behind one's back.
  undo: (context) => cancelJobs(entriesOf(context), context),
};

function entriesOf(context: StepContext<World, unknown>): readonly JobEntry[] {
  return context.world.environment.load.map((job) => ({
    name: job.name,
    after: job.after,
    timeoutMs: job.timeout,
    retries: job.retries,
    job: bound(job, context),
  }));
}

function bound(job: Environment['load'][number], { world, run }: Context): BoundJob {
  const { plan: { candidate }, drivers: { load } } = world;
  const target = { release: candidate, namespace: candidate, runId: run.id, step: loadData.name };
  const named = { name: job.name, timeoutMs: job.timeout };
  return 'job' in job ? bindJob(load.job, { ...named, config: job.job }, target) : bindJob(load.jobList, { ...named, config: job.jobList }, target);
}

function warnOf(result: JobResult, context: Context): void {
  for (const line of failureLines(result)) context.warn(`load job ${line}; the run goes on, since strictErrorChecking is off`);
}

function loadFailure(bad: readonly JobResult[], entries: readonly JobEntry[]): Failure {
  const lines = bad.flatMap(failureLines);
  return new Failure('LoadFailed', {
    summary: lines[0] === undefined ? 'not every load job has a result' : `${lines[0]}${lines.length > 1 ? `, and ${lines.length - 1} more` : ''}`,
    object: `load job ${bad[0]?.name ?? entries.map(({ name }) => name).join(', ')}`,
    ...failureFacts(bad),
    details: lines.slice(1),
  });
}
