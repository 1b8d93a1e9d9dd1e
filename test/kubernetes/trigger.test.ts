// The installed runner worked by hand on a real cluster: triggered, followed over a lost pod, detached from, cancelled, looked up.

import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { runnerImage } from './support/image.ts';
import { InstalledRunner } from './support/installed-runner.ts';
import { runAs, tokenOf } from './support/narrow.ts';
import { RunnerJob } from './support/runner-jobs.ts';
import { KubernetesWorld, type Finished, type RunningCommand } from './support/world.ts';

let world: KubernetesWorld;
let runner: InstalledRunner;

beforeAll(async () => {
  world = await KubernetesWorld.create('t-trigger');
  runner = await InstalledRunner.install(world, await runnerImage(), { release: loading });
});
afterAll(async () => {
  await runner.uninstall();
  await world.end();
});

const loading = { chart: { path: '/charts/app.tgz' }, values: [{ inline: { loaderSeconds: 6 } }] };
/** So long that it is certainly under way after some more commands, on whatever machine; nobody waits for its end. */
const loadingLong = { ...loading, values: [{ inline: { loaderSeconds: 50 } }] };

/** Starts `trigger`; what it has told so far can be waited for. */
async function trigger(...args: readonly string[]) {
  const command = world.start('trigger', await world.writeLayer({}), ...args);
  let told = '';
  command.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()));
  const tells = (text: string | RegExp): Promise<void> => expect.poll(() => told, { timeout: 60_000, interval: 100 }).toMatch(text);
  return { command, tells };
}

async function ended(command: RunningCommand): Promise<{ readonly exitCode: number | undefined; readonly stderr: string }> {
  const { exitCode, stderr } = await command;
  return { exitCode, stderr: String(stderr) };
}

async function podsOf(job: string): Promise<readonly string[]> {
  const names = await world.kubectl('get', 'pods', '--namespace', runner.namespace, '-l', `job-name=${job}`, '-o', 'jsonpath={.items[*].metadata.name}');
  return names.split(' ').filter((name) => name !== '');
}

function jobIn(stderr: string): string {
  return /started Job \S+\/(\S+)/.exec(stderr)?.[1] ?? '';
}

/** Makes an account, `person`, with the Role of the manual and nothing else. */
async function grantByHand(): Promise<void> {
  const manual = await readFile(resolve(import.meta.dirname, '../../docs/operations.md'), 'utf8');
  const role = /^ {4}apiVersion: rbac\.[^]*?\n\n/m.exec(manual)?.[0].replaceAll(/^ {4}/gm, '').replace('namespace: changeover', `namespace: ${runner.namespace}`) ?? '';
  const file = join(world.directory, 'role.yaml');
  await writeFile(file, role);
  await world.kubectl('apply', '-f', file);
  await world.kubectl('create', 'serviceaccount', 'person', '--namespace', runner.namespace);
  await world.kubectl('create', 'rolebinding', 'person', '--namespace', runner.namespace, '--role=changeover-by-hand', `--serviceaccount=${runner.namespace}:person`);
}

async function as(account: string, command: string): Promise<Finished> {
  return runAs(world, await tokenOf(world, runner.namespace, account), [command, '-f', await world.writeLayer({})]);
}

test('triggered without any schedule, with the Role of the manual alone, it is followed to its end, as a local run is shown, and ends with its exit code', async () => {
  await grantByHand();
  const { exitCode, stderr } = await as('person', 'trigger');
  expect([exitCode, stderr]).toEqual([0, expect.stringMatching(/\[7\/9\] Move the public names[^]*DONE {2}rebuild of t-trigger in/)]);
  // The Job says a moment later than its pod that it is over; nothing is awaited meanwhile.
  expect(stderr.slice(stderr.indexOf('done, after'))).not.toContain('waiting for a pod');
  expect(await world.dig(world.names[0] ?? '')).toHaveLength(1);
});

test('the Role of the manual is enough to read its log, too; the runner’s own account may neither start a run nor read of one', async () => {
  expect(await as('person', 'logs')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('DONE  rebuild of t-trigger') as string });
  for (const command of ['trigger', 'logs']) expect(await as(runner.name, command)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('This account may not do what is needed') as string });
});

test('a pod that is lost is replaced, and the one command follows both; the run is resumed, and no line is told twice', async () => {
  const { command, tells } = await trigger();
  await tells(/\[5\/9\] Load the data[^]*base: running/);
  const job = await jobName();
  const [pod = ''] = await podsOf(job);
  await world.kubectl('delete', 'pod', '--namespace', runner.namespace, pod, '--grace-period=0', '--force');
  const { exitCode, stderr } = await ended(command);
  expect([exitCode, stderr]).toEqual([0, expect.stringMatching(/pod \S+ is lost|exit code 1[34]\d/)]);
  expect(stderr).toMatch(/goes on in pod [^]*run \S+ goes on/);
  expect(stderr.match(/\[3\/9\] Install the new release/g)).toHaveLength(1);
  const [release = '', ...others] = await world.releases();
  // As wide as its longest word: nodes that another test has cordoned are told there, too.
  expect(stderr.slice(-1_500)).toMatch(new RegExp(`^ {2}live +${release}$`, 'm'));
  expect(others).toEqual([]);
});

