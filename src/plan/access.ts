// What a runner must be allowed to do: the questions it asks before a run. Pure.

import type { Environment } from '../config/environment.ts';
import type { Access } from '../drivers/cluster/cluster.ts';

function of(group: string, resource: string, verbs: readonly string[], namespace?: string): readonly Access[] {
  return verbs.map((verb) => ({ verb, group, resource, ...(namespace === undefined ? {} : { namespace }) }));
}

/** Only what changeover itself does; what the chart's objects need is Helm's to find out. */
export function neededAccess({ runner }: Pick<Environment, 'runner'>): readonly Access[] {
  return [
    ...of('', 'namespaces', ['list', 'create', 'patch', 'delete']),
    ...of('', 'services', ['list', 'watch']),
    ...of('', 'pods', ['list', 'watch']),
    ...of('', 'configmaps', ['list', 'create', 'update'], runner.namespace),
    ...of('coordination.k8s.io', 'leases', ['get', 'create', 'update'], runner.namespace),
  ];
}

export function describeAccess({ verb, group, resource, namespace }: Access): string {
  const kind = group === '' ? resource : `${resource}.${group}`;
  return `${verb} ${kind}${namespace === undefined ? '' : ` in namespace ${namespace}`}`;
}
