// The configuration key that gives Helm a right which the API server says is missing. Pure; knows the words of Kubernetes only.

/** Source: k8s.io/apiserver, authorization "forbidden" messages. */
const refused = /cannot \w+ resource "([^"/]+)[^"]*" in API group "([^"]*)"( at the cluster scope)?/g;

/** A Role may only hand on what its maker has. Source: k8s.io/kubernetes, registry/rbac/escalation. */
const notHeld = /\{APIGroups:\["([^"]*)"\], Resources:\["([^"]+)"\]/g;

/** `release.permissions.namespaced: [{ apiGroups: [example.org], resources: [widgets] }]` for each kind that is named; none is named: none. */
export function keysForMissingRights(message: string): readonly string[] {
  const asked = [...message.matchAll(refused)].map(([, resource = '', group = '', outside]) => key(outside === undefined ? 'namespaced' : 'cluster', group, resource));
  const handedOn = [...message.matchAll(notHeld)].map(([, group = '', resource = '']) => key('namespaced', group, resource));
  return [...new Set([...asked, ...handedOn])];
}

function key(scope: 'namespaced' | 'cluster', group: string, resource: string): string {
  return `release.permissions.${scope}: [{ apiGroups: [${group === '' ? '""' : group}], resources: [${resource}] }]`;
}
