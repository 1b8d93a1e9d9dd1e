// The runner as production has it: installed by its chart, started by a real CronJob every minute, as a pod that has no more rights
// than it was given. It swaps releases; its pod is killed, its Job deleted, its chart updated meanwhile; and each run ends well.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { runnerImage } from './support/image.ts';
import { InstalledRunner } from './support/installed-runner.ts';
import { KubernetesWorld } from './support/world.ts';

let world: KubernetesWorld;
let runner: InstalledRunner;

beforeAll(async () => {
  world = await KubernetesWorld.create('t-schedule');
  runner = await InstalledRunner.install(world, await runnerImage(), { schedule: '* * * * *', minInterval: '1s', release: loading(3) });
});
afterAll(async () => {
  await runner.uninstall();
  await world.end();
});

function loading(loaderSeconds: number): object {
  return { chart: { path: '/charts/app.tgz' }, values: [{ inline: { loaderSeconds } }] };
}

interface Job {
  readonly metadata: { readonly name: string };
  readonly status: { readonly active?: number; readonly succeeded?: number; readonly failed?: number };
}

/** In the order in which they were made. */
async function jobs(): Promise<readonly Job[]> {
  const list = await world.kubectl('get', 'jobs', '--namespace', runner.namespace, '--sort-by=.metadata.creationTimestamp', '-o', 'json');
  return (JSON.parse(list) as { items: Job[] }).items;
}

async function statusOf(name: string): Promise<Job['status'] | undefined> {
  return (await jobs()).find(({ metadata }) => metadata.name === name)?.status;
}

// A minute until the schedule fires, and a run on a busy machine.
const patience = { timeout: 170_000, interval: 500 };

/** The names answer with the one release that there is. */
async function live(): Promise<string> {
  const [release = '', ...others] = await world.releases();
  expect(others).toEqual([]);
  const addresses = await world.kubectl('get', 'services', '--namespace', release, '-o', 'jsonpath={.items[*].status.loadBalancer.ingress[*].ip}');
  for (const name of world.names) expect(addresses.split(' ')).toEqual(expect.arrayContaining([...(await world.dig(name))]));
  return release;
}

/** Starts a Job of the CronJob by hand; resolves when its candidate is being loaded. */
async function startLoading(name: string): Promise<{ readonly pod: string; readonly candidate: string }> {
  const before = await world.releases();
  await world.kubectl('create', 'job', '--namespace', runner.namespace, `--from=cronjob/${runner.name}`, name);
  const candidate = async (): Promise<string> => (await world.releases()).find((release) => !before.includes(release)) ?? '';
  const loaders = async (): Promise<string> => world.kubectl('get', 'pods', '--namespace', await candidate(), '-l', 'job-name', '-o', 'name', '--field-selector=status.phase=Running');
  await expect.poll(candidate, patience).not.toBe('');
  await expect.poll(loaders, patience).toContain('pod/base-');
  const pod = await world.kubectl('get', 'pods', '--namespace', runner.namespace, '-l', `job-name=${name}`, '-o', 'jsonpath={.items[0].metadata.name}');
  return { pod, candidate: await candidate() };
}

test('a CronJob starts the first run, which brings the first release, with all of Helm in 256 MiB', async () => {
  await expect.poll(async () => (await jobs())[0]?.status.succeeded, patience).toBe(1);
  // A pod that needs more is killed by the kernel (exit code 137) and counted as failed.
  expect((await jobs())[0]?.status.failed ?? 0).toBe(0);
  await live();
});

test('helm test runs the doctor as the runner itself, which finds all that it needs', async () => {
  expect(await runner.helm('test', `builder-${world.environment}`, '--namespace', runner.namespace, '--logs')).toMatch(/Phase:\s+Succeeded[^]*permissions  all/);
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

test('a pod that is killed while the candidate is loaded is replaced, and the new one resumes the run', async () => {
  const { pod, candidate } = await startLoading('killed');
  await world.kubectl('delete', 'pod', '--namespace', runner.namespace, pod, '--grace-period=0', '--force');
  await expect.poll(() => statusOf('killed'), patience).toMatchObject({ failed: 1, succeeded: 1 });
  expect(await live()).toBe(candidate);
  const log = await world.kubectl('logs', '--namespace', runner.namespace, 'job/killed');
  expect(log).toMatch(/"type":"runStarted".*"resumed":true/);
});

test('a Job that is deleted stops in order, and the next run resumes what it had begun', async () => {
  const { pod, candidate } = await startLoading('deleted');
  await world.kubectl('delete', 'job', '--namespace', runner.namespace, 'deleted', '--wait=false');
  await world.kubectl('wait', '--namespace', runner.namespace, `pod/${pod}`, '--for=delete', '--timeout=30s');
  await world.kubectl('create', 'job', '--namespace', runner.namespace, `--from=cronjob/${runner.name}`, 'next');
  await expect.poll(() => statusOf('next'), patience).toMatchObject({ succeeded: 1 });
  expect(await live()).toBe(candidate);
});
