// StatefulSets (ordered, with claims of their own) and DaemonSets (one pod on the one node).

import { kinds, type KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import type { Controller } from './controllers.ts';
import { childrenOf, insert, requestDeletion, setStatus, type Inside } from './inside.ts';
import { withoutZeros } from './defaults.ts';
import { createPod, isReady, phaseOf, workloadSpec, type WorkloadSpec } from './templates.ts';
import { livingPods, readyPods } from './workloads.ts';

interface StatefulSetSpec extends WorkloadSpec {
  readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string }; readonly spec: object }[];
}

export const statefulSets: Controller = {
  kind: kinds.statefulSet,
  reconcile: (inside, set) => {
    const { replicas = 1 } = workloadSpec(set);
    const pods = livingPods(inside, set);
    removeEnded(inside, set);
    for (const pod of pods.filter(({ metadata }) => ordinal(metadata.name) >= replicas)) requestDeletion(inside, kinds.pod, pod);
    const missing = Array.from({ length: replicas }, (_, index) => index).find((index) => !isThere(inside, set, index));
    const isInOrder = pods.every(isReady);
    if (missing !== undefined && isInOrder) createReplica(inside, set, missing);
    setStatus(inside, set, statefulSetStatus(inside, set));
  },
};

/** These controllers, unlike that of ReplicaSets, do not leave a pod that has failed for people to look at. */
function removeEnded(inside: Inside, set: KubernetesObject): void {
  for (const pod of childrenOf(inside, kinds.pod, set)) if (phaseOf(pod) === 'Failed') requestDeletion(inside, kinds.pod, pod);
}

function isThere(inside: Inside, set: KubernetesObject, index: number): boolean {
  return inside.store.get(kinds.pod, set.metadata.namespace, `${set.metadata.name}-${index}`) !== undefined;
}

function ordinal(podName: string): number {
  return Number(podName.slice(podName.lastIndexOf('-') + 1));
}

function createReplica(inside: Inside, set: KubernetesObject, index: number): void {
  const { template, volumeClaimTemplates = [] } = set['spec'] as StatefulSetSpec;
  const name = `${set.metadata.name}-${index}`;
  const volumes = volumeClaimTemplates.map((claim) => {
    const claimName = `${claim.metadata.name}-${name}`;
    createClaim(inside, set, { name: claimName, spec: claim.spec });
    return { name: claim.metadata.name, persistentVolumeClaim: { claimName } };
  });
  createPod(inside, { owner: set, name, template, labels: { 'statefulset.kubernetes.io/pod-name': name }, volumes });
}

/** Claims belong to nobody: they outlive their StatefulSet and go with the namespace. */
function createClaim(inside: Inside, set: KubernetesObject, { name, spec }: { readonly name: string; readonly spec: object }): void {
  const { namespace = '' } = set.metadata;
  if (inside.store.get(kinds.persistentVolumeClaim, namespace, name) !== undefined) return;
  insert(inside, kinds.persistentVolumeClaim, { metadata: { name, namespace }, spec: { ...spec } });
}

function statefulSetStatus(inside: Inside, set: KubernetesObject): object {
  const replicas = livingPods(inside, set).length;
  const ready = readyPods(inside, set).length;
  const revision = `${set.metadata.name}-${set.metadata.generation ?? 1}`;
  return {
    observedGeneration: set.metadata.generation,
    replicas,
    availableReplicas: ready,
    collisionCount: 0,
    ...withoutZeros({ readyReplicas: ready, currentReplicas: replicas, updatedReplicas: replicas }),
    currentRevision: revision,
    updateRevision: revision,
  };
}

export const daemonSets: Controller = {
  kind: kinds.daemonSet,
  reconcile: (inside, set) => {
    removeEnded(inside, set);
    if (livingPods(inside, set).length === 0) {
      createPod(inside, { owner: set, name: `${set.metadata.name}-${inside.random.name(5)}`, template: workloadSpec(set).template });
    }
    const ready = readyPods(inside, set).length;
    const numbers = { currentNumberScheduled: 1, desiredNumberScheduled: 1, updatedNumberScheduled: 1, numberMisscheduled: 0, numberReady: ready };
    const status = { observedGeneration: set.metadata.generation, ...numbers, ...withoutZeros({ numberAvailable: ready, numberUnavailable: 1 - ready }) };
    setStatus(inside, set, status);
  },
};
