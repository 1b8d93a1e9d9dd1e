// Deployments and ReplicaSets: one ReplicaSet per template, the old one goes when the new one is ready.

import { createHash } from 'node:crypto';
import { kinds, type KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import type { Controller } from './controllers.ts';
import { childrenOf, condition, insert, ownedBy, requestDeletion, setStatus, type Inside } from './inside.ts';
import { withoutZeros } from './defaults.ts';
import { createPod, isReady, phaseOf, workloadSpec, type PodTemplate } from './templates.ts';

const hashLabel = 'pod-template-hash';

export const deployments: Controller = {
  kind: kinds.deployment,
  reconcile: (inside, deployment, again) => {
    const current = currentReplicaSet(inside, deployment, again);
    const wanted = workloadSpec(deployment).replicas ?? 1;
    scale(inside, current, wanted);
    const old = childrenOf(inside, kinds.replicaSet, deployment).filter(({ metadata }) => metadata.uid !== current.metadata.uid);
    if (readyPods(inside, current).length >= wanted) for (const replicaSet of old) scale(inside, replicaSet, 0);
    setStatus(inside, deployment, deploymentStatus(inside, deployment, { current, old }));
  },
};

function currentReplicaSet(inside: Inside, deployment: KubernetesObject, again: (afterMs: number) => void): KubernetesObject {
  const { template, replicas = 1, progressDeadlineSeconds = 600 } = workloadSpec(deployment);
  const hash = hashOf(template);
  const name = `${deployment.metadata.name}-${hash}`;
  const found = inside.store.get(kinds.replicaSet, deployment.metadata.namespace, name);
  if (found !== undefined) return found;
  again(progressDeadlineSeconds * 1_000);
  const labels = { ...template.metadata?.labels, [hashLabel]: hash };
  const selector = { matchLabels: labels };
  return insert(inside, kinds.replicaSet, {
    metadata: ownedBy(deployment, name, labels),
    spec: { replicas, selector, template: { ...template, metadata: { ...template.metadata, labels } } },
  });
}

const hashes = new WeakMap<PodTemplate, string>();

/** The server keeps one template for all versions of a Deployment that have it. */
function hashOf(template: PodTemplate): string {
  const hash = hashes.get(template) ?? createHash('sha256').update(JSON.stringify(template)).digest('hex').slice(0, 9);
  hashes.set(template, hash);
  return hash;
}

function scale(inside: Inside, replicaSet: KubernetesObject, replicas: number): void {
  const spec = workloadSpec(replicaSet);
  if (spec.replicas === replicas) return;
  const generation = (replicaSet.metadata.generation ?? 1) + 1;
  inside.store.put(kinds.replicaSet, { ...replicaSet, metadata: { ...replicaSet.metadata, generation }, spec: { ...spec, replicas } });
}

interface Generations {
  readonly current: KubernetesObject;
  readonly old: readonly KubernetesObject[];
}

function deploymentStatus(inside: Inside, deployment: KubernetesObject, { current, old }: Generations): object {
  const wanted = workloadSpec(deployment).replicas ?? 1;
  const updated = livingPods(inside, current).length;
  const ready = [current, ...old].flatMap((set) => readyPods(inside, set)).length;
  const total = updated + old.flatMap((set) => livingPods(inside, set)).length;
  const isComplete = updated === wanted && total === wanted && readyPods(inside, current).length === wanted;
  const refused = refusalOf(current);
  const isAvailable = ready >= wanted;
  return {
    observedGeneration: deployment.metadata.generation,
    ...withoutZeros({ replicas: total, updatedReplicas: updated, readyReplicas: ready, availableReplicas: ready, unavailableReplicas: Math.max(0, wanted - ready) }),
    conditions: [
      condition(inside, 'Available', { status: isAvailable ? 'True' : 'False', reason: isAvailable ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable' }),
      progressing(inside, deployment, { current, isComplete }),
      ...(refused === undefined ? [] : [failure(inside, refused)]),
    ].map((next) => keepTransition(deployment, next)),
  };
}

function progressing(inside: Inside, deployment: KubernetesObject, { current, isComplete }: { readonly current: KubernetesObject; readonly isComplete: boolean }): object {
  if (isComplete) return condition(inside, 'Progressing', { status: 'True', reason: 'NewReplicaSetAvailable' });
  const { progressDeadlineSeconds = 600 } = workloadSpec(deployment);
  const isLate = inside.clock.now() - Date.parse(current.metadata.creationTimestamp ?? '') >= progressDeadlineSeconds * 1_000;
  if (!isLate) return condition(inside, 'Progressing', { status: 'True', reason: 'ReplicaSetUpdated', message: `ReplicaSet "${current.metadata.name}" is progressing.` });
  const message = `ReplicaSet "${current.metadata.name}" has timed out progressing.`;
  return condition(inside, 'Progressing', { status: 'False', reason: 'ProgressDeadlineExceeded', message });
}

/** A condition keeps its time for as long as its status is the same, so that writing it again changes nothing. */
function keepTransition(workload: KubernetesObject, next: object): object {
  const { conditions = [] } = (workload['status'] ?? {}) as { readonly conditions?: readonly Transition[] };
  const { type, status } = next as Transition;
  const before = conditions.find((known) => known.type === type && known.status === status);
  return before === undefined ? next : { ...next, lastTransitionTime: before.lastTransitionTime };
}

interface Transition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime: string;
}

const refusedAgainAfterMs = 10_000;

export const replicaSets: Controller = {
  kind: kinds.replicaSet,
  reconcile: (inside, replicaSet, again) => {
    const { replicas = 1, template } = workloadSpec(replicaSet);
    const living = livingPods(inside, replicaSet);
    for (const pod of living.slice(replicas)) requestDeletion(inside, kinds.pod, pod);
    const { uid = '' } = replicaSet.metadata;
    const isTooSoon = inside.clock.now() < (inside.refusedAt.get(uid) ?? -Infinity) + refusedAgainAfterMs;
    let refused = isTooSoon ? refusalOf(replicaSet) : undefined;
    for (let made = living.length; made < replicas && refused === undefined; made += 1) {
      refused = createPod(inside, { owner: replicaSet, name: `${replicaSet.metadata.name}-${inside.random.name(5)}`, template });
    }
    // As the controller does it, which tries again for as long as there is a pod to be made.
    if (refused !== undefined && !isTooSoon) {
      inside.refusedAt.set(uid, inside.clock.now());
      again(refusedAgainAfterMs);
    }
    const ready = readyPods(inside, replicaSet).length;
    const counts = withoutZeros({ fullyLabeledReplicas: livingPods(inside, replicaSet).length, readyReplicas: ready, availableReplicas: ready });
    const status = { observedGeneration: replicaSet.metadata.generation, replicas: livingPods(inside, replicaSet).length, ...counts };
    const conditions = refused === undefined ? [] : [keepTransition(replicaSet, failure(inside, refused))];
    setStatus(inside, replicaSet, conditions.length === 0 ? status : { ...status, conditions });
  },
};

function failure(inside: Inside, message: string): object {
  return condition(inside, 'ReplicaFailure', { status: 'True', reason: 'FailedCreate', message });
}

function refusalOf(replicaSet: KubernetesObject): string | undefined {
  const { conditions = [] } = (replicaSet['status'] ?? {}) as { readonly conditions?: readonly { readonly type: string; readonly message: string }[] };
  return conditions.find(({ type }) => type === 'ReplicaFailure')?.message;
}

export function livingPods(inside: Inside, owner: KubernetesObject): readonly KubernetesObject[] {
  return childrenOf(inside, kinds.pod, owner).filter((pod) => pod.metadata.deletionTimestamp === undefined && !['Succeeded', 'Failed'].includes(phaseOf(pod)));
}

export function readyPods(inside: Inside, owner: KubernetesObject): readonly KubernetesObject[] {
  return livingPods(inside, owner).filter(isReady);
}
