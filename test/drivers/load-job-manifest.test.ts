// The Job that is made of a template: what is kept, what is ours, and what must not be copied.

import { describe, expect, test } from 'vitest';
import { isStamped, jobManifest, jobName, type JobTemplate } from '../../src/drivers/load/job-manifest.ts';

const target = { release: 'prod-2hpwr', namespace: 'prod-2hpwr', runId: 'run-2026-1', step: 'loadData', attempt: 2 };
const named = { name: 'countries', timeoutMs: 90_500, config: { fromJob: 'loader' } };
const pods = { containers: [{ name: 'loader', image: 'loader:1' }], restartPolicy: 'OnFailure', serviceAccountName: 'loader' };

interface Made {
  readonly metadata: Readonly<Record<string, object>>;
  readonly spec: Readonly<Record<string, unknown>> & {
    readonly podFailurePolicy: { readonly rules: readonly unknown[] };
    readonly template: { readonly metadata: { readonly labels: object; readonly annotations: object }; readonly spec: unknown };
  };
}

function made(template: Partial<JobTemplate> = {}, timeoutMs = named.timeoutMs): Made {
  return jobManifest({ labels: {}, annotations: {}, spec: { template: { spec: pods } }, ...template }, { ...named, timeoutMs }, target) as never;
}

describe('the Job of this run', () => {
  test('keeps the pods of the template, and fails at the first failure instead of trying by itself', () => {
    const { spec } = made({ spec: { suspend: true, backoffLimit: 6, completions: 3, parallelism: 3, template: { spec: pods } } });
    expect(spec).toMatchObject({ suspend: false, backoffLimit: 0, completions: 3, parallelism: 3 });
    expect(spec.template.spec).toEqual({ ...pods, restartPolicy: 'Never' });
  });

  test('does not count a pod that the cluster took away as a failure', () => {
    expect(made().spec.podFailurePolicy.rules).toEqual([{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }]);
  });

  test('leaves it to a template that counts its failures itself', () => {
    const podFailurePolicy = { rules: [{ action: 'FailIndex', onExitCodes: { operator: 'In', values: [1] } }] };
    const { spec } = made({ spec: { completionMode: 'Indexed', backoffLimitPerIndex: 1, podFailurePolicy, template: { spec: pods } } });
    expect(spec).toMatchObject({ backoffLimitPerIndex: 1, podFailurePolicy });
    expect(spec).not.toHaveProperty('backoffLimit');
  });

  test('may run as long as its time-out, and no longer than the template allows', () => {
    expect(made().spec['activeDeadlineSeconds']).toBe(91);
    expect(made({ spec: { activeDeadlineSeconds: 30, template: { spec: pods } } }).spec['activeDeadlineSeconds']).toBe(30);
    expect(made({ spec: { activeDeadlineSeconds: 3_600, template: { spec: pods } } }).spec['activeDeadlineSeconds']).toBe(91);
    expect(made({}, 1).spec['activeDeadlineSeconds']).toBe(1);
  });

  test('takes over nothing that ties a Job to its own pods, and nothing that would remove it before it is read', () => {
    const own = { 'controller-uid': 'u', 'batch.kubernetes.io/controller-uid': 'u', 'job-name': 'loader', 'batch.kubernetes.io/job-name': 'loader' };
    const { metadata, spec } = made({
      labels: { app: 'loader', ...own },
      spec: {
        selector: { matchLabels: own },
        manualSelector: true,
        ttlSecondsAfterFinished: 0,
        podReplacementPolicy: 'TerminatingOrFailed',
        template: { metadata: { creationTimestamp: null, labels: { app: 'loader', ...own } }, spec: pods },
      },
    });
    expect(Object.keys(spec).toSorted()).toEqual(['activeDeadlineSeconds', 'backoffLimit', 'podFailurePolicy', 'suspend', 'template']);
    expect(spec.template.metadata.labels).toEqual({ app: 'loader' });
    expect(spec.template.metadata).not.toHaveProperty('creationTimestamp');
    expect(metadata['labels']).toEqual({ app: 'loader', 'app.kubernetes.io/managed-by': 'changeover' });
  });

  test('is nobody else’s: the marks of Helm and kubectl stay with the template', () => {
    const annotations = { 'meta.helm.sh/release-name': 'prod-2hpwr', 'helm.sh/hook': 'test', 'kubectl.kubernetes.io/last-applied-configuration': '{}', team: 'data' };
    expect(Object.keys(made({ annotations, labels: { 'app.kubernetes.io/managed-by': 'Helm' } }).metadata['annotations'] ?? {}).toSorted()).toEqual([
      'changeover.dev/attempt',
      'changeover.dev/job',
      'changeover.dev/run',
      'changeover.dev/step',
      'team',
    ]);
  });

  test('bears the stamps of run, step, job and try, and so do its pods', () => {
    const stamps = { 'changeover.dev/run': 'run-2026-1', 'changeover.dev/step': 'loadData', 'changeover.dev/job': 'countries', 'changeover.dev/attempt': '2' };
    const { metadata, spec } = made();
    expect(metadata).toMatchObject({ name: jobName('countries', target), namespace: 'prod-2hpwr', annotations: stamps });
    expect(spec.template.metadata.annotations).toEqual(stamps);
  });

  test('is known by all of its stamps: another run, step, job or try is foreign', () => {
    const job = made() as never;
    expect(isStamped(job, 'countries', target)).toBe(true);
    expect(isStamped(job, 'cities', target)).toBe(false);
    for (const other of [{ runId: 'run-2026-2' }, { step: 'verifyRelease' }, { attempt: 1 }]) expect(isStamped(job, 'countries', { ...target, ...other })).toBe(false);
    expect(isStamped({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'countries' } }, 'countries', target)).toBe(false);
  });
});

describe('its name', () => {
  test('says job and try, and differs between runs and steps', () => {
    expect(jobName('countries', target)).toMatch(/^countries-[0-9a-f]{8}-2$/);
    const others = [target, { ...target, runId: 'run-2026-2' }, { ...target, step: 'verifyRelease' }, { ...target, attempt: 1 }].map((other) => jobName('countries', other));
    expect(new Set(others).size).toBe(4);
  });

  test('fits into a label, and long names that begin alike do not meet', () => {
    const [a, b] = [`${'x'.repeat(62)}a`, `${'x'.repeat(62)}b`].map((name) => jobName(name, { ...target, attempt: 10 }));
    expect(a).toHaveLength(63);
    expect(a).not.toBe(b);
  });
});
