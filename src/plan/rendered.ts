// What can be told from a rendered chart before anything is installed. Pure.

import type { KubernetesObject } from '../drivers/cluster/objects.ts';

/** What is wrong with the Service that a public name needs, or undefined. */
export function serviceProblem(rendered: readonly KubernetesObject[], wanted: string): string | undefined {
  const all = rendered.filter(({ kind }) => kind === 'Service');
  const found = all.find(({ metadata }) => metadata.name === wanted) ?? all.find(({ metadata }) => metadata.labels?.['name'] === wanted);
  if (found === undefined) return `the chart has no Service named or labelled ${wanted}; it has ${list(all)}`;
  const type = (found['spec'] as { type?: string } | undefined)?.type ?? 'ClusterIP';
  if (type !== 'LoadBalancer') return `Service ${found.metadata.name} is of type ${type}: a public name needs type LoadBalancer`;
  return undefined;
}

function list(objects: readonly KubernetesObject[]): string {
  return objects.length === 0 ? 'no Service at all' : objects.map(({ metadata }) => metadata.name).join(', ');
}

export function isHook({ metadata }: KubernetesObject): boolean {
  return metadata.annotations?.['helm.sh/hook'] !== undefined;
}

/** `ClusterRole portal`, and the release that Helm says it belongs to. */
export function helmOwner(existing: KubernetesObject): string | undefined {
  const marks = existing.metadata.annotations ?? {};
  const name = marks['meta.helm.sh/release-name'];
  return name === undefined ? undefined : `release ${name} in namespace ${marks['meta.helm.sh/release-namespace'] ?? '?'}`;
}
