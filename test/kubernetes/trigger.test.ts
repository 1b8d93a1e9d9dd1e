// The installed runner worked by hand on a real cluster: triggered, followed over a lost pod, detached from, cancelled, looked up.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { runnerImage } from './support/image.ts';
import { InstalledRunner } from './support/installed-runner.ts';
import { KubernetesWorld, type RunningCommand } from './support/world.ts';

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

test('triggered without any schedule it is followed to its end, as a local run is shown, and ends with its exit code', async () => {
  const { command } = await trigger();
  const { exitCode, stderr } = await ended(command);
  expect([exitCode, stderr]).toEqual([0, expect.stringMatching(/\[7\/9\] Move the public names[^]*DONE {2}rebuild of t-trigger in/)]);
  const [release = ''] = await world.releases();
  expect(stderr).toContain(`live   ${release}`);
  // The Job says a moment later than its pod that it is over; nothing is awaited meanwhile.
  expect(stderr.slice(stderr.indexOf('done, after'))).not.toContain('waiting for a pod');
  expect(await world.dig(world.names[0] ?? '')).toHaveLength(1);
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
  expect(await world.releases()).toHaveLength(1);
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
  await expect.poll(() => jobStatus(jobIn(detached.stderr)), { timeout: 30_000 }).toMatchObject({ failed: 1 });
});

async function jobStatus(job: string): Promise<object> {
  const text = await world.kubectl('get', 'job', '--namespace', runner.namespace, job, '-o', 'jsonpath={.status}');
  return JSON.parse(text) as object;
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
