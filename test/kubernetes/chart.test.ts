// The runner's chart on a real API server: it takes every object, its admission policies are sound and refuse what they should, and its
// pods pass Pod Security `restricted`. Runs nothing: no image is needed.

import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { InstalledRunner } from './support/installed-runner.ts';
import { wholeInstallation } from './support/rendered.ts';
import { KubernetesWorld } from './support/world.ts';

const root = resolve(import.meta.dirname, '../..');
let world: KubernetesWorld;
let runner: InstalledRunner;
const release = 't-chart-aaaaa';
const marks = { 'app.kubernetes.io/managed-by': 'changeover', 'changeover.dev/environment': 't-chart' };

beforeAll(async () => {
  world = await KubernetesWorld.create('t-chart');
  const permissions = { namespaced: [{ apiGroups: ['example.org'], resources: ['things'] }], cluster: [{ apiGroups: [''], resources: ['persistentvolumes'] }] };
  runner = await InstalledRunner.install(world, 'changeover.local/none:none', {
    release: { chart: { path: '/charts/app.tgz' }, permissions },
    runner: { readNodes: true },
    schedule: '0 3 * * 6',
    timeZone: 'Europe/Berlin',
    schedules: [{ operation: 'prune', schedule: '@every 24h' }],
    suspend: true,
  });
  await world.kubectl('create', 'namespace', release);
  await world.kubectl('label', 'namespace', release, ...Object.entries(marks).map(([key, value]) => `${key}=${value}`));
});
afterAll(async () => {
  await runner.uninstall();
  await world.end();
});

async function policies(): Promise<readonly { metadata: { name: string; generation: number }; status?: { observedGeneration?: number; typeChecking?: object } }[]> {
  const { items } = JSON.parse(await world.kubectl('get', 'validatingadmissionpolicies', '-l', 'changeover.dev/environment=t-chart', '-o', 'json')) as { items: never[] };
  return items;
}

test('every expression of its policies is one that the API server understands', async () => {
  await expect.poll(async () => (await policies()).map(({ metadata, status }) => [metadata.name, status?.observedGeneration === metadata.generation, status?.typeChecking])).toEqual(
    ['accounts', 'bindings', 'clusterbindings', 'namespaces', 'records'].map((about) => [`changeover-t-chart-${about}`, true, {}]),
  );
});

test('the files of the classic builder, over one that says which chart, are installed as they are', async () => {
  const [name, namespace] = ['builder-classic', 'changeover-t-chart-classic'];
  const files = ['classic-base', 'classic'].flatMap((file) => ['-f', join(root, `config/${file}.yaml`)]);
  try {
    await runner.helm('upgrade', '--install', ...files, name, join(root, 'chart'), '--namespace', namespace, '--create-namespace');
    const { spec } = JSON.parse(await world.kubectl('get', 'cronjob', 'changeover-portal', '--namespace', namespace, '-o', 'json')) as { readonly spec: object };
    expect(spec).toMatchObject({ schedule: '0 20 * * 5', concurrencyPolicy: 'Forbid' });
    const { items } = JSON.parse(await world.kubectl('get', 'configmaps', '-l', 'app.kubernetes.io/name=changeover', '--namespace', namespace, '-o', 'json')) as { readonly items: readonly { readonly data: Record<string, string> }[] };
    expect(items.flatMap(({ data }) => Object.values(data)).map((text) => parse(text) as object)).toMatchObject([{ environment: 'portal', cluster: 'portal-cluster', deleteExisting: true, dataConfig: 'https://data.example.org/configurations/portal.json' }]);
  } finally {
    await runner.helm('uninstall', name, '--namespace', namespace, '--ignore-not-found');
    await world.kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--wait=false');
  }
});

test('the environment file of the example and its secrets are all that is needed, from a checkout as it is', async () => {
  const [program = '', ...args] = wholeInstallation.split(' ');
  const { kubeconfig, binDir } = world.connection;
  const ours = ['-n', 'default', '-l', 'app.kubernetes.io/instance=builder-prod', '-o', 'name'];
  try {
    const { stdout } = await execa(join(binDir, program), args, { cwd: root, env: { KUBECONFIG: kubeconfig } });
    expect(stdout).toMatch(/^NAMESPACE: default$/m);
    expect(stdout).toMatch(/^rebuild: at 01:30, every day, Europe\/Berlin/m);
    expect((await world.kubectl('get', 'cronjobs,secrets,serviceaccounts', ...ours)).split('\n')).toEqual([
      'cronjob.batch/changeover-prod',
      'cronjob.batch/changeover-prod-prune',
      'cronjob.batch/changeover-prod-rehearse',
      'secret/changeover-prod',
      'serviceaccount/changeover-prod',
    ]);
  } finally {
    await runner.helm('uninstall', 'builder-prod', '--namespace', 'default', '--ignore-not-found');
  }
  expect(await world.kubectl('get', 'cronjobs,secrets,serviceaccounts,configmaps', ...ours)).toBe('');
});

