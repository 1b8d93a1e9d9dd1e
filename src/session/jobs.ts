// The Jobs of an installed runner: which there are, starting one by hand, and which one a run was done by.

import { Failure } from '../errors.ts';
import { failedWith } from '../drivers/failure.ts';
import { kinds, type KubernetesObject } from '../drivers/cluster/objects.ts';
import { verdictOf } from '../follow/sight.ts';
import { manualJob, manualJobName } from '../plan/manual-job.ts';
import { labels } from '../plan/ownership.ts';
import { cronJobName } from '../plan/runner-names.ts';
import type { Job } from '../readiness/shapes.ts';
import { retry } from '../run/retry.ts';
import type { Reading, Session } from './session.ts';

export type JobSession = Pick<Session, 'environment' | 'drivers' | 'clock' | 'stop' | 'identities'>;

/** Starts the operation now, also when its CronJob is suspended. Rejects with Failure 'NotInstalled' or 'JobActive'. */
export async function startJob(session: JobSession, operation: string): Promise<Job> {
  const { environment: { environment }, drivers: { cluster }, identities, clock, stop: signal } = session;
  const cronJob = await findCronJob(session, operation);
  const active = (await listJobs(session)).filter((job) => verdictOf(job) === undefined && job.metadata.deletionTimestamp === undefined);
  if (active.length > 0) throw alreadyActive(active, session);
  const job = manualJob(cronJob, manualJobName(environment, identities.suffix()));
  try {
    return (await retry(() => cluster.create(kinds.job, job), { clock, signal })) as Job;
  } catch (error) {
    // Of a create whose answer was lost; nobody else takes a name that ends at random.
    const created = failedWith(error, 'conflict') ? await retry(() => cluster.get({ kind: kinds.job, ...job.metadata }), { clock, signal }) : undefined;
    if (created === undefined) throw error;
    return created as Job;
  }
}

async function findCronJob(session: JobSession, operation: string): Promise<KubernetesObject> {
  const { environment: { environment, runner: { namespace } }, drivers: { cluster }, clock, stop: signal } = session;
  const name = cronJobName(environment, operation);
  const found = await retry(() => cluster.get({ kind: kinds.cronJob, name, namespace }), { clock, signal });
  if (found?.metadata.labels?.[labels.environment] === environment) return found;
  const what = found === undefined ? `there is no CronJob ${namespace}/${name}` : `CronJob ${namespace}/${name} is not one of environment ${environment}: it lacks the label ${labels.environment}=${environment}`;
  const next = operation === 'rebuild' ? {} : { next: `Add the operation to \`schedules\` and install the chart again, or do it from here: changeover ${operation}` };
  throw new Failure('NotInstalled', { summary: what, object: `CronJob ${namespace}/${name}`, ...next });
}

function alreadyActive(active: readonly Job[], { environment }: JobSession): Failure {
  const names = active.map(({ metadata }) => `${environment.runner.namespace}/${metadata.name}`);
  const [first = ''] = names;
  return new Failure('JobActive', { summary: `Job ${names.join(' and Job ')} ${names.length === 1 ? 'has' : 'have'} not ended`, object: `Job ${first}` });
}

/** Oldest first. */
export async function listJobs({ environment: { environment, runner: { namespace } }, drivers: { cluster }, clock, stop: signal }: Pick<Reading, 'environment' | 'drivers' | 'clock' | 'stop'>): Promise<readonly Job[]> {
  const { items } = await retry(() => cluster.list(kinds.job, { namespace, labelSelector: `${labels.environment}=${environment}` }), { clock, signal });
  const age = ({ metadata }: KubernetesObject): string => `${metadata.creationTimestamp ?? ''} ${metadata.name}`;
  return (items as readonly Job[]).toSorted((left, right) => (age(left) < age(right) ? -1 : 1));
}

/** `changeover-prod-manual-x7k2p-9bwlq/1` is a pod of `changeover-prod-manual-x7k2p`; undefined for a process that was no pod. */
export function jobOfHolder(holder: string, jobs: readonly Job[]): Job | undefined {
  const pod = holder.slice(0, holder.lastIndexOf('/'));
  // A long Job's name is cut to make room for the five characters of its pods (kube-controller-manager, generateName).
  return jobs.findLast(({ metadata }) => /^-?[a-z0-9]{5}$/.test(pod.slice(Math.min(metadata.name.length + 1, 58))) && pod.startsWith(`${metadata.name}-`.slice(0, 58)));
}
