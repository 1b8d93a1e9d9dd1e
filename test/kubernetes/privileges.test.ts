// The accounts of an installed runner against a real API server: what they must not do is refused, and what they need works.

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { installerAllowed, making, runnerAllowed, unmaking } from './privileges/allowed.ts';
import { installerForbidden } from './privileges/installer-forbidden.ts';
import { core, coordination, configMap, configuration, environment, inNamespace, lease, lookalike, namespace, object, other, otherRelease, rbac, record, release, role, runner } from './privileges/places.ts';
import { runnerForbidden } from './privileges/runner-forbidden.ts';
import { apiAs, type Api, type ApiCall } from './support/api.ts';
import { installChart, tokenOf, uninstallChart } from './support/narrow.ts';
import { KubernetesWorld } from './support/world.ts';

let world: KubernetesWorld;
let asRunner: Api;
let asInstaller: Api;
let asAdministrator: Api;

const foreign = [lookalike, otherRelease];

beforeAll(async () => {
  world = await KubernetesWorld.create(environment);
  await removeNeighbours();
  await installChart(world);
  asRunner = apiAs(world.connection, await tokenOf(world, runner, runner));
  await world.kubectl('create', 'serviceaccount', administrator, '-n', runner);
  await world.kubectl('create', 'clusterrolebinding', `${environment}-${administrator}`, '--clusterrole=cluster-admin', `--serviceaccount=${runner}:${administrator}`);
  asAdministrator = apiAs(world.connection, await tokenOf(world, runner, administrator));
  await neighbours();
  await policiesAreInForce();
});

const administrator = 'administrator-of-the-test';

afterAll(async () => {
  await removeNeighbours('--wait=false');
  await uninstallChart(world);
  await world.end();
});

/** Also what a test left that was killed. */
async function removeNeighbours(...options: readonly string[]): Promise<void> {
  await world.kubectl('delete', 'clusterrolebinding', `${environment}-${administrator}`, '--ignore-not-found');
  await world.kubectl('delete', 'clusterrole', `changeover-${other}-installer`, '--ignore-not-found');
  await world.kubectl('delete', 'namespace', ...foreign, '--ignore-not-found', ...options);
}

/** What is nobody's business of this environment's. */
async function neighbours(): Promise<void> {
  const post = (path: string, body: object): Promise<void> => worksFor(asAdministrator, { method: 'POST', path, body });
  await post(`${core}/namespaces`, namespace(lookalike, {}));
  await post(`${core}/namespaces`, namespace(otherRelease, { 'app.kubernetes.io/managed-by': 'changeover', 'changeover.dev/environment': other }));
  await post(`${rbac}/clusterroles`, role('ClusterRole', `changeover-${other}-installer`));
  await post(inNamespace(core, otherRelease, 'serviceaccounts'), object('v1 ServiceAccount', 'changeover-installer'));
  await post(inNamespace(core, runner, 'configmaps'), configMap(record(other)));
  await post(inNamespace(core, runner, 'configmaps'), configMap(configuration));
  await post(inNamespace(coordination, runner, 'leases'), lease(`changeover-${other}`));
}

/** The API server compiles a policy some moments after it was stored; until then it would let everything through. */
async function policiesAreInForce(): Promise<void> {
  const probes: readonly ApiCall[] = [
    { method: 'POST', path: `${core}/namespaces?dryRun=All`, body: namespace('t-probe') },
    { method: 'POST', path: `${inNamespace(core, runner, 'configmaps')}?dryRun=All`, body: configMap('probe') },
    { method: 'POST', path: `/apis/rbac.authorization.k8s.io/v1/namespaces/${runner}/rolebindings?dryRun=All`, body: { ...namespace('x'), kind: 'RoleBinding', apiVersion: 'rbac.authorization.k8s.io/v1', roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: `${runner}-release` } } },
  ];
  await vi.waitFor(async () => expect((await Promise.all(probes.map(asRunner))).map(({ status }) => status)).toEqual([403, 403, 403]), { timeout: 30_000, interval: 100 });
}

async function worksFor(api: Api, row: ApiCall): Promise<void> {
  const { status, text } = await api(row);
  expect(status, text).toBeLessThan(300);
}

async function isRefusedTo(api: Api, row: ApiCall): Promise<void> {
  const { status, text } = await api(row);
  expect(`${status} ${text}`).toMatch(/^403 .*[Ff]orbidden/s);
}

describe('the runner can', () => {
  test.each(making)('$title', (row) => worksFor(asRunner, row));

  test('use what it has given itself, a moment later', async () => {
    const list = { method: 'GET', path: inNamespace(core, release, 'services') } as const;
    await expect.poll(async () => (await asRunner(list)).status, { timeout: 30_000, interval: 50 }).toBe(200);
  });

  test.each(runnerAllowed)('$title', (row) => worksFor(asRunner, row));
});

describe('the installer can', () => {
  test('log in by the token that the runner takes for it', async () => {
    const { text } = await asRunner({ method: 'POST', path: inNamespace(core, release, 'serviceaccounts/changeover-installer/token'), body: { spec: { expirationSeconds: 600 } } });
    const { status } = JSON.parse(text) as { readonly status: { readonly token: string; readonly expirationTimestamp: string } };
    asInstaller = apiAs(world.connection, status.token);
    expect((await asInstaller({ method: 'GET', path: inNamespace(core, release, 'secrets') })).status).toBe(200);
  });

  test.each(installerAllowed)('$title', (row) => worksFor(asInstaller, row));
});

test('at least sixty ways to do more are tried, each a different request', () => {
  const all = [...runnerForbidden, ...installerForbidden];
  expect(all.length).toBeGreaterThanOrEqual(60);
  for (const rows of [runnerForbidden, installerForbidden]) expect(new Set(rows.map(({ title }) => title)).size).toBe(rows.length);
});

describe('the runner cannot', () => {
  test.each(runnerForbidden)('$title', (row) => isRefusedTo(asRunner, row));
});

describe('the installer cannot', () => {
  test.each(installerForbidden)('$title', (row) => isRefusedTo(asInstaller, row));
});

describe('after all that', () => {
  test('what belongs to others is as it was', async () => {
    const untouched = [`${core}/namespaces/${lookalike}`, `${core}/namespaces/${otherRelease}`, inNamespace(core, runner, `configmaps/${record(other)}`), inNamespace(core, runner, `configmaps/${configuration}`), inNamespace(core, runner, 'configmaps?labelSelector=app.kubernetes.io/name=changeover')];
    const found = await Promise.all(untouched.map((path) => asAdministrator({ method: 'GET', path })));
    expect(found.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const [seen, theirs, written, planted] = found.map(({ text }) => JSON.parse(text) as { readonly metadata: { readonly labels?: object; readonly annotations?: object; readonly deletionTimestamp?: string }; readonly data?: Readonly<Record<string, string>> });
    expect(seen?.metadata.labels).not.toHaveProperty('changeover.dev/environment');
    expect(theirs?.metadata).not.toHaveProperty('annotations');
    expect(written?.data).toEqual({ record: '{}' });
    expect(planted?.data).toEqual({ record: '{}' });
    expect((JSON.parse(found.at(-1)?.text ?? '') as { readonly items: readonly object[] }).items).toEqual([expect.objectContaining({ immutable: true })]);
  });

  test('the runner deletes its own release', () => worksFor(asRunner, unmaking));
});
