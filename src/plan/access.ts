// What a runner must be allowed to do: the questions it asks before a run. Pure.

import type { Environment } from '../config/environment.ts';
import type { Access } from '../drivers/cluster/cluster.ts';

/** Only what changeover itself does; what the chart's objects need is Helm's to find out. */
export function neededAccess({ runner: { namespace } }: Pick<Environment, 'runner'>): readonly Access[] {
  return [
    ...questions({ group: '', resource: 'namespaces' }, ['list', 'create', 'patch', 'delete']),
    ...questions({ group: '', resource: 'services' }, ['list']),
    ...watchedResources.flatMap((about) => questions(about, ['watch'])),
    ...questions({ group: '', resource: 'configmaps', namespace }, ['list', 'create', 'update']),
    ...questions({ group: 'coordination.k8s.io', resource: 'leases', namespace }, ['get', 'create', 'update']),
  ];
}

/** What the wait for readiness follows. Whoever may watch a kind but not list it has made a role by mistake. */
const watchedResources: readonly Omit<Access, 'verb'>[] = [
  ...['pods', 'services', 'persistentvolumeclaims', 'events'].map((resource) => ({ group: '', resource })),
  ...['deployments', 'replicasets', 'statefulsets', 'daemonsets'].map((resource) => ({ group: 'apps', resource })),
  { group: 'batch', resource: 'jobs' },
  { group: 'discovery.k8s.io', resource: 'endpointslices' },
];

function questions(about: Omit<Access, 'verb'>, verbs: readonly string[]): readonly Access[] {
  return verbs.map((verb) => ({ verb, ...about }));
}

export function describeAccess({ verb, group, resource, namespace }: Access): string {
  const kind = group === '' ? resource : `${resource}.${group}`;
  return `${verb} ${kind}${namespace === undefined ? '' : ` in namespace ${namespace}`}`;
}
