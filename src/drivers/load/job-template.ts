// Finds the template of a load Job: a suspended Job or a CronJob of the release, or a spec from the environment file.

import type { JobSource } from '../../config/sections/load.ts';
import type { ClusterReader } from '../cluster/cluster.ts';
import { kinds, type KubernetesObject, type ObjectReference } from '../cluster/objects.ts';
import { DriverError } from '../failure.ts';
import type { JobTemplate } from './job-manifest.ts';

/** Rejects 'notFound' when the release has no such object, 'invalid' when it is no template, or as the cluster does. */
export async function readTemplate(source: JobSource, namespace: string, cluster: ClusterReader): Promise<JobTemplate> {
  if ('spec' in source) return { labels: {}, annotations: {}, spec: source.spec };
  if ('fromJob' in source) return fromJob(await existing({ kind: kinds.job, namespace, name: source.fromJob }, cluster));
  return fromCronJob(await existing({ kind: kinds.cronJob, namespace, name: source.fromCronJob }, cluster));
}

/** A Job that is not suspended has run by itself since it was installed; its copy would load everything a second time. */
function fromJob(job: KubernetesObject): JobTemplate {
  const spec = job['spec'] as JobTemplate['spec'];
  if (spec['suspend'] !== true) throw new DriverError({ reason: 'invalid', attempted: `copy Job ${job.metadata.name}`, detail: 'it is not suspended (spec.suspend: true), so it runs by itself already' });
  return { labels: job.metadata.labels ?? {}, annotations: job.metadata.annotations ?? {}, spec };
}

interface CronJobSpec {
  readonly jobTemplate: { readonly metadata?: Partial<JobTemplate>; readonly spec: JobTemplate['spec'] };
}

function fromCronJob(cronJob: KubernetesObject): JobTemplate {
  const { metadata, spec } = (cronJob['spec'] as CronJobSpec).jobTemplate;
  // No owner is set: the CronJob's history limit would remove the Job before its result is read.
  return { labels: metadata?.labels ?? {}, annotations: metadata?.annotations ?? {}, spec };
}

async function existing(reference: ObjectReference, cluster: ClusterReader): Promise<KubernetesObject> {
  const found = await cluster.get(reference);
  if (found !== undefined) return found;
  throw new DriverError({ reason: 'notFound', attempted: `copy ${reference.kind.kind} ${reference.name}`, detail: `the release has none of that name in namespace ${reference.namespace}` });
}
