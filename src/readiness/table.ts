// Which rule judges which kind. A kind that stands nowhere here is never taken as ready.

import { kinds, type Kind, type KubernetesObject } from '../drivers/cluster/objects.ts';
import { judgeCustom } from './custom.ts';
import { judgeDaemonSet } from './daemonset.ts';
import { judgeDeployment } from './deployment.ts';
import { judgeJob } from './job.ts';
import { judgeClaim } from './persistentvolumeclaim.ts';
import { judgePod } from './pod.ts';
import { judgeReplicaSet } from './replicaset.ts';
import { judgeService } from './service.ts';
import { judgeStatefulSet } from './statefulset.ts';
import { unknown, type Opinion, type Rule, type Surroundings } from './verdict.ts';

const rules = {
  Pod: judgePod,
  Service: judgeService,
  PersistentVolumeClaim: judgeClaim,
  'Deployment.apps': judgeDeployment,
  'ReplicaSet.apps': judgeReplicaSet,
  'StatefulSet.apps': judgeStatefulSet,
  'DaemonSet.apps': judgeDaemonSet,
  'Job.batch': judgeJob,
} satisfies Record<string, Rule<never>>;

/** Kinds that are there as soon as they are written, or (CronJob) act only later. */
const withoutReadiness = new Set([
  'ConfigMap', 'Secret', 'ServiceAccount', 'LimitRange', 'ResourceQuota', 'Namespace', 'PersistentVolume', 'Endpoints', 'PodTemplate',
  'CronJob.batch', 'ControllerRevision.apps', 'EndpointSlice.discovery.k8s.io', 'Lease.coordination.k8s.io', 'PodDisruptionBudget.policy',
  'HorizontalPodAutoscaler.autoscaling', 'PriorityClass.scheduling.k8s.io', 'RuntimeClass.node.k8s.io',
  'CustomResourceDefinition.apiextensions.k8s.io',
  ...of('networking.k8s.io', 'NetworkPolicy', 'Ingress', 'IngressClass'),
  ...of('rbac.authorization.k8s.io', 'Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'),
  ...of('storage.k8s.io', 'StorageClass', 'CSIDriver', 'VolumeAttributesClass'),
  ...of('admissionregistration.k8s.io', 'ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'),
  ...of('admissionregistration.k8s.io', 'ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'),
  ...of('admissionregistration.k8s.io', 'MutatingAdmissionPolicy', 'MutatingAdmissionPolicyBinding'),
]);

/** What must be followed to judge any release: the kinds with a rule, and what the rules look at beside the object. */
export const judgedKinds: readonly Kind[] = [
  kinds.pod, kinds.service, kinds.persistentVolumeClaim, kinds.deployment, kinds.replicaSet,
  kinds.statefulSet, kinds.daemonSet, kinds.job, kinds.endpointSlice, kinds.event,
];

export function hasReadiness(object: KubernetesObject): boolean {
  return !withoutReadiness.has(groupKind(object));
}

export function hasRule(object: KubernetesObject): boolean {
  return groupKind(object) in rules;
}

export function judgeObject(object: KubernetesObject, seen: Surroundings): Opinion {
  const kind = groupKind(object);
  if (kind in rules) return (rules[kind as keyof typeof rules] as Rule<KubernetesObject>)(object, seen);
  return isBuiltIn(object) ? unknown(`nothing is known about the readiness of a ${kind}`) : judgeCustom(object);
}

/** `Deployment.apps`, and for the core group `Pod`: kinds of the same name exist in several groups. */
export function groupKind({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): string {
  const [group] = apiVersion.includes('/') ? apiVersion.split('/') : [];
  return group === undefined ? kind : `${kind}.${group}`;
}

function of(group: string, ...names: readonly string[]): readonly string[] {
  return names.map((name) => `${name}.${group}`);
}

/** The groups that came with Kubernetes have no dot (`apps`, `batch`); those with one keep to the conventions for conditions. */
function isBuiltIn({ apiVersion }: KubernetesObject): boolean {
  return !apiVersion.split('/')[0]?.includes('.');
}
