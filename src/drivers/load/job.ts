// Load jobs that are Kubernetes Jobs in the candidate's namespace. A Job of the same name that is not this run's is never touched.

import * as z from 'zod';
import type { JobSource } from '../../config/sections/load.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { kinds, type KubernetesObject } from '../cluster/objects.ts';
import type { NamedJob } from '../drivers.ts';
import { DriverError, failedWith } from '../failure.ts';
import { isStamped, jobManifest, jobName } from './job-manifest.ts';
import { hasEnded, needsPods, verdictOf, type Culprit, type Job, type JobPod } from './job-state.ts';
import { readTemplate } from './job-template.ts';
import type { LoadDriver, LoadFailure, LoadState, LoadTarget } from './load.ts';
import { notedHandle } from './noted.ts';

const jobHandle = z.object({ name: z.string(), uid: z.string() });
type JobHandle = z.infer<typeof jobHandle>;

export function jobDriver(cluster: Cluster): LoadDriver<NamedJob<JobSource>> {
  return {
    // The name is made of the run and the try, so whoever prepares again finds this Job: it may run at once.
    async prepare(job, target) {
      const present = await findJob(cluster, target, jobName(job.name, target));
      if (present !== undefined) return handleOf(present, job, target);
      const template = await readTemplate(job.config, target.namespace, cluster);
      return handleOf(await create(cluster, jobManifest(template, job, target)), job, target);
    },

    start: async () => undefined,

    async poll(job, target, noted): Promise<LoadState> {
      const handle = notedHandle(jobHandle, noted, job.name);
      const object = await findJob(cluster, target, handle.name);
      if (object === undefined) return lost(handle, target, 'has vanished: somebody has deleted it');
      if (object.metadata.uid !== handle.uid) return lost(handle, target, 'is another one now: somebody has replaced it');
      const found: Job = object;
      const verdict = verdictOf(found, needsPods(found) ? await podsOf(cluster, target, handle) : []);
      if (verdict.state === 'succeeded') return { state: 'succeeded', message: `Job ${handle.name} is complete` };
      if (verdict.state === 'running') return verdict;
      const { state, ...failed } = verdict;
      return { state, failures: [await failure(cluster, target, { name: handle.name, ...failed })] };
    },

    async cancel(job, target, noted) {
      const handle = noted === undefined ? undefined : notedHandle(jobHandle, noted, job.name);
      const object = await findJob(cluster, target, handle?.name ?? jobName(job.name, target));
      const { name, uid } = object?.metadata ?? {};
      // One that has ended stays, with its log, for whoever wants to see what happened.
      if (object === undefined || name === undefined || uid === undefined || hasEnded(object)) return;
      const isOurs = handle === undefined ? isStamped(object, job.name, target) : uid === handle.uid;
      if (isOurs) await cluster.delete({ kind: kinds.job, namespace: target.namespace, name }, uid);
    },
  };
}

function findJob(cluster: Cluster, { namespace }: LoadTarget, name: string): Promise<KubernetesObject | undefined> {
  return cluster.get({ kind: kinds.job, namespace, name });
}

/** Rejects 'conflict' when the Job belongs to anything but this run and try. */
function handleOf(object: KubernetesObject, job: NamedJob<JobSource>, target: LoadTarget): JobHandle {
  const { name, uid } = object.metadata;
  if (uid !== undefined && isStamped(object, job.name, target)) return { name, uid };
  throw new DriverError({ reason: 'conflict', attempted: `create Job ${target.namespace}/${name}`, detail: 'a Job of that name exists that this run did not make' });
}

async function create(cluster: Cluster, manifest: KubernetesObject): Promise<KubernetesObject> {
  try {
    return await cluster.create(kinds.job, manifest);
  } catch (error) {
    // The answer to an earlier try may have been lost; whose Job it is, its stamps tell.
    const { name, namespace = '' } = manifest.metadata;
    const present = failedWith(error, 'conflict') ? await cluster.get({ kind: kinds.job, namespace, name }) : undefined;
    if (present === undefined) throw error;
    return present;
  }
}

async function podsOf(cluster: Cluster, { namespace }: LoadTarget, { name, uid }: JobHandle): Promise<readonly JobPod[]> {
  const { items } = await cluster.list(kinds.pod, { namespace, labelSelector: `batch.kubernetes.io/job-name=${name}` });
  return items.filter((pod) => pod.metadata.ownerReferences?.some((owner) => owner.uid === uid) === true);
}

function lost({ name }: JobHandle, { namespace }: LoadTarget, reason: string): LoadState {
  return { state: 'failed', failures: [{ job: name, object: `Job ${namespace}/${name}`, reason: `Job ${name} ${reason}` }] };
}

interface Failed {
  readonly name: string;
  readonly reason: string;
  readonly since?: string;
  readonly culprit?: Culprit;
}

async function failure(cluster: Cluster, { namespace }: LoadTarget, { name, culprit, ...what }: Failed): Promise<LoadFailure> {
  if (culprit === undefined) return { ...what, job: name, object: `Job ${namespace}/${name}` };
  const logTail = await logTailOf(cluster, namespace, culprit);
  return { ...what, job: name, object: `Pod ${namespace}/${culprit.pod}`, ...(logTail !== undefined && { logTail }) };
}

const tailLines = 20;

/** Nothing where there is no log to read: the failure is known without it. */
async function logTailOf(cluster: Cluster, namespace: string, { pod, container }: Culprit): Promise<string | undefined> {
  try {
    const log = await cluster.logs({ kind: kinds.pod, namespace, name: pod }, { container, tailLines });
    return log.trim() === '' ? undefined : log.trimEnd();
  } catch (error) {
    if (error instanceof DriverError) return undefined;
    throw error;
  }
}
