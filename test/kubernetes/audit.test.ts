// What the accounts of an installed runner really use of what they are granted, by the API server's own audit log of whole runs.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { apiAs, type Api } from './support/api.ts';
import { auditedSince, auditMark, describePermission, isUsed, permissionsOf, type AuditedRequest, type GrantingRole, type Permission, type Rule } from './support/audit.ts';
import { widgetDefinition } from './support/own-kind.ts';
import { installChart, runAs, tokenOf, uninstallChart } from './support/narrow.ts';
import { KubernetesWorld, type Finished } from './support/world.ts';

const environment = 't-audit';
const name = `changeover-${environment}`;
const vault = `vault-of-${environment}`;
const group = `${environment}.example.test`;

let world: KubernetesWorld;
let token: string;
let mark: number;
let installer: readonly Rule[] = [];
/** `roleRef.name` of the bindings of a live release. */
let bound: readonly string[];

beforeAll(async () => {
  world = await KubernetesWorld.create(environment);
  await Promise.all([removeOutside().then(makeKind), plantBeside(), plantElsewhere(), writeFile(join(world.directory, 'data.json'), '{}')]);
  // The second installation adds the nodes, and the pods of all namespaces, which those of the releases are among then.
  await installChart(world, { ...values(), runner: { ...runner.runner, readNodes: false }, load: [harvest()] });
  token = await tokenOf(world, name, name);
  installer = await rulesOf('ClusterRole', `${name}-installer`);
  mark = auditMark(world.connection.auditLog);
});

afterAll(async () => {
  await Promise.all([uninstallChart(world), removeOutside(), world.kubectl('delete', 'namespace', vault, '--ignore-not-found', '--wait=false')]);
  await world.end();
});

/** What the configuration names: a Secret beside the runner. */
async function plantBeside(): Promise<void> {
  await world.kubectl('create', 'namespace', name);
  await world.kubectl('create', 'secret', 'generic', 'values-beside', '-n', name, '--from-literal=values.yaml={}');
}

/** And one in a namespace that is neither the runner's nor a release. */
async function plantElsewhere(): Promise<void> {
  await world.kubectl('delete', 'namespace', vault, '--ignore-not-found', '--wait=true');
  await world.kubectl('create', 'namespace', vault);
  await world.kubectl('create', 'secret', 'generic', 'values-elsewhere', '-n', vault, '--from-literal=values.yaml={}');
}

/** A kind of nobody else's. */
async function makeKind(): Promise<void> {
  const file = join(world.directory, 'kind.json');
  await writeFile(file, JSON.stringify(widgetDefinition(group)));
  await world.kubectl('apply', '-f', file);
  await world.kubectl('wait', '--for=condition=Established', `crd/widgets.${group}`, '--timeout=60s');
}

/** The world cleans up by removing namespaces, which takes no PriorityClass along, no ClusterRole, and no kind. */
async function removeOutside(): Promise<void> {
  await world.kubectl('delete', 'crd', `widgets.${group}`, '--ignore-not-found');
  const found = (await world.kubectl('get', 'priorityclasses,clusterroles', '-o', 'name')).split('\n');
  const own = found.filter((line) => new RegExp(`/${environment}-[a-z0-9]{5}(-hook)?$`).test(line));
  if (own.length > 0) await world.kubectl('delete', ...own);
}

/** Releases that have such an object outside of their namespace, there or gone. */
async function releasesOutside(kinds: string): Promise<readonly string[]> {
  const output = await world.kubectl('get', kinds, '-o', 'name');
  return [...new Set([...output.matchAll(new RegExp(`/(${environment}-[a-z0-9]{5})`, 'g'))].map(([, release = '']) => release))].toSorted();
}

