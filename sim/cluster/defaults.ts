// What the API server itself fills into a new object, as a real one was seen to do (1.35). Knows no controller.

import type { Kind, KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import type { AddressPool, Draft } from './inside.ts';

const bareStatus = new Set(['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob']);

/** The draft with the server's defaults: labels, finalizers, cluster address, and the status that a new object has. */
export function withDefaults(kind: Kind, draft: Draft, addresses: AddressPool): Draft {
  const { metadata } = draft;
  const spec = draft['spec'] as object | undefined;
  if (bareStatus.has(kind.kind)) return { ...draft, status: {} };
  switch (kind.kind) {
    case 'Namespace':
      return { ...draft, metadata: { ...metadata, labels: { 'kubernetes.io/metadata.name': metadata.name, ...metadata.labels } }, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } };
    case 'Service':
      return { ...draft, spec: { ...spec, clusterIP: addresses.service() }, status: { loadBalancer: {} } };
    case 'Pod':
      return { ...draft, status: { phase: 'Pending', qosClass: 'BestEffort' } };
    case 'PersistentVolumeClaim':
      return { ...draft, status: { phase: 'Pending' } };
    default:
      return draft;
  }
}

/** Numbers that are 0 are left out: the API has them all as `omitempty`, and a reader must not rely on a 0. */
export function withoutZeros(counts: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
}

export function statusOf<Status>(object: KubernetesObject): Partial<Status> {
  return (object['status'] ?? {}) as Partial<Status>;
}