test('its pods pass Pod Security `restricted`, and an autoscaler leaves them alone', async () => {
  await world.kubectl('create', 'job', '--namespace', runner.namespace, `--from=cronjob/${runner.name}`, 'one');
  const pods = async () => (JSON.parse(await world.kubectl('get', 'pods', '--namespace', runner.namespace, '-l', 'job-name=one', '-o', 'json')) as { items: { metadata: { annotations: object } }[] }).items;
  await expect.poll(async () => (await pods()).length, { timeout: 20_000 }).toBe(1);
  expect((await pods())[0]?.metadata.annotations).toMatchObject({ 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' });
  await world.kubectl('delete', 'job', '--namespace', runner.namespace, 'one', '--wait=false');
});

test('an update with the same values changes nothing', async () => {
  const versions = () => world.kubectl('get', 'cronjobs,configmaps,roles,networkpolicies,serviceaccounts', '--namespace', runner.namespace, '-l', 'app.kubernetes.io/name=changeover', '-o', 'jsonpath={.items[*].metadata.resourceVersion}');
  const before = await versions();
  await runner.upgrade(await unchanged());
  expect(await versions()).toBe(before);
});

/** As installed, read back from Helm. */
async function unchanged(): Promise<Record<string, unknown>> {
  return JSON.parse(await runner.helm('get', 'values', 'builder-t-chart', '--namespace', runner.namespace, '-o', 'json')) as Record<string, unknown>;
}

type Attempt = readonly [title: string, object: object];

const namespace = (name: string, labels: object, more: object = {}): object => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels, ...more } });
const configMap = (name: string): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'changeover-t-chart' } });
const lease = (name: string): object => ({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace: 'changeover-t-chart' } });

interface Binding {
  readonly name: string;
  readonly role: string;
  readonly account: string;
  readonly of?: string;
  readonly within?: string;
}

function binding({ name, role, account, of = release, within = release }: Binding): object {
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role };
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { name, namespace: within }, roleRef, subjects: [{ kind: 'ServiceAccount', name: account, namespace: of }] };
}

const forRunner: Binding = { name: 'changeover-runner', role: 'changeover-t-chart-release', account: 'changeover-t-chart', of: 'changeover-t-chart' };
const forInstaller: Binding = { name: 'changeover-installer', role: 'changeover-t-chart-installer', account: 'changeover-installer' };

describe('the runner may', () => {
  const allowed: readonly Attempt[] = [
    ['make a release', namespace('t-chart-bbbbb', marks, { annotations: { 'changeover.dev/run': 'x' } })],
    ['let itself in', binding(forRunner)],
    ['let Helm in', binding(forInstaller)],
    ['keep a record', configMap('changeover-t-chart-20261121-104512-2hpwr')],
    ['take its lock', lease('changeover-t-chart')],
  ];
  test.each(allowed)('%s', async (_, what) => {
    expect(await runner.tryToCreate(what)).toMatch(/created \(server dry run\)/);
  });
});

describe('the runner may not', () => {
  const denied: readonly Attempt[] = [
    ['make a namespace of another name', namespace('t-chart-production', marks)],
    ['make one without the label', namespace('t-chart-bbbbb', {})],
    ['make one of another environment', namespace('t-chart-bbbbb', { ...marks, 'changeover.dev/environment': 'prod' })],
    ['make one that lifts Pod Security', namespace('t-chart-bbbbb', { ...marks, 'pod-security.kubernetes.io/enforce': 'privileged' })],
    ['let itself into what is no release', binding({ ...forRunner, within: 'default' })],
    ['let Helm in under another role', binding({ ...forInstaller, role: forRunner.role })],
    ['let somebody else in', binding({ ...forInstaller, account: 'default' })],
    ['bind what it was not given', binding({ ...forInstaller, role: 'cluster-admin' })],
    ['change its own configuration', configMap('changeover-t-chart-configuration-0123456789')],
    ['take the lock of another environment', lease('changeover-prod')],
  ];
  test.each(denied)('%s', async (_, what) => {
    expect(await runner.tryToCreate(what)).toMatch(/Forbidden|forbidden/);
  });
});
