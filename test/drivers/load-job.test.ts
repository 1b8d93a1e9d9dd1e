// The Job driver on the simulated cluster, whose controllers run the Jobs.

import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCluster } from '../../sim/cluster.ts';
import { VirtualClock } from '../../sim/clock.ts';
import { seeded } from '../../sim/random.ts';
import type { JobSource } from '../../src/config/sections/load.ts';
import { kinds, type KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import type { NamedJob } from '../../src/drivers/drivers.ts';
import { DriverError } from '../../src/drivers/failure.ts';
import { jobDriver } from '../../src/drivers/load/job.ts';
import { jobName } from '../../src/drivers/load/job-manifest.ts';
import type { LoadState } from '../../src/drivers/load/load.ts';
import { loadContract } from '../contracts/load.ts';

const namespace = 'prod-2hpwr';
const target = { release: namespace, namespace, runId: 'run-1', step: 'loadData', attempt: 1 };

let clock: VirtualClock;
let cluster: SimulatedCluster;

beforeEach(async () => {
  clock = new VirtualClock();
  const behaviours = { 'Job/good': { afterMs: 5_000 }, 'Job/bad': { afterMs: 5_000, outcome: 'fails', log: 'no such table\n' }, 'Job/pull': { outcome: 'imagePull' }, 'Job/never': { outcome: 'never' } } as const;
  cluster = new SimulatedCluster({ clock, random: seeded(1), behaviours });
  await cluster.create(kinds.namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
});

function named(name: string, config: JobSource = { spec: specOf(name) }): NamedJob<JobSource> {
  return { name, timeoutMs: 60_000, config };
}

function specOf(container: string): Record<string, unknown> {
  return { template: { spec: { containers: [{ name: container, image: 'loader:1' }] } } };
}

async function begin(job: NamedJob<JobSource>): Promise<() => Promise<LoadState>> {
  const handle = await jobDriver(cluster).prepare(job, target);
  await jobDriver(cluster).start(job, target, handle);
  return () => jobDriver(cluster).poll(job, target, handle);
}

/** The chart's own Jobs are not the run's. */
async function ourJobs(): Promise<readonly KubernetesObject[]> {
  const { items } = await cluster.list(kinds.job, { namespace });
  return items.filter(({ metadata }) => metadata.annotations?.['changeover.dev/run'] !== undefined);
}

async function chartJob(name: string, { suspend }: { readonly suspend: boolean }): Promise<void> {
  await cluster.create(kinds.job, { apiVersion: 'batch/v1', kind: 'Job', metadata: { name, namespace, labels: { team: 'data' } }, spec: { ...specOf('good'), suspend } });
}

loadContract(async () => ({
  driver: () => jobDriver(cluster),
  good: named('good'),
  bad: named('bad'),
  badReason: /^bad-[0-9a-f]{8}-1 container bad ended with exit code \d+$/,
  target: (attempt) => ({ ...target, attempt }),
  end: () => clock.sleep(10_000),
  forget: async () => {
    for (const { metadata } of await ourJobs()) await cluster.delete({ kind: kinds.job, namespace, name: metadata.name }, metadata.uid ?? '');
    await clock.sleep(60_000);
  },
  started: () => cluster.inside.store.all(kinds.job, namespace).length,
  close: async () => undefined,
}));

describe('a Job of this run', () => {
  test('is copied from a suspended Job of the release, which itself stays as it is', async () => {
    await chartJob('loader', { suspend: true });
    const poll = await begin(named('countries', { fromJob: 'loader' }));
    await clock.sleep(10_000);
    expect(await poll()).toMatchObject({ state: 'succeeded' });
    expect(await cluster.get({ kind: kinds.job, namespace, name: 'loader' })).toMatchObject({ spec: { suspend: true } });
    expect((await ourJobs())[0]?.metadata.labels).toMatchObject({ team: 'data', 'app.kubernetes.io/managed-by': 'changeover' });
  });

  test('is copied from a CronJob, and does not belong to it: its history must not remove the result', async () => {
    const jobTemplate = { metadata: { labels: { team: 'data' }, annotations: { note: 'nightly' } }, spec: specOf('good') };
    await cluster.create(kinds.cronJob, { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'nightly', namespace }, spec: { schedule: '@daily', suspend: true, jobTemplate } });
    await begin(named('countries', { fromCronJob: 'nightly' }));
    const [made] = await ourJobs();
    expect(made?.metadata).toMatchObject({ labels: { team: 'data' }, annotations: { note: 'nightly' } });
    expect(made?.metadata.ownerReferences).toBeUndefined();
  });

  test.each([
    ['the release has no Job of that name', { fromJob: 'loader' }, { reason: 'notFound', detail: 'the release has none of that name in namespace prod-2hpwr' }],
    ['the release has no CronJob of that name', { fromCronJob: 'loader' }, { reason: 'notFound' }],
  ])('is refused when %s', async (_, source, error) => {
    await expect(begin(named('countries', source))).rejects.toMatchObject(error);
  });

  test('is refused when the Job to copy is not suspended: it loads by itself already', async () => {
    await chartJob('loader', { suspend: false });
    await expect(begin(named('countries', { fromJob: 'loader' }))).rejects.toMatchObject({ reason: 'invalid' });
    expect(await ourJobs()).toHaveLength(0);
  });

  test('is refused when a Job of that name exists that this run did not make, and that one is left alone', async () => {
    const name = jobName('good', target);
    const foreign = await cluster.create(kinds.job, { apiVersion: 'batch/v1', kind: 'Job', metadata: { name, namespace }, spec: specOf('never') });
    await expect(begin(named('good'))).rejects.toMatchObject({ reason: 'conflict' });
    expect((await cluster.get({ kind: kinds.job, namespace, name }))?.metadata.uid).toBe(foreign.metadata.uid);
  });

  test('is found when another runner, killed meanwhile, was faster by a moment', async () => {
    const first = await jobDriver(cluster).prepare(named('good'), target);
    const get = cluster.get.bind(cluster);
    cluster.get = async () => {
      cluster.get = get;
      return undefined;
    };
    expect(await jobDriver(cluster).prepare(named('good'), target)).toEqual(first);
    expect(await ourJobs()).toHaveLength(1);
  });
});

describe('a look at it', () => {
  test('tells the pod, the exit code, when it ended and the last lines of its log', async () => {
    const poll = await begin(named('bad'));
    await clock.sleep(10_000);
    expect(await poll()).toEqual({
      state: 'failed',
      failures: [{ job: jobName('bad', target), reason: expect.stringMatching(/exit code/), object: expect.stringMatching(/^Pod prod-2hpwr\/bad-/), since: '2026-01-01T00:00:05Z', logTail: 'no such table' }],
    });
  });

  test('tells the failure also when its log cannot be read', async () => {
    const poll = await begin(named('bad'));
    await clock.sleep(10_000);
    cluster.logs = async () => {
      throw new DriverError({ reason: 'forbidden', attempted: 'logs' });
    };
    expect(await poll()).toMatchObject({ state: 'failed', failures: [{ reason: expect.stringMatching(/exit code/) }] });
  });

  test('sees an image that cannot be pulled long before any time-out', async () => {
    const poll = await begin(named('pull'));
    await clock.sleep(30_000);
    expect(await poll()).toMatchObject({ state: 'failed', failures: [{ reason: expect.stringMatching(/^container pull: ImagePullBackOff/) }] });
  });

  test('does not take a Job that somebody put in its place for it', async () => {
    const poll = await begin(named('never'));
    const [ours] = await ourJobs();
    const reference = { kind: kinds.job, namespace, name: ours?.metadata.name ?? '' };
    await cluster.delete(reference, ours?.metadata.uid ?? '');
    await clock.sleep(60_000);
    await cluster.create(kinds.job, { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: reference.name, namespace, annotations: ours?.metadata.annotations ?? {} }, spec: specOf('good') });
    await clock.sleep(10_000);
    expect(await poll()).toMatchObject({ state: 'failed', failures: [{ reason: expect.stringContaining('somebody has replaced it') }] });
  });

  test('is no result while the cluster does not answer', async () => {
    const poll = await begin(named('good'));
    cluster.get = async () => {
      throw new DriverError({ reason: 'unavailable', attempted: 'get' });
    };
    await expect(poll()).rejects.toMatchObject({ reason: 'unavailable' });
  });
});

