// An old node pool and a new one: a rebuild brings the environment from one to the other, as an upgrade of a cluster wants it, and
// the runner itself loses its node in the middle of a load: drained, and gone. Both nodes have a taint, so that no other test's pods
// come there.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { runnerImage } from './support/image.ts';
import { InstalledRunner } from './support/installed-runner.ts';
import { withNode, type TestNode } from './support/nodes.ts';
import { RunnerJob, type LogLine } from './support/runner-jobs.ts';
import { KubernetesWorld } from './support/world.ts';

const id = 't-pools';
const key = 'changeover.test/pool';
/** As the values of the tests' chart have it. */
const exampleImage = 'changeover.local/example:dev';
/** Of a node that pods must not come to yet. */
const closed = 'changeover.test/closed:NoSchedule';
const nodes: TestNode[] = [];
let world: KubernetesWorld;
let runner: InstalledRunner;
let images: readonly string[];

beforeAll(async () => {
  world = await KubernetesWorld.create(id);
  images = [await runnerImage(), exampleImage];
  const [image = ''] = images;
  const pool = { nodeSelector: { [key]: id }, tolerations: [{ key, operator: 'Exists' }] };
  const installation = InstalledRunner.install(world, image, {
    minInterval: '1s',
    runner: { namespace: `changeover-${world.environment}`, leaseDuration: '5s', readNodes: true },
    release: { chart: { path: '/charts/app.tgz' }, values: [{ inline: { ...pool, loaderSeconds: 3 } }] },
    pod: pool,
  });
  [runner] = await Promise.all([installation, join('old')]);
});
afterAll(async () => {
  await runner.uninstall();
  await world.end();
  for (const node of nodes) await node.remove();
});

function nodeOf(pool: 'old' | 'new'): string {
  return `${id}-${pool}`;
}

async function join(pool: 'old' | 'new', ...furtherTaints: readonly string[]): Promise<void> {
  nodes.push(await withNode({ name: nodeOf(pool), labels: { [key]: id }, taints: [`${key}=${id}:NoSchedule`, ...furtherTaints], images }));
}

/** Where the pods of the only release are. */
async function home(): Promise<readonly string[]> {
  const [release = '', ...others] = await world.releases();
  expect(others).toEqual([]);
  const found = await world.kubectl('get', 'pods', '--namespace', release, '-o', 'jsonpath={.items[*].spec.nodeName}');
  return [...new Set(found.split(' '))];
}

async function summaryOf(job: RunnerJob): Promise<LogLine | undefined> {
  const pod = await job.nextPod();
  expect(await job.lostPods()).toBe(0);
  return (await pod.log()).findLast(({ type }) => type === 'summary');
}

test('an environment lives on the old pool, and the new one joins', async () => {
  const [summary] = await Promise.all([summaryOf(await RunnerJob.start(runner, 'first')), join('new', closed)]);
  expect(summary).toMatchObject({ outcome: 'succeeded' });
  expect(await home()).toEqual([nodeOf('old')]);
});

test('when the old pool is cordoned, status tells what it still carries', async () => {
  await Promise.all([world.kubectl('taint', 'node', nodeOf('new'), `${closed}-`), world.kubectl('cordon', nodeOf('old'))]);
  const [release = ''] = await world.releases();
  const { stdout } = await world.run('status');
  expect(stdout).toMatch(new RegExp(`^  ${nodeOf('old')} +still carries ${release}/web-`, 'm'));
});

test('a rebuild lands on the new pool, and its summary says that the old one carries nothing of the environment any more', async () => {
  const summary = await summaryOf(await RunnerJob.start(runner, 'second'));
  expect(await home()).toEqual([nodeOf('new')]);
  expect(summary?.cordoned).toContainEqual({ node: nodeOf('old'), pods: [] });
  const { stdout } = await world.run('status');
  expect(stdout).toMatch(new RegExp(`^  ${nodeOf('old')} +carries nothing of ${world.environment} any more$`, 'm'));
});

test('a runner whose node is drained in the middle of a load ends in order, and goes on with the same run on another node', async () => {
  const job = await startedOn('old', 'drained');
  const drained = await job.nextPod();
  await drained.until({ type: 'stepStarted', step: 'loadData' });
  const [log, exitCode] = await Promise.all([
    drained.logToTheEnd(),
    drained.exitCode(),
    world.kubectl('drain', nodeOf('old'), '--force', '--delete-emptydir-data', '--ignore-daemonsets', '--timeout=60s'),
  ]);
  expect(exitCode).toBe('143');
  expect(log.at(-1)).toMatchObject({ type: 'summary', outcome: 'interrupted' });
  const second = await job.nextPod();
  expect([drained.node, second.node]).toEqual([nodeOf('old'), nodeOf('new')]);
  expect(await job.lostPods()).toBe(1);
  expect(await second.log()).toContainEqual(expect.objectContaining({ type: 'runStarted', resumed: true, run: log.find(({ type }) => type === 'runStarted')?.run }));
  expect(await home()).toEqual([nodeOf('new')]);
});

test('a runner whose node is gone in the middle of a load is replaced on another node, and the new pod resumes the run', async () => {
  const job = await startedOn('old', 'gone');
  const lost = await job.nextPod();
  await lost.until({ type: 'stepStarted', step: 'loadData' });
  const begun = (await lost.log()).find(({ type }) => type === 'runStarted')?.run;
  await nodes.find(({ name }) => name === nodeOf('old'))?.remove();
  const second = await job.nextPod();
  expect([lost.node, second.node]).toEqual([nodeOf('old'), nodeOf('new')]);
  expect(await job.lostPods()).toBe(1);
  expect(begun).toBeDefined();
  expect(await second.log()).toContainEqual(expect.objectContaining({ type: 'runStarted', resumed: true, run: begun }));
  expect(await home()).toEqual([nodeOf('new')]);
});

/** The runner alone: whatever it makes afterwards goes to the other pool. */
async function startedOn(pool: 'old', name: string): Promise<RunnerJob> {
  await world.kubectl('cordon', nodeOf('new'));
  await world.kubectl('uncordon', nodeOf(pool));
  const job = await RunnerJob.start(runner, name);
  expect(await job.nextNode()).toBe(nodeOf(pool));
  await Promise.all([world.kubectl('cordon', nodeOf(pool)), world.kubectl('uncordon', nodeOf('new'))]);
  return job;
}
