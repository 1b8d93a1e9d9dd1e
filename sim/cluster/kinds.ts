// The kinds that the simulated API server has, beyond those that changeover reads. Data only.

import { kinds, type Kind } from '../../src/drivers/cluster/objects.ts';

function kind(apiVersion: string, name: string, plural: string): Kind {
  return { apiVersion, kind: name, plural, namespaced: true };
}

function clusterScoped(apiVersion: string, name: string, plural: string): Kind {
  return { apiVersion, kind: name, plural, namespaced: false };
}

const others: readonly Kind[] = [
  kind('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets'),
  kind('networking.k8s.io/v1', 'Ingress', 'ingresses'),
  kind('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies'),
  kind('rbac.authorization.k8s.io/v1', 'Role', 'roles'),
  kind('autoscaling/v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers'),
  clusterScoped('storage.k8s.io/v1', 'StorageClass', 'storageclasses'),
];

export const allKinds: readonly Kind[] = [...Object.values(kinds), ...others];

export function findKind(apiVersion: string, name: string): Kind | undefined {
  return allKinds.find((known) => known.apiVersion === apiVersion && known.kind === name);
}

/** Kinds whose `metadata.generation` counts changes of the spec. */
export const countsGenerations: ReadonlySet<string> = new Set([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'Job',
  'CronJob',
  'Pod',
  'EndpointSlice',
  'PodDisruptionBudget',
]);
