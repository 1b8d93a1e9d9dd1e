// What a runner must be allowed to do: the questions it asks before a run. Pure.

import type { Environment } from '../config/environment.ts';
import type { Access } from '../drivers/cluster/cluster.ts';
import { clusterRoleNames } from './runner-names.ts';

export interface AccessOptions {
  /** A runner is installed here: what is needed inside of releases, it grants itself there. */
  readonly installed: boolean;
}

/** Only what changeover itself does; what the chart's objects need is Helm's to find out. */
export function neededAccess(environment: Pick<Environment, 'runner' | 'environment' | 'release'>, { installed }: AccessOptions): readonly Access[] {
  const { namespace } = environment.runner;
  return [
    ...questions({ group: '', resource: 'namespaces' }, ['get', 'list', 'create', 'patch', 'delete']),
    ...(installed ? toGrant(environment) : insideReleases),
    ...questions({ group: '', resource: 'configmaps', namespace }, ['get', 'list', 'create', 'update']),
    ...questions({ group: 'coordination.k8s.io', resource: 'leases', namespace }, ['create']),
    ...questions({ group: 'coordination.k8s.io', resource: 'leases', namespace, name: `changeover-${environment.environment}` }, ['get', 'update']),
  ];
}

/** What a run goes on without: records beyond `keepRecords` would stay, and nobody who looks with kubectl would see its beginning and end. */
export function usefulAccess({ runner: { namespace } }: Pick<Environment, 'runner'>): readonly Access[] {
  return [...questions({ group: '', resource: 'configmaps', namespace }, ['delete']), ...questions({ group: '', resource: 'events', namespace }, ['create'])];
}

const rbac = 'rbac.authorization.k8s.io';

/** Creating a binding takes both: to create bindings, and to bind this very role. */
function toGrant({ environment, release }: Pick<Environment, 'environment' | 'release'>): readonly Access[] {
  const roles = clusterRoleNames(environment);
  const outside = release.permissions.cluster.length > 0;
  return [
    ...questions({ group: rbac, resource: 'rolebindings' }, ['create']),
    ...(outside ? questions({ group: rbac, resource: 'clusterrolebindings' }, ['create']) : []),
    ...[roles.release, roles.installer, ...(outside ? [roles.installerCluster] : [])].map((name) => ({ verb: 'bind', group: rbac, resource: 'clusterroles', name })),
  ];
}

/** What the wait for readiness follows. Whoever may watch a kind but not list it has made a role by mistake. */
const watchedResources: readonly Omit<Access, 'verb'>[] = [
  ...['pods', 'services', 'persistentvolumeclaims', 'events'].map((resource) => ({ group: '', resource })),
  ...['deployments', 'replicasets', 'statefulsets', 'daemonsets'].map((resource) => ({ group: 'apps', resource })),
  { group: 'batch', resource: 'jobs' },
  { group: 'discovery.k8s.io', resource: 'endpointslices' },
];

const insideReleases: readonly Access[] = [
  ...questions({ group: '', resource: 'services' }, ['list']),
  ...watchedResources.flatMap((about) => questions(about, ['watch'])),
];

function questions(about: Omit<Access, 'verb'>, verbs: readonly string[]): readonly Access[] {
  return verbs.map((verb) => ({ verb, ...about }));
}

export function describeAccess({ verb, group, resource, namespace, name }: Access): string {
  const kind = group === '' ? resource : `${resource}.${group}`;
  return `${verb} ${kind}${name === undefined ? '' : ` ${name}`}${namespace === undefined ? '' : ` in namespace ${namespace}`}`;
}
