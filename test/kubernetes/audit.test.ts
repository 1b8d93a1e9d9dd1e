// What the accounts of an installed runner really use of what they are granted, by the API server's own audit log of whole runs.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditedSince, auditMark, describePermission, isUsed, permissionsOf, type AuditedRequest, type Rule } from './support/audit.ts';
import { installChart, runAs, tokenOf, uninstallChart } from './support/narrow.ts';
import { KubernetesWorld } from './support/world.ts';

const environment = 't-audit';
const name = `changeover-${environment}`;

let world: KubernetesWorld;
let token: string;
let mark: number;
let installer: readonly Rule[] = [];
/** `roleRef.name` of the bindings of a live release. */
let bound: readonly string[];

beforeAll(async () => {
  world = await KubernetesWorld.create(environment);
  await removeOutside();
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

/** The world cleans up by removing namespaces, which takes no PriorityClass along. */
async function removeOutside(): Promise<void> {
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
  const { exitCode, stderr } = await runAs(world, token, [command, '-f', await world.writeLayer({ ...more, ...runner })]);
  expect(stderr).not.toContain('Something unexpected');
  return exitCode;
}

const runner = { runner: { namespace: name, leaseDuration: '3s', keepRecords: 1, readNodes: true } };
const permissions = { cluster: [{ apiGroups: ['scheduling.k8s.io'], resources: ['priorityclasses'] }] };
const values = (more: object = {}) => world.release({ rights: installer, ...more }, { permissions });
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

  test('a second one that keeps the first, and a rollback to it', async () => {
    expect(await run('rebuild', { ...values(), load: [], deleteExisting: false })).toBe(0);
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

  test('no request of theirs was refused, but the way to a Service that only a pod can go', () => {
    const refused = requests.filter(({ code }) => code === 401 || code === 403);
    expect([...new Set(refused.map(({ resource }) => resource))]).toEqual(['pods/portforward']);
  });
});