describe('cancelling', () => {
  test('removes a Job that runs, with its pods', async () => {
    const handle = await jobDriver(cluster).prepare(named('never'), target);
    await clock.sleep(2_000);
    await jobDriver(cluster).cancel(named('never'), target, handle);
    await clock.sleep(60_000);
    expect(await ourJobs()).toHaveLength(0);
    expect((await cluster.list(kinds.pod, { namespace })).items).toHaveLength(0);
  });

  test('removes what nobody has heard of: the answer to its creation was lost', async () => {
    await jobDriver(cluster).prepare(named('never'), target);
    await jobDriver(cluster).cancel(named('never'), { ...target, attempt: 2 }, undefined);
    expect(await ourJobs()).toHaveLength(1);
    await jobDriver(cluster).cancel(named('never'), target, undefined);
    await clock.sleep(60_000);
    expect(await ourJobs()).toHaveLength(0);
  });

  test('leaves alone a Job of the name that this run would have given, and did not make', async () => {
    const name = jobName('never', target);
    await cluster.create(kinds.job, { apiVersion: 'batch/v1', kind: 'Job', metadata: { name, namespace }, spec: specOf('never') });
    await jobDriver(cluster).cancel(named('never'), target, undefined);
    expect(await cluster.get({ kind: kinds.job, namespace, name })).toMatchObject({ metadata: { name } });
  });

  test('keeps a Job that has failed, with its log, for whoever wants to see what happened', async () => {
    const handle = await jobDriver(cluster).prepare(named('bad'), target);
    await clock.sleep(10_000);
    await jobDriver(cluster).cancel(named('bad'), target, handle);
    expect(await ourJobs()).toHaveLength(1);
  });
});
