// What the accounts of an installed runner really use of what they are granted, by the API server's own audit log of whole runs.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditedSince, auditMark, describePermission, isUsed, permissionsOf, type AuditedRequest, type Rule } from './support/audit.ts';
import { widgetDefinition } from './support/own-kind.ts';
import { installChart, runAs, tokenOf, uninstallChart } from './support/narrow.ts';
import { KubernetesWorld, type Finished } from './support/world.ts';

const environment = 't-audit';
const name = `changeover-${environment}`;
const group = `${environment}.example.test`;

let world: KubernetesWorld;
let token: string;
let mark: number;
let installer: readonly Rule[] = [];
/** `roleRef.name` of the bindings of a live release. */
let bound: readonly string[];

beforeAll(async () => {
  world = await KubernetesWorld.create(environment);
  await removeOutside();
  await makeKind();
  await writeFile(join(world.directory, 'data.json'), '{}');
  await installChart(world, { ...values(), ...runner, load: [harvest()] });
  token = await tokenOf(world, name, name);
  installer = await rulesOf('clusterrole', `${name}-installer`);
  mark = auditMark(world.connection.auditLog);
});

afterAll(async () => {
  await uninstallChart(world);
  await removeOutside();
  await world.end();
});

/** A kind of nobody else's. */
async function makeKind(): Promise<void> {
  const file = join(world.directory, 'kind.json');
  await writeFile(file, JSON.stringify(widgetDefinition(group)));
  await world.kubectl('apply', '-f', file);
  await world.kubectl('wait', '--for=condition=Established', `crd/widgets.${group}`, '--timeout=60s');
}

/** The world cleans up by removing namespaces, which takes no PriorityClass along, nor a kind. */
async function removeOutside(): Promise<void> {
  await world.kubectl('delete', 'crd', `widgets.${group}`, '--ignore-not-found');
  const names = await releasesOutside('priorityclasses');
  if (names.length > 0) await world.kubectl('delete', 'priorityclasses', ...names);
}

/** Releases that have such an object outside of their namespace, there or gone. */
async function releasesOutside(kinds: string): Promise<readonly string[]> {
  const output = await world.kubectl('get', kinds, '-o', 'name');
  return [...new Set([...output.matchAll(new RegExp(`/(${environment}-[a-z0-9]{5})`, 'g'))].map(([, release = '']) => release))].toSorted();
}

async function rulesOf(kind: 'role' | 'clusterrole', role: string): Promise<readonly Rule[]> {
  const { rules } = JSON.parse(await world.kubectl('get', kind, role, '-n', name, '-o', 'json')) as { readonly rules: readonly Rule[] };
  return rules;
}

async function run(command: string, more: object): Promise<number> {
  return (await told(command, more)).exitCode;
}

async function told(command: string, more: object): Promise<Finished> {
  const finished = await runAs(world, token, [command, '-f', await world.writeLayer({ ...more, ...runner })]);
  expect(finished.stderr).not.toContain('Something unexpected');
  return finished;
}

const runner = { runner: { namespace: name, leaseDuration: '3s', keepRecords: 1, readNodes: true } };
const permissions = { cluster: [{ apiGroups: ['scheduling.k8s.io'], resources: ['priorityclasses'] }] };
const ownKind = { apiGroups: [group], resources: ['widgets'] };
const values = (more: object = {}) => world.release({ rights: installer, ...more }, { permissions });
const withOwnKind = () => world.release({ rights: installer, customKind: true }, { permissions: { ...permissions, namespaced: [ownKind] } });
const nightly = { name: 'nightly', job: { fromCronJob: 'nightly' }, timeout: '1m' };
const base = { name: 'base', job: { fromJob: 'loader' }, timeout: '1m' };

/** Signs in by a Secret of the release; ends at the Service, which cannot be reached from outside of the cluster. */
function harvest(): object {
  const password = { secret: { name: 'harvester', key: 'password' } };
  return { name: 'harvest', jobList: { dataConfig: join(world.directory, 'data.json'), credentials: { username: 'harvester', password } }, timeout: '1m' };
}

