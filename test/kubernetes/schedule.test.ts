// The runner as production has it: installed by its chart, started by a real CronJob every minute, as a pod that has no more rights
// than it was given. It swaps releases; its pod is evicted, its Job deleted, its chart and image updated meanwhile; and each run ends well.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { fillDiskBelow, onSmallNode, withSmallNode } from './support/eviction.ts';
import { otherTag, runnerImage, type OtherTag } from './support/image.ts';
import { InstalledRunner } from './support/installed-runner.ts';
import type { TestNode } from './support/nodes.ts';
import { RunnerJob, type RunnerPod } from './support/runner-jobs.ts';
import { KubernetesWorld } from './support/world.ts';

let world: KubernetesWorld;
let runner: InstalledRunner;
let smallNode: TestNode;
let newer: OtherTag;

beforeAll(async () => {
  world = await KubernetesWorld.create('t-schedule');
  const image = await runnerImage();
  [runner, smallNode, newer] = await Promise.all([
    InstalledRunner.install(world, image, { schedule: '* * * * *', minInterval: '1s', release: loading(3), runner: { leaseDuration: '6s', readNodes: true } }),
    withSmallNode('t-schedule-small', image),
    otherTag(image, 't-schedule-newer'),
  ]);
});
afterAll(async () => {
  await runner.uninstall();
  await Promise.all([world.end(), smallNode.remove(), newer.remove()]);
});

const suspended = { schedule: '* * * * *', minInterval: '1s', suspend: true };

function loading(loaderSeconds: number): object {
  return { chart: { path: '/charts/app.tgz' }, values: [{ inline: { loaderSeconds } }] };
}

interface Job {
  readonly metadata: { readonly name: string; readonly creationTimestamp: string };
  readonly status: { readonly active?: number; readonly succeeded?: number; readonly failed?: number };
}

/** In the order in which they were made. */
async function jobs(): Promise<readonly Job[]> {
  const { items } = await world.read<{ items: Job[] }>(`/apis/batch/v1/namespaces/${runner.namespace}/jobs`);
  return items.toSorted((one, other) => one.metadata.creationTimestamp.localeCompare(other.metadata.creationTimestamp));
}

// A minute until the schedule fires, and a run on a busy machine.
const patience = { timeout: 170_000, interval: 500 };

/** The names answer with the one release that there is. */
async function live(): Promise<string> {
  const [release = '', ...others] = await world.releases();
  expect(others).toEqual([]);
  const addresses = await world.addressesOf(release);
  for (const name of world.names) expect(addresses).toEqual(expect.arrayContaining([...(await world.dig(name))]));
  return release;
}

/** Starts a Job of the CronJob by hand; resolves when its candidate is being loaded. */
async function startLoading(name: string): Promise<{ readonly job: RunnerJob; readonly pod: RunnerPod; readonly candidate: string }> {
  const before = await world.releases();
  const job = await RunnerJob.start(runner, name);
  const pod = await job.nextPod();
  const candidate = async (): Promise<string> => (await world.releases()).find((release) => !before.includes(release)) ?? '';
  const loaders = async (): Promise<readonly string[]> => podsOf(await candidate(), 'labelSelector=job-name&fieldSelector=status.phase=Running');
  await expect.poll(candidate, patience).not.toBe('');
  await expect.poll(loaders, patience).toContainEqual(expect.stringMatching(/^base-/));
  return { job, pod, candidate: await candidate() };
}

async function podsOf(namespace: string, query: string): Promise<readonly string[]> {
  const { items } = await world.read<{ items: { metadata: { name: string } }[] }>(`/api/v1/namespaces/${namespace}/pods?${query}`);
  return items.map(({ metadata }) => metadata.name);
}

test('a CronJob starts the first run, which brings the first release, with all of Helm in 256 MiB', async () => {
  await expect.poll(async () => (await jobs())[0]?.status.succeeded, patience).toBe(1);
  // A pod that needs more is killed by the kernel (exit code 137) and counted as failed.
  expect((await jobs())[0]?.status.failed ?? 0).toBe(0);
  await live();
});

