// Looks at the candidate as the public will: the last step before anybody may notice. Changes nothing outside it.

import * as z from 'zod';
import { DriverError, failedWith } from '../drivers/failure.ts';
import { Failure } from '../errors.ts';
import { timestamp } from '../run/clock.ts';
import { retry } from '../run/retry.ts';
import type { StepContext } from '../run/step.ts';
import { waitFor, WaitTimeout, type Look } from '../run/wait.ts';
import { checksFailed, failedSince, line, type FailedCheck } from './failed-checks.ts';
import { failed, failureFacts, failureLines, jobResult, type JobResult } from './load/result.ts';
import { bindJob } from './load/run-job.ts';
import { cancelJobs, runJobs, type JobEntry } from './load/run-jobs.ts';
import { runHttpChecks, type CheckFailure } from './verification.ts';
import type { ReleaseStep, World } from './world.ts';

const verifyResult = z.object({
  /** Configured checks that passed. */
  httpChecks: z.int(),
  jobs: z.array(jobResult).readonly(),
  helmTest: z.boolean(),
});
export type VerifyResult = z.infer<typeof verifyResult>;

type Context = StepContext<World, unknown>;

export const verifyRelease: ReleaseStep<'verifyRelease', VerifyResult> = {
  name: 'verifyRelease',
  title: 'Verify the new release',
  output: verifyResult,

  skip({ environment: { verify } }) {
    const isEmpty = verify.http.length === 0 && verify.jobs.length === 0 && !verify.helmTest;
    return isEmpty ? 'no checks are configured' : undefined;
  },

  async act(context) {
    const { http, helmTest } = context.world.environment.verify;
    await passHttpChecks(context);
    const jobs = await passJobs(context);
    if (helmTest) await passHelmTest(context);
    return { httpChecks: http.length, jobs, helmTest };
  },

  undo: (context) => cancelJobs(entriesOf(context), context),
};

const roundMs = 1_000;

/** Repeated until all pass at once: caches warm up, and a Service that is ready is not reachable in the same instant. */
async function passHttpChecks(context: Context): Promise<void> {
  const { clock, signal, world } = context;
  const { timeout, http } = world.environment.verify;
  if (http.length === 0) return;
  let failures: readonly FailedCheck[] = [];
  const look = async (): Promise<Look<void>> => {
    const found = await checkOnce(world);
    failures = failedSince(found, failures, timestamp(clock));
    if (found.some(({ hopeless }) => hopeless)) throw checksFailed('VerificationFailed', failures);
    return found.length === 0 ? { done: true, value: undefined } : { done: false, awaited: found.map(line) };
  };
  try {
    await waitFor(look, { clock, signal, timeoutMs: timeout, pauseMs: () => roundMs, remind: (awaited) => context.report({ message: 'checks have not passed yet', awaited }) });
  } catch (error) {
    if (error instanceof WaitTimeout) throw checksFailed('VerificationFailed', failures);
    throw error;
  }
  context.report({ message: http.length === 1 ? 'the HTTP check has passed' : `all ${http.length} HTTP checks have passed` });
}

/** A cluster that does not answer is awaited like everything else; one that refuses is a failure at once. */
async function checkOnce(world: World): Promise<readonly CheckFailure[]> {
  try {
    return await runHttpChecks(world);
  } catch (error) {
    if (!(error instanceof DriverError)) throw error;
    return [{ check: 'the Services of the candidate', reason: error.message, hopeless: !failedWith(error, 'unavailable', 'timeout') }];
  }
}

async function passJobs(context: Context): Promise<readonly JobResult[]> {
  const entries = entriesOf(context);
  const results = await runJobs(entries, { context, onFailure: 'continue' });
  const bad = failed(results);
  if (bad.length === 0 && results.length === entries.length) return results;
  const [summary = 'not every check job has a result', ...details] = bad.flatMap(failureLines);
  throw new Failure('VerificationFailed', {
    summary,
    details,
    object: `check job ${bad[0]?.name ?? entries.map(({ name }) => name).join(', ')}`,
    ...failureFacts(bad),
  });
}

function entriesOf({ world, run }: StepContext<World, unknown>): readonly JobEntry[] {
  const { plan: { candidate }, drivers: { load }, environment: { verify } } = world;
  const target = { release: candidate, namespace: candidate, runId: run.id, step: verifyRelease.name };
  return verify.jobs.map(({ name, job, timeout }) => ({
    name,
    after: [],
    timeoutMs: timeout,
    retries: 0,
    job: bindJob(load.job, { name, timeoutMs: timeout, config: job }, target),
  }));
}

async function passHelmTest(context: Context): Promise<void> {
  const { clock, signal, world: { plan: { candidate, helmRelease = candidate }, drivers: { helm }, environment: { verify } } } = context;
  context.report({ message: 'running helm test' });
  try {
    await retry(() => helm.test(helmRelease, candidate, { timeoutMs: verify.timeout, signal }), { clock, signal });
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof DriverError)) throw error;
    const [reason = '', ...log] = (error.detail ?? error.reason).split('\n');
    const facts = { object: `release ${candidate}`, reason, since: timestamp(clock), ...(log.length > 0 && { logTail: log.join('\n') }) };
    throw new Failure('VerificationFailed', { ...facts, summary: `helm test: ${reason}`, cause: error });
  }
  context.report({ message: 'helm test has passed' });
}