describe('whole runs with the runner’s own account', () => {
  test('a first rebuild, of a chart that hands all of Helm’s own rights on in a Role of its own', async () => {
    expect(await run('rebuild', { ...values(), load: [base, nightly], verify: { helmTest: true } })).toBe(0);
    const [release = ''] = await world.releases();
    bound = (await world.kubectl('get', 'rolebindings,clusterrolebindings', '-n', release, '-l', `changeover.dev/environment=${environment}`, '-o', 'jsonpath={.items[*].roleRef.name}')).split(' ');
    const { rules } = JSON.parse(await world.kubectl('get', 'role', 'operator', '-n', release, '-o', 'json')) as { readonly rules: readonly Rule[] };
    expect(permissionsOf(rules).map(describePermission)).toEqual(permissionsOf(installer).map(describePermission));
  });

  test('a chart with a kind of its own fails by its name, with the very key to add, and nothing else is touched', async () => {
    const [live] = await world.releases();
    const { exitCode, stderr } = await told('rebuild', { ...values({ customKind: true }), load: [] });
    expect([exitCode, await world.releases()]).toEqual([1, [live]]);
    expect(stderr.replace(/\s+/g, ' ')).toContain(`cannot get resource "widgets" in API group "${group}"`);
    expect(stderr.replace(/\s+/g, ' ')).toContain(`Add to the environment file: release.permissions.namespaced: [{ apiGroups: [${group}], resources: [widgets] }]; then update the installed runner (helm upgrade)`);
  });

  test('with that key added, the installer may write this kind, the runner watch it, and neither gets more', async () => {
    const before = await rulesOf('clusterrole', `${name}-release`);
    await installChart(world, { ...withOwnKind(), ...runner, load: [harvest()] });
    expect(await rulesOf('clusterrole', `${name}-installer`)).toEqual([...installer, { ...ownKind, verbs: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'] }]);
    expect(await rulesOf('clusterrole', `${name}-release`)).toEqual([...before, { ...ownKind, verbs: ['list', 'watch'] }]);
  });

  test('a second one, which has an object of this kind and keeps the first, and a rollback to that', async () => {
    expect(await run('rebuild', { ...withOwnKind(), load: [], deleteExisting: false })).toBe(0);
    const widgets = await world.kubectl('get', `widgets.${group}`, '--all-namespaces', '-o', 'jsonpath={range .items[*]}{.metadata.namespace}/{.metadata.name} {end}');
    expect(widgets.trim()).toMatch(new RegExp(`^${environment}-[a-z0-9]{5}/gear$`));
    expect(await run('rollback', { ...values(), load: [], deleteExisting: false })).toBe(0);
  });

  test('a third one that removes what was live, and in which a load may fail', async () => {
    expect(await run('rebuild', { ...values(), load: [harvest()], strictErrorChecking: false })).toBe(0);
  });

  test('what a release had outside of its namespace is gone with it', async () => {
    const [kept = '', ...others] = await world.releases();
    expect(others).toHaveLength(1);
    // The garbage collector takes the binding, once its owner is gone.
    await expect.poll(() => releasesOutside('priorityclasses,clusterrolebindings'), { timeout: 30_000 }).toEqual([kept, ...others].toSorted());
  });

  test('a rehearsal whose load fails: the other job is cancelled, and the candidate removed', async () => {
    const releases = await world.releases();
    expect(await run('rehearse', { ...values({ loaderExit: 4, nightlySeconds: 60 }), load: [base, nightly] })).toBe(1);
    expect(await world.releases()).toEqual(releases);
  });
});

describe('by the audit log', () => {
  let requests: readonly AuditedRequest[];

  beforeAll(() => {
    requests = auditedSince(world.connection.auditLog, mark, new RegExp(`system:serviceaccount:(${name}:${name}|${environment}-[a-z0-9]{5}:changeover-installer)`));
  });

  test.each([
    { what: 'outside of its releases', kind: 'clusterrole', role: name },
    { what: 'in its own namespace', kind: 'role', role: name },
    { what: 'in its releases', kind: 'clusterrole', role: `${name}-release` },
  ] as const)('the runner uses everything that it is granted $what', async ({ kind, role }) => {
    const granted = permissionsOf(await rulesOf(kind, role));
    expect(granted.length).toBeGreaterThan(5);
    // To bind is no request of its own: what is bound was allowed to be.
    const unused = granted.filter((permission) => (permission.verb === 'bind' ? !bound.includes(permission.name ?? '') : !isUsed(permission, role, requests)));
    expect(unused.map(describePermission)).toEqual([]);
  });

  test('Helm itself uses what it works with; the rest it holds to hand on, which the first rebuild has shown', () => {
    const used = permissionsOf(installer).filter((permission) => isUsed(permission, `${name}-installer`, requests)).map(describePermission);
    expect(used).toEqual(
      expect.arrayContaining([
        ...['list', 'create', 'update', 'delete'].map((verb) => `${verb} secrets`),
        ...['services', 'serviceaccounts', 'deployments.apps', 'jobs.batch', 'cronjobs.batch', 'roles.rbac.authorization.k8s.io', 'rolebindings.rbac.authorization.k8s.io'].flatMap((kind) => [`get ${kind}`, `patch ${kind}`, `delete ${kind}`]),
        'get pods/log',
      ]),
    );
  });

  test('outside of its namespace it uses what the configuration lists for the chart', () => {
    const granted = permissionsOf([{ ...(permissions.cluster[0] ?? { apiGroups: [], resources: [] }), verbs: ['get', 'patch', 'delete'] }]);
    expect(granted.filter((permission) => !isUsed(permission, `${name}-installer-cluster`, requests)).map(describePermission)).toEqual([]);
  });

  test('no request of theirs was refused, but the way to a Service that only a pod can go, and the kind that was not listed yet', () => {
    const refused = requests.filter(({ code }) => code === 401 || code === 403);
    expect([...new Set(refused.map(({ resource }) => resource))].toSorted()).toEqual(['pods/portforward', 'widgets']);
  });
});