test('it ends with 1 when the data cannot be loaded, and with 3 when the public has to be led back, and the public stays where it was', async () => {
  const [live = ''] = await world.releases();
  const addresses = await world.dig(world.names[0] ?? '');
  await runner.upgrade({ release: runner.release({ loaderExit: 4 }) });
  const unloaded = await ended((await trigger()).command);
  expect([unloaded.exitCode, unloaded.stderr]).toEqual([1, expect.stringMatching(/FAILED {2}[^]*row 17: bad value/)]);
  expect(unloaded.stderr.slice(unloaded.stderr.indexOf('ended with exit code 1'))).not.toContain('waiting for a pod');
  await runner.upgrade({ drain: { soak: '1m', every: '500ms' } });
  const { command, tells } = await trigger();
  await tells(/\[8\/9\]/);
  const candidate = (await world.releases()).find((name) => name !== live) ?? '';
  await world.kubectl('scale', 'deployment', 'web', '--namespace', candidate, '--replicas=0');
  const broken = await ended(command);
  expect([broken.exitCode, broken.stderr]).toEqual([3, expect.stringContaining('FAILED, AND SWAPPED BACK')]);
  expect(await world.releases()).toEqual([live]);
  expect(await world.dig(world.names[0] ?? '')).toEqual(addresses);
  // For good, each of them: no pod is replaced that has ended by itself.
  for (const { stderr } of [unloaded, broken]) expect(await endOf(jobIn(stderr))).toEqual({ failed: 1, active: 0, reason: 'PodFailurePolicy' });
});

async function jobName(): Promise<string> {
  const names = await world.kubectl('get', 'jobs', '--namespace', runner.namespace, '--sort-by=.metadata.creationTimestamp', '-o', 'jsonpath={.items[*].metadata.name}');
  return names.split(' ').at(-1) ?? '';
}

test('interrupted it detaches, a second one is refused, and cancelled from elsewhere the run leaves nothing', async () => {
  await runner.upgrade({ release: loadingLong });
  const before = await world.releases();
  const { command, tells } = await trigger();
  await tells(/\[5\/9\] Load the data/);
  command.kill('SIGINT');
  const detached = await ended(command);
  expect([detached.exitCode, detached.stderr]).toEqual([130, expect.stringContaining(`changeover logs --follow --job ${jobIn(detached.stderr)}`)]);
  const refused = await world.run('trigger');
  expect([refused.exitCode, refused.stderr]).toEqual([5, expect.stringContaining(jobIn(detached.stderr))]);
  const cancelled = await world.run('cancel');
  expect([cancelled.exitCode, cancelled.stdout]).toEqual([0, expect.stringContaining('is cancelled: no name was moved, and nothing of it is left')]);
  expect(await world.releases()).toEqual(before);
  // For good: not only until the pod is replaced.
  expect(await endOf(jobIn(detached.stderr))).toEqual({ failed: 1, active: 0, reason: 'PodFailurePolicy' });
});

interface JobStatus {
  readonly failed?: number;
  readonly active?: number;
  readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason: string }[];
}

/** Of a Job that has failed for good: how many pods it had and has, and why it makes no more. */
async function endOf(job: string): Promise<{ readonly failed: number; readonly active: number; readonly reason: string }> {
  const failed = async () => {
    const { status } = await world.read<{ status: JobStatus }>(`/apis/batch/v1/namespaces/${runner.namespace}/jobs/${job}`);
    const condition = status.conditions?.find(({ type, status }) => type === 'Failed' && status === 'True');
    if (condition === undefined) throw new Error(`Job ${job} has not failed: ${JSON.stringify(status)}`);
    return { failed: status.failed ?? 0, active: status.active ?? 0, reason: condition.reason };
  };
  return vi.waitFor(failed, { timeout: 60_000, interval: 200 });
}

test('the log of its latest Job can be read afterwards, readable or as it is', async () => {
  const text = await world.run('logs');
  expect([text.exitCode, text.stdout]).toEqual([0, expect.stringMatching(/\[5\/9\] Load the data[^]*Undoing: Install the new release[^]*FAILED {2}The run was cancelled/)]);
  const lines = (await world.run('logs', {}, '-o', 'json')).stdout.trimEnd().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { type?: string }).type).slice(-2)).toEqual(['runEnded', 'summary']);
});

test('a pod that cannot start is told with its cause', async () => {
  const { pod } = (await runner.values()) as { pod: { image: object } };
  await runner.upgrade({ release: loading, pod: { ...pod, image: { ...pod.image, tag: 'missing' } } });
  const { command, tells } = await trigger();
  await tells(/pod \S+: .*(ErrImageNeverPull|is not present)/);
  command.kill('SIGINT');
  expect((await ended(command)).exitCode).toBe(130);
});

test('a Job that cannot start is deleted, and one whose pod is lost once more than it may be replaced ends as failed; none takes more than 256 MB', async () => {
  // It would wait for its image for ever, and keep the CronJob from starting another.
  await world.kubectl('delete', 'job', '--namespace', runner.namespace, await jobName());
  const { pod } = (await runner.values()) as { pod: object };
  await runner.upgrade({ release: loadingLong, pod: { ...pod, replacements: 1 } });
  const job = await RunnerJob.start(runner, 'lost-twice');
  for (const _ of ['the first', 'its replacement']) {
    const pod = await job.nextPod();
    await pod.until({ type: 'stepStarted', step: 'loadData' });
    // Helm has installed the release by now, or the first pod's has; and every look at the cluster was taken.
    const megabytes = await pod.peakMegabytes();
    console.log(`${pod.name}, up to its load: ${megabytes} MB`);
    expect(megabytes).toBeLessThanOrEqual(256);
    await pod.deleteByForce();
  }
  expect(await endOf(job.name)).toEqual({ failed: 2, active: 0, reason: 'BackoffLimitExceeded' });
});
