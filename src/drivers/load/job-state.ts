// How a Job of ours fares, from its conditions and its pods. Pure; sees a failure before the Job says so itself.

import type { KubernetesObject } from '../cluster/objects.ts';

export interface Culprit {
  readonly pod: string;
  readonly container: string;
}

export type JobVerdict =
  | { readonly state: 'succeeded' }
  | { readonly state: 'running'; readonly message: string }
  | { readonly state: 'failed'; readonly reason: string; readonly since?: string; readonly culprit?: Culprit };

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

export interface Job extends KubernetesObject {
  readonly spec?: {
    readonly suspend?: boolean;
    readonly backoffLimitPerIndex?: number;
    readonly podFailurePolicy?: { readonly rules?: readonly { readonly action: string; readonly onExitCodes?: unknown }[] };
  };
  readonly status?: {
    readonly active?: number;
    readonly ready?: number;
    readonly failed?: number;
    readonly conditions?: readonly Condition[];
  };
}

interface ContainerStatus {
  readonly name: string;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly terminated?: { readonly exitCode: number; readonly reason?: string; readonly finishedAt?: string };
  };
}

export interface JobPod extends KubernetesObject {
  readonly spec?: { readonly initContainers?: readonly { readonly name: string; readonly restartPolicy?: string }[] };
  readonly status?: {
    readonly phase?: string;
    /** When the kubelet took it on. */
    readonly startTime?: string;
    readonly conditions?: readonly Condition[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

/** `Complete`, `Failed`, and `FailureTarget`, which comes as soon as failing is certain (Kubernetes 1.31). */
export function hasEnded(job: Job): boolean {
  return ['Complete', 'Failed', 'FailureTarget'].some((type) => condition(job.status?.conditions, type) !== undefined);
}

/** Whether the verdict needs the pods: not while all that were asked for are up, which is nearly always. */
export function needsPods(job: Job): boolean {
  const { active = 0, ready = 0, failed = 0 } = job.status ?? {};
  return condition(job.status?.conditions, 'Complete') === undefined && (active === 0 || failed > 0 || ready < active);
}

export function verdictOf(job: Job, pods: readonly JobPod[]): JobVerdict {
  if (condition(job.status?.conditions, 'Complete') !== undefined) return { state: 'succeeded' };
  const failed = condition(job.status?.conditions, 'Failed') ?? condition(job.status?.conditions, 'FailureTarget');
  const ended = pods.flatMap(exits);
  const trouble = [...(failed === undefined && ignoresExits(job) ? [] : ended), ...pods.flatMap(faults)][0];
  if (failed !== undefined) return { state: 'failed', reason: reasonOf(failed, trouble), ...since(trouble?.since ?? failed.lastTransitionTime), ...withCulprit(trouble) };
  if (trouble !== undefined) return { state: 'failed', reason: trouble.reason, ...since(trouble.since), ...withCulprit(trouble) };
  return { state: 'running', message: progress(job, pods) };
}

/** That the one try we allow was used up says nothing beside what ended it. */
function reasonOf(failed: Condition, trouble: Trouble | undefined): string {
  if (trouble !== undefined && failed.reason === 'BackoffLimitExceeded') return trouble.reason;
  return joined(sentence(failed), trouble?.reason);
}

interface Trouble {
  readonly reason: string;
  readonly since: string | undefined;
  readonly culprit: Culprit;
}

/** Containers that ended badly: with restartPolicy Never their pod cannot succeed any more, whatever else still runs in it. */
function exits(pod: JobPod): readonly Trouble[] {
  if (condition(pod.status?.conditions, 'DisruptionTarget') !== undefined || pod.metadata.deletionTimestamp !== undefined) return [];
  return statuses(pod).flatMap(({ name, state }) => {
    const ended = state?.terminated;
    if (ended === undefined || ended.exitCode === 0) return [];
    const reason = `container ${name} ended with exit code ${ended.exitCode}${ended.reason === undefined || ended.reason === 'Error' ? '' : ` (${ended.reason})`}`;
    return [{ reason, since: ended.finishedAt, culprit: { pod: pod.metadata.name, container: name } }];
  });
}

// Reasons of the kubelet that do not pass by waiting; ErrImagePull turns into ImagePullBackOff when the second pull fails too.
const lasting = new Set(['ImagePullBackOff', 'ErrImageNeverPull', 'InvalidImageName', 'CreateContainerConfigError', 'CreateContainerError', 'RunContainerError']);

function faults(pod: JobPod): readonly Trouble[] {
  return statuses(pod).flatMap(({ name, state }) => {
    const { reason, message } = state?.waiting ?? {};
    if (reason === undefined || !lasting.has(reason)) return [];
    return [{ reason: `container ${name}: ${joined(reason, message)}`, since: pod.status?.startTime, culprit: { pod: pod.metadata.name, container: name } }];
  });
}

/** Sidecars (init containers that restart) are ended by the kubelet, with whatever exit code. */
function statuses(pod: JobPod): readonly ContainerStatus[] {
  const sidecars = new Set((pod.spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always').map(({ name }) => name));
  return [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])].filter(({ name }) => !sidecars.has(name));
}

/** One that the Job itself answers with another try is no end of the load; its condition is. */
function ignoresExits(job: Job): boolean {
  return (job.spec?.backoffLimitPerIndex ?? 0) > 0 || (job.spec?.podFailurePolicy?.rules ?? []).some(({ action, onExitCodes }) => action !== 'FailJob' && onExitCodes !== undefined);
}

function progress(job: Job, pods: readonly JobPod[]): string {
  if (job.spec?.suspend === true) return 'suspended by somebody';
  const waiting = pods.find(({ status }) => status?.phase === 'Pending');
  if (waiting === undefined) return (job.status?.active ?? 0) === 0 ? 'no pod yet' : 'running';
  const unscheduled = waiting.status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  const why = unscheduled === undefined ? statuses(waiting).find(({ state }) => state?.waiting?.reason !== undefined)?.state?.waiting?.reason : sentence(unscheduled);
  return joined(`pod ${waiting.metadata.name} is pending`, why);
}

function condition(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((known) => known.type === type && known.status === 'True');
}

function since(time: string | undefined): { since?: string } {
  return time === undefined ? {} : { since: time };
}

function withCulprit(trouble: Trouble | undefined): { culprit?: Culprit } {
  return trouble === undefined ? {} : { culprit: trouble.culprit };
}

function sentence({ type, reason, message }: Condition): string {
  return joined(reason ?? type, message);
}

function joined(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(': ');
}
