// What is seen of one Job at a moment: its pods in order, how far they are, and what keeps them from starting. Pure.

import type { KubernetesObject } from '../drivers/cluster/objects.ts';
import { conditionIs, explain } from '../readiness/conditions.ts';
import { judgeJob } from '../readiness/job.ts';
import { podStory } from '../readiness/pod.ts';
import type { Pod } from '../readiness/pod-shapes.ts';
import type { Event, Job } from '../readiness/shapes.ts';

export interface JobSight {
  readonly job: Job | undefined;
  /** Oldest first. */
  readonly pods: readonly Pod[];
  readonly events: readonly Event[];
}

export function sightOf(objects: readonly KubernetesObject[], name: string): JobSight {
  const job = objects.find(({ kind, metadata }) => kind === 'Job' && metadata.name === name) as Job | undefined;
  return { job, pods: podsOf(objects, name), events: objects.filter(({ kind }) => kind === 'Event') as readonly KubernetesObject[] as readonly Event[] };
}

/** By the label that the Job controller sets; the older one still comes with it. */
export function podsOf(objects: readonly KubernetesObject[], job: string): readonly Pod[] {
  const own = objects.filter(({ kind, metadata: { labels } }) => kind === 'Pod' && (labels?.['batch.kubernetes.io/job-name'] ?? labels?.['job-name']) === job);
  const age = ({ metadata }: KubernetesObject): string => `${metadata.creationTimestamp ?? ''} ${metadata.name}`;
  return (own as readonly KubernetesObject[] as readonly Pod[]).toSorted((left, right) => (age(left) < age(right) ? -1 : 1));
}

/** Whether there is, or was, a log. */
export function hasStarted(pod: Pod, container: string): boolean {
  const state = stateOf(pod, container);
  return state?.running !== undefined || state?.terminated !== undefined;
}

/** Of the container, if it has ended; undefined also for a pod that was lost before anybody could tell. */
export function exitCodeOf(pod: Pod, container: string): number | undefined {
  return stateOf(pod, container)?.terminated?.exitCode;
}

export function hasEnded(pod: Pod | undefined, container: string): boolean {
  return pod === undefined || exitCodeOf(pod, container) !== undefined || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

export interface JobVerdict {
  readonly succeeded: boolean;
  /** `PodFailurePolicy: Container changeover for pod … failed with exit code 1 …` */
  readonly reason: string;
}

/** Undefined while it is not over. */
export function verdictOf({ status }: Job): JobVerdict | undefined {
  const complete = conditionIs(status, 'Complete', 'True');
  const failed = conditionIs(status, 'Failed', 'True');
  if (complete !== undefined) return { succeeded: true, reason: explain(complete) };
  return failed && { succeeded: false, reason: explain(failed) };
}

/** Why nothing runs yet, in one line; undefined when there is nothing to say. */
export function waitingFor({ job, pods, events }: JobSight, container: string): string | undefined {
  const seen = { pods, endpointSlices: [], events, nodes: undefined };
  const pod = pods.findLast((found) => !hasStarted(found, container) && !hasEnded(found, container));
  if (pod !== undefined) {
    const story = podStory(pod, seen);
    return story && `pod ${pod.metadata.name}: ${story.message}`;
  }
  if (job === undefined) return undefined;
  const opinion = judgeJob(job, seen);
  return opinion.state === 'failed' || opinion.reason !== undefined ? `Job ${job.metadata.name}: ${opinion.message}` : `Job ${job.metadata.name}: waiting for a pod`;
}

function stateOf({ status }: Pod, container: string) {
  return status?.containerStatuses?.find(({ name }) => name === container)?.state;
}