test('helm test runs the doctor as the runner itself, which finds all that it needs', async () => {
  const told = await runner.helm('test', `builder-${world.environment}`, '--namespace', runner.namespace, '--logs');
  expect(told).toMatch(/Phase:\s+Succeeded/);
  const wrong = told.split('\n').filter((line) => /^ +[!✖?] /.test(line));
  expect([told.match(/^ +✔ \w+/gm)?.map((line) => line.replace(/^ +✔ /, '')), wrong]).toEqual([
    ['cluster', 'clock', 'permissions', 'namespace', 'records', 'helm', 'secrets', 'chart', 'names', 'live', 'schedule', 'room', 'quota'],
    [],
  ]);
});

test('a second run follows by itself and takes its place; an update of the chart meanwhile does it no harm', async () => {
  const first = await live();
  await expect.poll(async () => (await jobs())[1]?.status.active, patience).toBe(1);
  await runner.upgrade({ schedule: '* * * * *', minInterval: '1s', suspend: true, release: loading(8), pod: await withLabel() });
  await expect.poll(async () => (await jobs())[1]?.status.succeeded, patience).toBe(1);
  expect((await jobs())[1]?.status.failed ?? 0).toBe(0);
  expect(await live()).not.toBe(first);
});

/** The pod of the next run is another one. */
async function withLabel(): Promise<object> {
  const { pod } = (await runner.values()) as { pod: object };
  return { ...pod, labels: { 'example.org/update': 'second' } };
}

// What breaks a limit of its own (`sizeLimit`, `ephemeral-storage`) is evicted without that condition, which nothing of the chart looks at.
test('a pod that the kubelet evicts while the candidate is loaded is replaced, and the new one resumes the run with the image and the configuration that it began with, whatever was installed meanwhile', async () => {
  // So long that it is certainly still being loaded after an installation and an eviction, on whatever machine.
  await runner.upgrade({ ...suspended, release: loading(40), pod: onSmallNode(smallNode.name) });
  const begunWith = await world.kubectl('get', 'cronjob', runner.name, '--namespace', runner.namespace, '-o', 'jsonpath={.spec.jobTemplate.spec.template.spec.volumes[0].projected.sources[0].configMap.name}');
  const { job, pod, candidate } = await startLoading('evicted');
  expect(pod.node).toBe(smallNode.name);
  const run = (await pod.log()).find(({ type }) => type === 'runStarted')?.run;
  expect(run).toBeDefined();
  const update = { ...suspended, release: loading(9), pod: await withNewerImage() };
  await runner.upgrade(update);
  expect(await configurations()).toEqual(expect.arrayContaining([begunWith]));
  expect(await configurations()).toHaveLength(2);
  expect(await fillDiskBelow(pod)).toMatchObject({ reason: 'Evicted', conditions: expect.arrayContaining([expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet' })]) as unknown });
  const second = await job.nextPod();
  expect(second.image).toBe(pod.image);
  // It counts as any other that is lost: `replacements` bounds how often.
  expect(await job.lostPods()).toBe(1);
  expect(await second.log()).toContainEqual(expect.objectContaining({ type: 'runStarted', resumed: true, run }));
  expect(await live()).toBe(candidate);
  // The one that it began with has served: it goes with an installation after that by which it was replaced.
  await runner.upgrade(update);
  expect(await configurations()).not.toContain(begunWith);
  expect(await configurations()).toHaveLength(1);
});

async function withNewerImage(): Promise<object> {
  const { pod } = (await runner.values()) as { pod: { image: object } };
  return { image: { ...pod.image, tag: newer.tag } };
}

/** Names of the ConfigMaps that hold one. */
async function configurations(): Promise<readonly string[]> {
  const { items } = await world.read<{ items: { metadata: { name: string } }[] }>(`/api/v1/namespaces/${runner.namespace}/configmaps?labelSelector=app.kubernetes.io/name=changeover`);
  return items.map(({ metadata }) => metadata.name);
}

test('the next Job has the new image; deleted it stops in order, and the one after it resumes what it had begun', async () => {
  const { pod, candidate } = await startLoading('deleted');
  expect(pod.image).toMatch(new RegExp(`:${newer.tag}$`));
  await world.kubectl('delete', 'job', '--namespace', runner.namespace, 'deleted', '--wait=false');
  await world.kubectl('wait', '--namespace', runner.namespace, `pod/${pod.name}`, '--for=delete', '--timeout=30s');
  expect(await (await RunnerJob.start(runner, 'next')).lostPods()).toBe(0);
  expect(await live()).toBe(candidate);
});
