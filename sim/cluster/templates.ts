// Pods as their workloads make them from a template. Creates them, or says why the quota refuses.

import type { KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { behaviourOf } from '../behaviour.ts';
import { insert, ownedBy, recordEvent, type Inside } from './inside.ts';

export interface PodTemplate {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>>; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly containers: readonly { readonly name: string; readonly image?: string }[];
    readonly volumes?: readonly object[];
    readonly restartPolicy?: string;
  };
}

export interface WorkloadSpec {
  readonly replicas?: number;
  readonly template: PodTemplate;
  readonly progressDeadlineSeconds?: number;
}

export function workloadSpec(object: KubernetesObject): WorkloadSpec {
  return object['spec'] as WorkloadSpec;
}

export interface NewPod {
  readonly owner: KubernetesObject;
  readonly name: string;
  readonly template: PodTemplate;
  readonly labels?: Readonly<Record<string, string>>;
  readonly volumes?: readonly object[];
}

/** The message of the quota when it refuses the pod, else undefined. */
export function createPod(inside: Inside, { owner, name, template, labels, volumes = [] }: NewPod): string | undefined {
  const top = topOwner(inside, owner);
  if (behaviourOf(top, inside.behaviours).outcome === 'quota') {
    const message = `pods "${name}" is forbidden: exceeded quota: pods, requested: pods=1, used: pods=4, limited: pods=4`;
    recordEvent(inside, owner, { type: 'Warning', reason: 'FailedCreate', message: `Error creating: ${message}` });
    return message;
  }
  const metadata = ownedBy(owner, name, { ...template.metadata?.labels, ...labels });
  const { annotations } = template.metadata ?? {};
  const spec = { ...template.spec, volumes: [...(template.spec.volumes ?? []), ...volumes] };
  insert(inside, kinds.pod, { metadata: { ...metadata, ...(annotations === undefined ? {} : { annotations }) }, spec });
  return undefined;
}

/** The workload that a scenario names: the Deployment of a ReplicaSet, else the object itself. */
export function topOwner(inside: Inside, object: KubernetesObject): KubernetesObject {
  const [owner] = object.metadata.ownerReferences ?? [];
  const kind = [kinds.deployment, kinds.replicaSet, kinds.statefulSet, kinds.daemonSet, kinds.job].find((known) => known.kind === owner?.kind);
  if (owner === undefined || kind === undefined) return object;
  const found = inside.store.get(kind, object.metadata.namespace, owner.name);
  return found === undefined ? object : topOwner(inside, found);
}

export function isReady(pod: KubernetesObject): boolean {
  return pod.metadata.deletionTimestamp === undefined && readyCondition(pod)?.status === 'True';
}

export function readyCondition(pod: KubernetesObject): { readonly status: string; readonly lastTransitionTime: string } | undefined {
  const { conditions = [] } = (pod['status'] ?? {}) as { readonly conditions?: readonly { type: string; status: string; lastTransitionTime: string }[] };
  return conditions.find(({ type }) => type === 'Ready');
}

export function phaseOf(pod: KubernetesObject): string {
  return (pod['status'] as { readonly phase?: string } | undefined)?.phase ?? 'Pending';
}
