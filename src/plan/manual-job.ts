// The Job that starts an installed runner now: made from its CronJob, as `kubectl create job --from=cronjob/…` does. Pure.

import { kinds, type KubernetesObject } from '../drivers/cluster/objects.ts';
import { runnerName } from './runner-names.ts';

interface JobTemplate {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>>; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: unknown;
}

/** At most 41 characters, `-manual-` and five more: within the 63 of a Job's name. */
export function manualJobName(environment: string, suffix: string): string {
  return `${runnerName(environment)}-manual-${suffix}`;
}

/** Owned by the CronJob, so that it goes with it, and so that its controller starts no other one meanwhile. By its name the program knows that nobody wants to hear that it comes too soon. */
export function manualJob(cronJob: KubernetesObject, name: string): KubernetesObject {
  const { metadata, spec } = ((cronJob['spec'] ?? {}) as { readonly jobTemplate?: JobTemplate }).jobTemplate ?? {};
  const { name: owner, namespace, uid = '' } = cronJob.metadata;
  return {
    apiVersion: kinds.job.apiVersion,
    kind: kinds.job.kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...metadata?.labels },
      annotations: { ...metadata?.annotations, 'cronjob.kubernetes.io/instantiate': 'manual' },
      // No blockOwnerDeletion: that needs a right on the CronJob's finalizers.
      ownerReferences: [{ apiVersion: kinds.cronJob.apiVersion, kind: kinds.cronJob.kind, name: owner, uid, controller: true }],
    },
    spec,
  };
}
