// Makes the Job of this run and try from a template: stamped, started at once, failing at the first failure. Pure.

import { createHash } from 'node:crypto';
import type { JobSource } from '../../config/sections/load.ts';
import type { NamedJob } from '../drivers.ts';
import type { KubernetesObject } from '../cluster/objects.ts';
import type { LoadTarget } from './load.ts';

type Mapping = Readonly<Record<string, unknown>>;

/** A Job's metadata and spec to copy from, wherever they stand. */
export interface JobTemplate {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: Mapping;
}

const stamps = {
  run: 'changeover.dev/run',
  step: 'changeover.dev/step',
  job: 'changeover.dev/job',
  attempt: 'changeover.dev/attempt',
} as const;

/**
 * What it keeps of the template is its pods, parallelism and completions. How often to try is the load step's business
 * (`retries`), so the Job itself fails at its first failed pod; only a pod that the cluster took away is replaced.
 */
export function jobManifest(template: JobTemplate, job: NamedJob<JobSource>, target: LoadTarget): KubernetesObject {
  const marks = stampsOf(job.name, target);
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: jobName(job.name, target),
      namespace: target.namespace,
      labels: { ...withoutControllers(template.labels), 'app.kubernetes.io/managed-by': 'changeover' },
      annotations: { ...withoutTools(template.annotations), ...marks },
    },
    spec: jobSpec(template.spec, { marks, timeoutMs: job.timeoutMs }),
  };
}

/** `<job>-<digest of the run and step>-<attempt>`, at most 63 characters: it becomes a label of its pods. */
export function jobName(job: string, { runId, step, attempt }: LoadTarget): string {
  const suffix = `-${createHash('sha256').update(`${runId}/${step}/${job}`).digest('hex').slice(0, 8)}-${attempt}`;
  return `${job.slice(0, 63 - suffix.length)}${suffix}`;
}

/** Whether the Job was made for exactly this run, step, job and try; anything else by that name is foreign. */
export function isStamped(object: KubernetesObject, job: string, target: LoadTarget): boolean {
  return Object.entries(stampsOf(job, target)).every(([key, value]) => object.metadata.annotations?.[key] === value);
}

function stampsOf(job: string, { runId, step, attempt }: LoadTarget): Readonly<Record<string, string>> {
  return { [stamps.run]: runId, [stamps.step]: step, [stamps.job]: job, [stamps.attempt]: String(attempt) };
}

interface JobSpecOptions {
  readonly marks: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

function jobSpec(spec: Mapping, { marks, timeoutMs }: JobSpecOptions): Mapping {
  const { selector: _selector, manualSelector: _manual, podReplacementPolicy: _replacement, ttlSecondsAfterFinished: _ttl, ...kept } = spec;
  const own = kept['activeDeadlineSeconds'];
  const deadline = Math.max(1, Math.ceil(timeoutMs / 1_000));
  return {
    ...kept,
    suspend: false,
    activeDeadlineSeconds: typeof own === 'number' ? Math.min(own, deadline) : deadline,
    // With a limit per index the template counts for itself, and the API server wants both or neither.
    ...(kept['backoffLimitPerIndex'] === undefined && { backoffLimit: 0 }),
    podFailurePolicy: kept['podFailurePolicy'] ?? replaceWhatTheClusterTook,
    template: podTemplate(mapping(kept['template']), marks),
  };
}

// A drained node is not a failed load (Kubernetes, "Handling Pod and container failures", condition DisruptionTarget).
const replaceWhatTheClusterTook = { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }] };

/** `Never`, since a container that is restarted in its pod hides how often it failed, and `podFailurePolicy` forbids it. */
function podTemplate(template: Mapping, marks: Readonly<Record<string, string>>): Mapping {
  const metadata = mapping(template['metadata']);
  const { creationTimestamp: _, ...kept } = metadata;
  return {
    ...template,
    metadata: {
      ...kept,
      labels: withoutControllers(mapping(metadata['labels']) as Record<string, string>),
      annotations: { ...(mapping(metadata['annotations']) as Record<string, string>), ...marks },
    },
    spec: { ...mapping(template['spec']), restartPolicy: 'Never' },
  };
}

const setByController = new Set(['controller-uid', 'job-name', 'batch.kubernetes.io/controller-uid', 'batch.kubernetes.io/job-name']);

function withoutControllers(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !setByController.has(key)));
}

/** Marks of Helm and kubectl say whose the template is; the copy is nobody's but ours. */
function withoutTools(annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => !/(^|\.)(helm\.sh|kubectl\.kubernetes\.io)\//.test(key) && !key.startsWith('batch.kubernetes.io/')));
}

function mapping(value: unknown): Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Mapping) : {};
}