async function rulesOf(kind: GrantingRole['kind'], role: string, namespace = name): Promise<readonly Rule[]> {
  const within = kind === 'Role' ? `namespaces/${namespace}/roles` : 'clusterroles';
  const { rules } = await world.read<{ readonly rules: readonly Rule[] }>(`/apis/rbac.authorization.k8s.io/v1/${within}/${role}`);
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
const outside = { apiGroups: ['scheduling.k8s.io'], resources: ['priorityclasses'] };
/** For the chart's own one; it hands none of this on. */
const clusterRoles = { apiGroups: ['rbac.authorization.k8s.io'], resources: ['clusterroles'], verbs: ['get', 'create', 'patch', 'delete'] };
const permissions = { cluster: [outside, clusterRoles] };
const ownKind = { apiGroups: [group], resources: ['widgets'] };

/**
 * What Helm itself never does. The installer holds it so that a chart can give it to accounts of its own: Kubernetes lets nobody
 * grant what he does not hold.
 */
const handedOn: readonly Rule[] = [
  { apiGroups: [''], resources: ['configmaps', 'services', 'serviceaccounts', 'persistentvolumeclaims', 'pods'], verbs: ['update'] },
  { apiGroups: ['apps'], resources: ['deployments', 'replicasets', 'statefulsets', 'daemonsets'], verbs: ['update'] },
  { apiGroups: ['batch'], resources: ['jobs', 'cronjobs'], verbs: ['update'] },
  { apiGroups: ['networking.k8s.io'], resources: ['ingresses', 'networkpolicies'], verbs: ['update'] },
  { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: ['update'] },
  { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs: ['update'] },
  { apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles', 'rolebindings'], verbs: ['update'] },
];
const handedOnOfOwnKind: readonly Rule[] = [...handedOn, { ...ownKind, verbs: ['update'] }];
const handedOnOutside: readonly Rule[] = [{ ...outside, verbs: ['update'] }];

const values = (more: object = {}) => release({ rights: handedOn, ...more }, { permissions });
const withOwnKind = (more: object) =>
  release({ rights: handedOnOfOwnKind, rightsOutside: handedOnOutside, customKind: true, ...more }, { permissions: { ...permissions, namespaced: [ownKind] } });

/** With values of the chart also from the two Secrets. */
function release(inline: object, more: object): object {
  const secrets = [{ secret: { name: 'values-beside', key: 'values.yaml' } }, { secret: { name: 'values-elsewhere', key: 'values.yaml', namespace: vault } }];
  const { chart } = world.release({})['release'] as { readonly chart: object };
  return { release: { chart, values: [...secrets, { inline }], ...more } };
}

const nightly = { name: 'nightly', job: { fromCronJob: 'nightly' }, timeout: '1m' };
const base = { name: 'base', job: { fromJob: 'loader' }, timeout: '1m' };

/** Signs in by a Secret of the release; ends at the Service, which cannot be reached from outside of the cluster. */
function harvest(): object {
  const password = { secret: { name: 'harvester', key: 'password' } };
  return { name: 'harvest', jobList: { dataConfig: join(world.directory, 'data.json'), credentials: { username: 'harvester', password } }, timeout: '1m' };
}

describe('whole runs with the runner’s own account', () => {
  test('a first rebuild, of a chart whose tests are run', async () => {
    expect(await run('rebuild', { ...values(), load: [base, nightly], verify: { helmTest: true } })).toBe(0);
    const [release = ''] = await world.releases();
    bound = (await world.kubectl('get', 'rolebindings,clusterrolebindings', '-n', release, '-l', `changeover.dev/environment=${environment}`, '-o', 'jsonpath={.items[*].roleRef.name}')).split(' ');
  });

  test('a chart with a kind of its own fails by its name, with the very key to add, and nothing else is touched', async () => {
    const [live] = await world.releases();
    const { exitCode, stderr } = await told('rebuild', { ...values({ customKind: true }), load: [] });
    expect([exitCode, await world.releases()]).toEqual([1, [live]]);
    expect(stderr.replace(/\s+/g, ' ')).toContain(`cannot get resource "widgets" in API group "${group}"`);
    expect(stderr.replace(/\s+/g, ' ')).toContain(`Add to the environment file: release.permissions.namespaced: [{ apiGroups: [${group}], resources: [widgets] }]; then update the installed runner (helm upgrade)`);
  });

  test('with that key added, the installer may write this kind, the runner watch it, and neither gets more', async () => {
    const before = await rulesOf('ClusterRole', `${name}-release`);
    await installChart(world, { ...withOwnKind({}), ...runner, load: [harvest()] });
    expect(await rulesOf('ClusterRole', `${name}-installer`)).toEqual([...installer, { ...ownKind, verbs: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'] }]);
    expect(await rulesOf('ClusterRole', `${name}-release`)).toEqual([...before, { ...ownKind, verbs: ['list', 'watch'] }]);
  });

  test('a second one, which has a hook of every kind and keeps the first, and a rollback to that', async () => {
    expect(await run('rebuild', { ...withOwnKind({ everyKind: ['hook'] }), load: [], deleteExisting: false })).toBe(0);
    const widgets = await world.kubectl('get', `widgets.${group}`, '--all-namespaces', '-o', 'jsonpath={range .items[*]}{.metadata.namespace}/{.metadata.name} {end}');
    const [, made = ''] = new RegExp(`^(${environment}-[a-z0-9]{5})/gear$`).exec(widgets.trim()) ?? [];
    expect(made, widgets).not.toBe('');
    expect(await rulesOf('Role', 'operator', made)).toEqual(handedOnOfOwnKind);
    expect(await rulesOf('ClusterRole', made)).toEqual(handedOnOutside);
    expect(await run('rollback', { ...values(), load: [], deleteExisting: false })).toBe(0);
  });

  test('the doctor, which finds room for a second copy', async () => {
    const { stdout } = await told('doctor', { ...values(), load: [], deleteExisting: false });
    expect(stdout).toMatch(/^ +[✔!] room .*second copy[^]*^ +✔ quota /m);
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

  test('a rehearsal whose load fails: the other job is cancelled, and the candidate removed with all its kinds', async () => {
    // As with an API server before Kubernetes 1.34, where Helm asks for a list before it watches.
    vi.stubEnv('KUBE_FEATURE_WatchListClient', 'false');
    const releases = await world.releases();
    const exitCode = await run('rehearse', { ...withOwnKind({ everyKind: ['ordinary', 'hook'], loaderExit: 4, nightlySeconds: 60 }), load: [base, nightly] });
    vi.unstubAllEnvs();
    expect([exitCode, await world.releases()]).toEqual([1, releases]);
  });
});

interface Granted extends GrantingRole {
  readonly what: string;
  /** So that a role that was read wrong does not pass; default 6. */
  readonly least?: number;
}

interface Given extends GrantingRole {
  readonly what: string;
  readonly handed: readonly Rule[];
}

describe('by the audit log', () => {
  let requests: readonly AuditedRequest[];

  beforeAll(() => {
    requests = auditedSince(world.connection.auditLog, mark, new RegExp(`system:serviceaccount:(${name}:${name}|${environment}-[a-z0-9]{5}:changeover-installer)`));
  });

  async function unusedOf(role: GrantingRole): Promise<readonly Permission[]> {
    return permissionsOf(await rulesOf(role.kind, role.name, role.namespace)).filter((permission) => !isUsed(permission, role, requests));
  }

  test.each<Granted>([
    { what: 'outside of its releases', kind: 'ClusterRole', name },
    { what: 'in its own namespace', kind: 'Role', name, namespace: name },
    { what: 'where a Secret lies that the configuration names', kind: 'Role', name, namespace: vault, least: 1 },
    { what: 'in its releases', kind: 'ClusterRole', name: `${name}-release` },
  ])('the runner uses everything that it is granted $what', async ({ least = 6, ...role }) => {
    expect(permissionsOf(await rulesOf(role.kind, role.name, role.namespace)).length).toBeGreaterThanOrEqual(least);
    // To bind is no request of its own: what is bound was allowed to be.
    const unused = (await unusedOf(role)).filter((permission) => permission.verb !== 'bind' || !bound.includes(permission.name ?? ''));
    expect(unused.map(describePermission)).toEqual([]);
  });

  test.each<Given>([
    { what: 'in a release', kind: 'ClusterRole', name: `${name}-installer`, handed: handedOnOfOwnKind },
    { what: 'outside of its namespace', kind: 'ClusterRole', name: `${name}-installer-cluster`, handed: handedOnOutside },
  ])('Helm uses everything that it is granted $what, but what roles of the chart hand on', async ({ handed, ...role }) => {
    expect((await unusedOf(role)).map(describePermission).toSorted()).toEqual(permissionsOf(handed).map(describePermission).toSorted());
  });

  test('no request of theirs was refused, but the way to a Service that only a pod can go, and the kind that was not listed yet', () => {
    const refused = requests.filter(({ code }) => code === 401 || code === 403);
    expect([...new Set(refused.map(({ resource }) => resource))].toSorted()).toEqual(['pods/portforward', 'widgets']);
  });
});

describe('an installer without what it holds to hand on, and without the right to create ConfigMaps', () => {
  const toHandOn = permissionsOf([...handedOnOfOwnKind, ...handedOnOutside]).map(describePermission);
  let lesser: Api;

  beforeAll(async () => {
    const whole = permissionsOf([...(await rulesOf('ClusterRole', `${name}-installer`)), ...(await rulesOf('ClusterRole', `${name}-installer-cluster`))]);
    const rest = whole.filter((permission) => ![...toHandOn, 'create configmaps'].includes(describePermission(permission)));
    const rules = rest.map(({ group: of, resource, verb }) => ({ apiGroups: [of], resources: [resource], verbs: [verb] }));
    const subjects = [{ kind: 'ServiceAccount', name: 'lesser' }];
    const binding = { ...rbac, kind: 'RoleBinding', metadata: { name: 'lesser' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'lesser' }, subjects };
    const items = [{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'lesser' } }, roleOf('lesser', rules), binding];
    const file = join(world.directory, 'lesser.json');
    await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    await world.kubectl('create', '-f', file, '-n', vault);
    lesser = apiAs(world.connection, await tokenOf(world, vault, 'lesser'));
    // The authorizer hears of it a moment later.
    await vi.waitFor(async () => expect((await lesser({ method: 'GET', path: `/api/v1/namespaces/${vault}/configmaps` })).status).toBe(200), { timeout: 30_000, interval: 50 });
  });

  test('may not give a chart its Role: the API server names all of it, and nothing else', async () => {
    const rules = [...handedOnOfOwnKind, ...handedOnOutside];
    const { status, text } = await lesser({ method: 'POST', path: `/apis/rbac.authorization.k8s.io/v1/namespaces/${vault}/roles?dryRun=All`, body: roleOf('operator', rules) });
    const { message } = JSON.parse(text) as { readonly message: string };
    const missing = [...message.matchAll(/\{APIGroups:\["([^"]*)"\], Resources:\["([^"]*)"\], Verbs:\["([^"]*)"\]\}/g)];
    expect(status).toBe(403);
    expect(missing.map(([, of = '', resource = '', verb = '']) => describePermission({ verb, group: of, resource, name: undefined })).toSorted()).toEqual(toHandOn.toSorted());
  });

  test('may not apply a ConfigMap that is not there yet, as Helm makes everything', async () => {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'ordinary' } };
    const { status, text } = await lesser({ method: 'PATCH', path: `/api/v1/namespaces/${vault}/configmaps/ordinary?fieldManager=helm`, headers: { 'Content-Type': 'application/apply-patch+yaml' }, body });
    expect(`${status} ${text}`).toMatch(/^403 .*cannot create resource \\"configmaps\\"/s);
  });
});

const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1' };

function roleOf(role: string, rules: readonly Rule[]): object {
  return { ...rbac, kind: 'Role', metadata: { name: role }, rules };
}
