// Jobs: pods until one succeeds or the back-off limit is reached; suspended ones wait, overdue ones fail.

import { kinds, type KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import type { Controller } from './controllers.ts';
import { childrenOf, condition, isoTime, requestDeletion, setStatus, type Inside } from './inside.ts';
import { statusOf, withoutZeros } from './defaults.ts';
import { createPod, isReady, phaseOf, type PodTemplate } from './templates.ts';

interface JobSpec {
  readonly template: PodTemplate;
  readonly suspend?: boolean;
  readonly backoffLimit?: number;
  readonly activeDeadlineSeconds?: number;
  readonly podFailurePolicy?: {
    readonly rules: readonly FailureRule[];
  };
}

interface FailureRule {
  readonly action: string;
  readonly onExitCodes?: { readonly operator: 'In' | 'NotIn'; readonly values: readonly number[] };
  readonly onPodConditions?: readonly { readonly type: string; readonly status?: string }[];
}

interface JobStatus {
  readonly startTime?: string;
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
}

export const jobs: Controller = {
  kind: kinds.job,
  reconcile: (inside, job, again) => {
    const spec = job['spec'] as JobSpec;
    const status = (job['status'] ?? {}) as JobStatus;
    if (status.conditions?.some(({ type }) => type === 'Complete' || type === 'Failed') === true) return;
    if (spec.suspend === true) return suspend(inside, job);
    const pods = childrenOf(inside, kinds.pod, job);
    const ended = pods.filter((pod) => phaseOf(pod) === 'Failed');
    // What a rule ignores does not count as failed either.
    const failed = ended.filter((pod) => actionOn(pod, spec) !== 'Ignore').length;
    const startTime = status.startTime ?? isoTime(inside.clock);
    const active = pods.length - ended.length;
    const counts = { startTime, ...withoutZeros({ failed }), ready: pods.filter(isReady).length, terminating: 0, uncountedTerminatedPods: {} };
    if (pods.some((pod) => phaseOf(pod) === 'Succeeded')) return succeed(inside, job, { ...counts, succeeded: 1 });
    if (isOverdue(inside, startTime, spec)) return fail(inside, job, { ...counts, reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' });
    if (ended.some((pod) => actionOn(pod, spec) === 'FailJob')) return fail(inside, job, { ...counts, reason: 'PodFailurePolicy', message: 'a pod failed with an exit code that a FailJob rule names' });
    if (failed > (spec.backoffLimit ?? 6)) return fail(inside, job, { ...counts, reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' });
    if (status.startTime === undefined && spec.activeDeadlineSeconds !== undefined) again(spec.activeDeadlineSeconds * 1_000);
    setStatus(inside, job, { ...counts, ...withoutZeros({ active }) });
    if (active === 0) tryOnce(inside, job, { failed, again });
  },
};

/** What the first rule that fits says of a failed pod. Source: Kubernetes API reference, PodFailurePolicyRule. */
function actionOn(pod: KubernetesObject, { podFailurePolicy }: JobSpec): string {
  const { containerStatuses = [], conditions = [] } = statusOf<FailedStatus>(pod);
  const codes = containerStatuses.map(({ state }) => state.terminated?.exitCode ?? 0).filter((code) => code !== 0);
  const fits = ({ onExitCodes, onPodConditions = [] }: FailureRule): boolean => {
    if (onExitCodes !== undefined) return codes.some((code) => onExitCodes.values.includes(code) === (onExitCodes.operator === 'In'));
    return onPodConditions.some(({ type, status = 'True' }) => conditions.some((known) => known.type === type && known.status === status));
  };
  return podFailurePolicy?.rules.find(fits)?.action ?? 'Count';
}

interface FailedStatus {
  readonly containerStatuses: readonly { readonly state: { readonly terminated?: { readonly exitCode: number } } }[];
  readonly conditions: readonly { readonly type: string; readonly status: string }[];
}

function suspend(inside: Inside, job: KubernetesObject): void {
  for (const pod of childrenOf(inside, kinds.pod, job)) requestDeletion(inside, kinds.pod, pod);
  const known = (job['status'] ?? {}) as JobStatus;
  if (known.conditions?.some(({ type }) => type === 'Suspended') === true) return;
  setStatus(inside, job, { conditions: [condition(inside, 'Suspended', { status: 'True', reason: 'JobSuspended', message: 'Job suspended' })] });
}

/** The first pod at once, later ones after 10, 20, 40 s. */
function tryOnce(inside: Inside, job: KubernetesObject, { failed, again }: { readonly failed: number; readonly again: (afterMs: number) => void }): void {
  const { template } = job['spec'] as JobSpec;
  const newest = Math.max(0, ...childrenOf(inside, kinds.pod, job).map(({ metadata }) => Date.parse(metadata.creationTimestamp ?? '')));
  const waitMs = failed === 0 ? 0 : newest + 10_000 * 2 ** (failed - 1) - inside.clock.now();
  if (waitMs > 0) return again(waitMs);
  createPod(inside, { owner: job, name: `${job.metadata.name}-${inside.random.name(5)}`, template, labels: jobLabels(job) });
}

function jobLabels({ metadata: { name, uid = '' } }: KubernetesObject): Readonly<Record<string, string>> {
  return { 'batch.kubernetes.io/job-name': name, 'job-name': name, 'batch.kubernetes.io/controller-uid': uid, 'controller-uid': uid };
}

function isOverdue(inside: Inside, startTime: string, { activeDeadlineSeconds }: JobSpec): boolean {
  return activeDeadlineSeconds !== undefined && inside.clock.now() - Date.parse(startTime) >= activeDeadlineSeconds * 1_000;
}

function succeed(inside: Inside, job: KubernetesObject, counts: object): void {
  const conditions = [condition(inside, 'SuccessCriteriaMet', { status: 'True', reason: 'CompletionsReached' }), condition(inside, 'Complete', { status: 'True', reason: 'CompletionsReached' })];
  setStatus(inside, job, { ...counts, completionTime: isoTime(inside.clock), conditions });
}

interface JobFailure {
  readonly reason: string;
  readonly message: string;
}

function fail(inside: Inside, job: KubernetesObject, { reason, message, ...counts }: JobFailure): void {
  for (const pod of childrenOf(inside, kinds.pod, job)) if (phaseOf(pod) !== 'Failed') requestDeletion(inside, kinds.pod, pod);
  const conditions = [condition(inside, 'FailureTarget', { status: 'True', reason, message }), condition(inside, 'Failed', { status: 'True', reason, message })];
  setStatus(inside, job, { ...counts, conditions });
}
