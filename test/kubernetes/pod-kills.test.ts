// The installed runner loses its pod in every step of a rebuild, three times in one run; the Job replaces it, and the run ends well.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { annotations } from '../../src/plan/ownership.ts';
import { apiAs } from './support/api.ts';
import { runnerImage } from './support/image.ts';
import { InstalledRunner } from './support/installed-runner.ts';
import { makeLeftover } from './support/leftover.ts';
import { RunnerJob, type RunnerPod } from './support/runner-jobs.ts';
import { KubernetesWorld } from './support/world.ts';

interface Kill {
  readonly step: string;
  readonly by: 'kill' | 'deleteByForce';
}

/** The Job waits 10 s before the first replacement of a pod, then 20, then 40: more than three would be waiting only. */
const runs: readonly { readonly environment: string; readonly kills: readonly Kill[] }[] = [
  { environment: 't-podkill-a', kills: [{ step: 'checkPreconditions', by: 'kill' }, { step: 'waitUntilReady', by: 'deleteByForce' }, { step: 'drainPrevious', by: 'kill' }] },
  { environment: 't-podkill-b', kills: [{ step: 'removeLeftovers', by: 'kill' }, { step: 'loadData', by: 'deleteByForce' }, { step: 'swapNames', by: 'kill' }] },
  { environment: 't-podkill-c', kills: [{ step: 'installRelease', by: 'kill' }, { step: 'verifyRelease', by: 'kill' }, { step: 'retirePrevious', by: 'deleteByForce' }] },
];

const runners = new Map<string, InstalledRunner>();

beforeAll(async () => {
  const image = await runnerImage();
  await Promise.all(runs.map(({ environment }) => install(environment, image)));
});
afterAll(() => Promise.all([...runners.values()].map(uninstall)));

async function install(environment: string, image: string): Promise<void> {
  const world = await KubernetesWorld.create(environment);
  const release = { chart: { path: '/charts/app.tgz' }, values: [{ inline: { loaderSeconds: 3 } }] };
  runners.set(environment, await InstalledRunner.install(world, image, { minInterval: '1s', runner: { namespace: `changeover-${environment}`, leaseDuration: '5s' }, drain: { soak: '3s', every: '500ms' }, release }));
}

async function uninstall(runner: InstalledRunner): Promise<void> {
  await runner.uninstall();
  await runner.world.end();
}

function installed(environment: string): InstalledRunner {
  const runner = runners.get(environment);
  if (runner === undefined) throw new Error(`nothing is installed for ${environment}`);
  return runner;
}

async function podInStep(job: RunnerJob, step: string): Promise<RunnerPod> {
  const pod = await job.nextPod();
  await pod.until({ type: 'stepStarted', step });
  return pod;
}

test('the pod of an installed runner has the token of its own account, and nothing of its node or of others', async () => {
  const [{ environment } = { environment: '' }] = runs;
  const first = runs.map((run) => RunnerJob.start(installed(run.environment), 'first'));
  const job = await first[0];
  if (job === undefined) throw new Error('there is no first run');
  await hasOnlyItsOwn(await podInStep(job, 'loadData'), installed(environment));
  const lost = (await Promise.all(first)).map((started) => started.lostPods());
  expect(await Promise.all(lost)).toEqual([0, 0, 0]);
});

/** What its account must not do is the subject of privileges.test.ts. */
async function hasOnlyItsOwn(pod: RunnerPod, { name, namespace, world }: InstalledRunner): Promise<void> {
  const read = "fs.readFileSync('/var/run/secrets/kubernetes.io/serviceaccount/token', 'utf8')";
  const token = await world.kubectl('exec', '--namespace', namespace, pod.name, '--', 'node', '-p', read);
  const whoAmI = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const { text } = await apiAs(world.connection, token.trim())({ method: 'POST', path: '/apis/authentication.k8s.io/v1/selfsubjectreviews', body: whoAmI });
  expect(JSON.parse(text)).toMatchObject({ status: { userInfo: { username: `system:serviceaccount:${namespace}:${name}`, extra: { 'authentication.kubernetes.io/pod-name': [pod.name] } } } });
  const { spec } = JSON.parse(await world.kubectl('get', 'pod', '--namespace', namespace, pod.name, '-o', 'json')) as { spec: { volumes: Volume[] } & Record<string, unknown> };
  const parts = spec.volumes.flatMap(({ projected, ...source }): readonly Source[] => projected?.sources ?? [source]);
  const kinds = new Set(parts.flatMap((part) => Object.keys(part).filter((key) => key !== 'name')));
  expect([...kinds].toSorted()).toEqual(['configMap', 'downwardAPI', 'emptyDir', 'secret', 'serviceAccountToken']);
  expect(parts.flatMap(({ secret }) => secret?.name ?? [])).toEqual([name]);
  for (const shared of ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace']) expect(spec[shared] ?? false, shared).toBe(false);
}

interface Source {
  readonly secret?: { readonly name?: string };
}

interface Volume extends Source {
  readonly projected?: { readonly sources: readonly Source[] };
}

test.concurrent.each(runs)('$environment: a run that loses its pod in $kills.0.step, $kills.1.step and $kills.2.step ends well', async ({ environment, kills }) => {
  const runner = installed(environment);
  const [before = ''] = await runner.world.releases();
  const leftover = await makeLeftover(runner.world);
  const job = await RunnerJob.start(runner, 'killed');
  for (const { step, by } of kills) {
    const pod = await podInStep(job, step);
    await pod[by]();
  }
  const last = await job.nextPod();
  expect(await job.lostPods()).toBe(kills.length);
  expect(await last.log()).toContainEqual(expect.objectContaining({ type: 'runStarted', resumed: true }));
  expect(await isOnlyRelease(runner.world)).not.toBe(before);
  expect(await runner.world.releases()).not.toContain(leftover);
});

/** It is the live one, all names point to it on both name servers, Helm is done with it, and nobody holds the lock. */
async function isOnlyRelease(world: KubernetesWorld): Promise<string> {
  const [live = '', ...others] = await world.releases();
  expect(others).toEqual([]);
  const answers = await Promise.all(world.names.flatMap((name) => [world.dig(name, 'primary'), world.dig(name, 'secondary')]));
  expect(answers.every((answer) => answer.length === 1)).toBe(true);
  expect(await world.addressesOf(live)).toEqual(expect.arrayContaining(answers.flat()));
  expect(await world.kubectl('get', 'namespace', live, '-o', `jsonpath={.metadata.annotations.${annotations.state.replaceAll('.', String.raw`\.`)}}`)).toBe('live');
  expect(await world.kubectl('-n', live, 'get', 'secrets', '-l', 'owner=helm', '-o', 'jsonpath={.items[*].metadata.labels.status}')).toBe('deployed');
  expect(await world.kubectl('-n', `changeover-${world.environment}`, 'get', 'lease', `changeover-${world.environment}`, '-o', 'jsonpath={.spec.holderIdentity}')).toBe('');
  return live;
}
