// Load jobs as real Jobs on the embedded cluster: the contract, exit codes with their logs, images that are not there.

import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { JobSource } from '../../src/config/sections/load.ts';
import type { Cluster } from '../../src/drivers/cluster/cluster.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import type { NamedJob } from '../../src/drivers/drivers.ts';
import { hasEnded, type Job } from '../../src/drivers/load/job-state.ts';
import { jobDriver } from '../../src/drivers/load/job.ts';
import type { LoadState, LoadTarget } from '../../src/drivers/load/load.ts';
import { loadContract } from '../contracts/load.ts';
import { connect, makeNamespace, removeNamespace } from './support/namespaces.ts';
import { exampleImage } from './support/release.ts';

let cluster: Cluster;
let namespace: string;
let image: string;
let runs = 0;

beforeAll(async () => {
  cluster = await connect();
  [namespace, image] = await Promise.all([makeNamespace(cluster, 'load'), exampleImage()]);
});
afterAll(() => removeNamespace(cluster, namespace));

/** Every test is a run of its own: what another one left in the namespace is foreign to it. */
function newRun(): (attempt: number) => LoadTarget {
  const runId = `run-${(runs += 1)}`;
  return (attempt) => ({ release: namespace, namespace, runId, step: 'loadData', attempt });
}

function scripted(name: string, script: string, more: Readonly<Record<string, unknown>> = {}): NamedJob<JobSource> {
  const container = { name: 'main', image, command: ['sh', '-c', script], ...more };
  return { name, timeoutMs: 60_000, config: { spec: { backoffLimit: 6, template: { spec: { containers: [container], terminationGracePeriodSeconds: 0 } } } } };
}

async function ourJobs(target: LoadTarget): Promise<readonly Job[]> {
  const { items } = await cluster.list(kinds.job, { namespace });
  return items.filter(({ metadata }) => metadata.annotations?.['changeover.dev/run'] === target.runId && metadata.deletionTimestamp === undefined);
}

loadContract(async () => {
  const target = newRun();
  return {
    driver: () => jobDriver(cluster),
    good: scripted('good', 'sleep 1'),
    bad: scripted('bad', 'exit 3'),
    badReason: /^bad-[0-9a-f]{8}-1 container main ended with exit code 3$/,
    target,
    end: () => vi.waitFor(async () => expect((await ourJobs(target(1))).every(hasEnded)).toBe(true), { timeout: 30_000, interval: 100 }),
    forget: async () => {
      for (const { metadata } of await ourJobs(target(1))) await cluster.delete({ kind: kinds.job, namespace, name: metadata.name }, metadata.uid ?? '');
      await vi.waitFor(async () => expect((await cluster.list(kinds.job, { namespace })).items.filter(({ metadata }) => metadata.annotations?.['changeover.dev/run'] === target(1).runId)).toEqual([]), { timeout: 30_000, interval: 100 });
    },
    started: async () => (await ourJobs(target(1))).length,
    close: async () => undefined,
  };
});

async function endOf(job: NamedJob<JobSource>): Promise<LoadState> {
  const [driver, target] = [jobDriver(cluster), newRun()(1)];
  const handle = await driver.prepare(job, target);
  return vi.waitUntil(
    async () => {
      const state = await driver.poll(job, target, handle);
      return state.state === 'running' ? undefined : state;
    },
    { timeout: 60_000, interval: 200 },
  );
}

test.concurrent('a Job that fails tells its exit code, its pod and the end of its log', async () => {
  // One stream: between two, the container runtime keeps no order.
  const script = 'exec 2>&1; seq 1 100; echo "no such table: cities" >&2; exit 4';
  expect(await endOf(scripted('broken', script))).toMatchObject({
    state: 'failed',
    failures: [
      {
        job: expect.stringMatching(/^broken-/),
        reason: 'container main ended with exit code 4',
        object: expect.stringMatching(new RegExp(`^Pod ${namespace}/broken-`)),
        logTail: expect.stringMatching(/^82\n[^]*100\nno such table: cities$/),
      },
    ],
  });
});

test.concurrent('an image that does not exist is told within seconds, not after the back-off of the Job', async () => {
  const startedAt = Date.now();
  const state = await endOf(scripted('pull', 'true', { image: 'changeover.local/absent:1' }));
  expect(state).toMatchObject({ state: 'failed', failures: [{ reason: expect.stringMatching(/^container main: ImagePullBackOff: /) }] });
  expect(Date.now() - startedAt).toBeLessThan(45_000);
});

test.concurrent('a Secret that is missing is told instead of waited for', async () => {
  const env = [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'absent', key: 'password' } } }];
  expect(await endOf(scripted('config', 'true', { env }))).toMatchObject({ state: 'failed', failures: [{ reason: expect.stringContaining('CreateContainerConfigError: secret "absent" not found') }] });
});

test.concurrent('a Job that takes longer than its time-out is ended by Kubernetes, even when no runner is there', async () => {
  const state = await endOf({ ...scripted('slow', 'sleep 60'), timeoutMs: 2_000 });
  expect(state).toMatchObject({ state: 'failed', failures: [{ reason: expect.stringMatching(/^DeadlineExceeded/) }] });
});

test.concurrent('a CronJob of the release is copied as the API server stores it, with all its defaults', async () => {
  const spec = { template: { spec: { restartPolicy: 'OnFailure', containers: [{ name: 'main', image, command: ['true'] }] } } };
  await cluster.create(kinds.cronJob, { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'nightly', namespace }, spec: { schedule: '@yearly', suspend: true, jobTemplate: { spec } } });
  expect(await endOf({ name: 'nightly', timeoutMs: 60_000, config: { fromCronJob: 'nightly' } })).toMatchObject({ state: 'succeeded' });
});

test.concurrent('a suspended Job of the release is copied as the API server stores it, with all its defaults', async () => {
  const spec = { suspend: true, template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image, command: ['true'] }] } } };
  await cluster.create(kinds.job, { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'loader', namespace }, spec });
  expect(await endOf({ name: 'countries', timeoutMs: 60_000, config: { fromJob: 'loader' } })).toMatchObject({ state: 'succeeded' });
});
