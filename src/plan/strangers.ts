// What lies in a release's namespace and is not of the release: it would go with the namespace, unasked. Pure.

import type { KubernetesObject } from '../drivers/cluster/objects.ts';
import type { HelmRelease } from '../drivers/helm/helm.ts';

/** `PersistentVolumeClaim data`, … */
export function strangers(objects: readonly KubernetesObject[], release: Pick<HelmRelease, 'name' | 'namespace'>): readonly string[] {
  const own = objects.filter((object) => isOwn(object, release));
  const templates = own.flatMap(claimTemplates);
  const foreign = objects.filter((object) => !own.includes(object) && !isMade(object) && !hasEnded(object));
  // A claim of a StatefulSet is made by a controller, and bears no mark of it: `<template>-<set>-<number>`.
  const unclaimed = foreign.filter(({ kind, metadata }) => kind !== 'PersistentVolumeClaim' || !templates.some((prefix) => new RegExp(`^${prefix}-\\d+$`).test(metadata.name)));
  return unclaimed.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
}

/** As Helm marks what it manages (since 3.2); its hooks it does not mark, but they mark themselves. */
function isOwn({ metadata: { annotations = {} } }: KubernetesObject, { name, namespace }: Pick<HelmRelease, 'name' | 'namespace'>): boolean {
  const isManaged = annotations['meta.helm.sh/release-name'] === name && annotations['meta.helm.sh/release-namespace'] === namespace;
  return isManaged || annotations['helm.sh/hook'] !== undefined;
}

/** Another object has made it and answers for it: the pod of a ReplicaSet, the Job of a CronJob. */
function isMade({ metadata }: KubernetesObject): boolean {
  return metadata.ownerReferences?.some(({ controller }) => controller === true) === true;
}

/** What has run to its end works no more: jobs that a load has left. */
function hasEnded({ kind, ...object }: KubernetesObject): boolean {
  const status = (object['status'] ?? {}) as { readonly phase?: string; readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  if (kind === 'Pod') return status.phase === 'Succeeded' || status.phase === 'Failed';
  return kind === 'Job' && status.conditions?.some(({ type, status: held }) => (type === 'Complete' || type === 'Failed') && held === 'True') === true;
}

function claimTemplates({ kind, metadata, ...object }: KubernetesObject): readonly string[] {
  if (kind !== 'StatefulSet') return [];
  const spec = (object['spec'] ?? {}) as { readonly volumeClaimTemplates?: readonly { readonly metadata?: { readonly name?: string } }[] };
  return (spec.volumeClaimTemplates ?? []).map((template) => `${template.metadata?.name ?? ''}-${metadata.name}`);
}
