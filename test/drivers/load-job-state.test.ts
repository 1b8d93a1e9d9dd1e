// How a Job of ours fares: statuses as the API server of Kubernetes 1.35 sends them, and the verdict on each.

import { describe, expect, test } from 'vitest';
import { hasEnded, needsPods, verdictOf, type Job, type JobPod } from '../../src/drivers/load/job-state.ts';

function job(status: Job['status'] = {}, spec: Job['spec'] = {}): Job {
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'load-1a2b3c4d-1' }, spec, status };
}

function pod(status: NonNullable<JobPod['status']>, more: Partial<JobPod> = {}): JobPod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'load-x' }, status, ...more };
}

function waiting(reason: string, message?: string): JobPod {
  return pod({ phase: 'Pending', containerStatuses: [{ name: 'main', state: { waiting: { reason, ...(message !== undefined && { message }) } } }] });
}

function exited(exitCode: number, reason = 'Error'): JobPod {
  return pod({ phase: 'Failed', containerStatuses: [{ name: 'main', state: { terminated: { exitCode, reason } } }] });
}

const complete = job({ conditions: [{ type: 'SuccessCriteriaMet', status: 'True' }, { type: 'Complete', status: 'True' }] });
const outOfTries = { type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' };
const late = { type: 'Failed', status: 'True', reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' };

describe('a Job', () => {
  test('that is complete has succeeded, even if a pod of it was replaced on the way', () => {
    expect(verdictOf(complete, [exited(137)])).toEqual({ state: 'succeeded' });
  });

  test('that counts its tries for each index goes on after one that failed: only its own word ends it', () => {
    const counting = { backoffLimitPerIndex: 3 };
    expect(verdictOf(job({ active: 3, ready: 3, failed: 1 }, counting), [exited(1)])).toMatchObject({ state: 'running' });
    expect(verdictOf(job({ failed: 4, conditions: [outOfTries] }, counting), [exited(1)])).toMatchObject({ state: 'failed' });
    expect(verdictOf(job({ active: 3, failed: 1 }, { backoffLimitPerIndex: 0 }), [exited(1)])).toMatchObject({ state: 'failed' });
  });

  test('whose success is certain but whose pods still end is running', () => {
    expect(verdictOf(job({ conditions: [{ type: 'SuccessCriteriaMet', status: 'True' }] }), [])).toMatchObject({ state: 'running' });
  });

  test('is not complete while the condition is False', () => {
    expect(verdictOf(job({ conditions: [{ type: 'Complete', status: 'False' }] }), [])).toMatchObject({ state: 'running' });
  });

  test('that failed tells the exit code instead of the number of tries', () => {
    expect(verdictOf(job({ conditions: [outOfTries] }), [exited(3)])).toEqual({
      state: 'failed',
      reason: 'container main ended with exit code 3',
      culprit: { pod: 'load-x', container: 'main' },
    });
  });

  test('that failed without a trace of its pods tells what the Job says', () => {
    expect(verdictOf(job({ conditions: [late] }), [])).toEqual({ state: 'failed', reason: 'DeadlineExceeded: Job was active longer than specified deadline' });
  });

  test('that failed tells since when: since its container ended, or else what the Job says', () => {
    const ended = pod({ phase: 'Failed', containerStatuses: [{ name: 'main', state: { terminated: { exitCode: 3, finishedAt: '2026-01-01T00:00:05Z' } } }] });
    const conditions = [{ ...outOfTries, lastTransitionTime: '2026-01-01T00:00:07Z' }];
    expect(verdictOf(job({ conditions }), [ended])).toMatchObject({ since: '2026-01-01T00:00:05Z' });
    expect(verdictOf(job({ conditions }), [])).toMatchObject({ since: '2026-01-01T00:00:07Z' });
    const stuck = pod({ phase: 'Pending', startTime: '2026-01-01T00:00:01Z', containerStatuses: [{ name: 'main', state: { waiting: { reason: 'ImagePullBackOff' } } }] });
    expect(verdictOf(job({ active: 1 }), [stuck])).toMatchObject({ since: '2026-01-01T00:00:01Z' });
  });

  test('whose failure is certain has failed, while its pods still end', () => {
    expect(verdictOf(job({ conditions: [{ ...outOfTries, type: 'FailureTarget' }] }), [exited(1)])).toMatchObject({ state: 'failed' });
  });

  test('has ended with Complete, Failed or FailureTarget, and not before', () => {
    expect([complete, job({ conditions: [late] }), job({ conditions: [{ ...late, type: 'FailureTarget' }] }), job({ active: 1 }), job()].map(hasEnded)).toEqual([true, true, true, false, false]);
  });
});

describe('its pods tell earlier', () => {
  test('that a container ended badly, while another one in the pod keeps it alive', () => {
    const mixed = pod({ phase: 'Running', containerStatuses: [{ name: 'proxy', state: {} }, { name: 'main', state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } }] });
    expect(verdictOf(job({ active: 1 }), [mixed])).toMatchObject({ state: 'failed', reason: 'container main ended with exit code 137 (OOMKilled)' });
  });

  test('that an init container ended badly', () => {
    const initFailed = pod({ phase: 'Pending', initContainerStatuses: [{ name: 'fetch', state: { terminated: { exitCode: 6, reason: 'Error' } } }] });
    expect(verdictOf(job({ active: 1 }), [initFailed])).toMatchObject({ state: 'failed', reason: 'container fetch ended with exit code 6' });
  });

  test.each(['ImagePullBackOff', 'ErrImageNeverPull', 'InvalidImageName', 'CreateContainerConfigError', 'CreateContainerError', 'RunContainerError'])('that it cannot start: %s', (reason) => {
    expect(verdictOf(job({ active: 1 }), [waiting(reason, 'because')])).toMatchObject({ state: 'failed', reason: `container main: ${reason}: because` });
  });

  test('nothing final about a first pull that failed, or a container being created', () => {
    expect(verdictOf(job({ active: 1 }), [waiting('ErrImagePull')])).toEqual({ state: 'running', message: 'pod load-x is pending: ErrImagePull' });
    expect(verdictOf(job({ active: 1 }), [waiting('ContainerCreating')])).toMatchObject({ state: 'running' });
  });

  test('why a pod is not scheduled; a node may still come', () => {
    const pending = pod({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes are available' }] });
    expect(verdictOf(job({ active: 1 }), [pending])).toEqual({ state: 'running', message: 'pod load-x is pending: Unschedulable: 0/1 nodes are available' });
  });

  test('nothing when the cluster took the pod away: the Job replaces it', () => {
    const drained = pod({ phase: 'Failed', conditions: [{ type: 'DisruptionTarget', status: 'True' }], containerStatuses: [{ name: 'main', state: { terminated: { exitCode: 143 } } }] });
    expect(verdictOf(job({ active: 1, failed: 1 }), [drained])).toMatchObject({ state: 'running' });
  });

  test('nothing when a sidecar is ended, with whatever code', () => {
    const sidecar = pod({ phase: 'Running', initContainerStatuses: [{ name: 'proxy', state: { terminated: { exitCode: 143 } } }] }, { spec: { initContainers: [{ name: 'proxy', restartPolicy: 'Always' }] } });
    expect(verdictOf(job({ active: 1 }), [sidecar])).toMatchObject({ state: 'running' });
  });

  test('nothing when the template itself says what exit codes mean: then the Job decides', () => {
    const spec = { podFailurePolicy: { rules: [{ action: 'Ignore', onExitCodes: { operator: 'In', values: [42] } }] } };
    expect(verdictOf(job({ active: 1 }, spec), [exited(42)])).toMatchObject({ state: 'running' });
    expect(verdictOf(job({ conditions: [outOfTries] }, spec), [exited(1)])).toMatchObject({ state: 'failed', reason: 'container main ended with exit code 1' });
  });

  test('nothing of a container that ended well beside one that still works', () => {
    const half = pod({ phase: 'Running', containerStatuses: [{ name: 'prepare', state: { terminated: { exitCode: 0 } } }] });
    expect(verdictOf(job({ active: 1 }), [half])).toEqual({ state: 'running', message: 'running' });
  });
});

describe('what it is doing', () => {
  test.each([
    ['no pod yet', job(), []],
    ['suspended by somebody', job({}, { suspend: true }), []],
    ['running', job({ active: 1, ready: 1 }), []],
  ])('%s', (message, object, pods) => {
    expect(verdictOf(object, pods)).toEqual({ state: 'running', message });
  });

  test('is asked of the pods only when not all of them are up: a look costs one request while it loads', () => {
    expect(needsPods(job({ active: 1, ready: 1 }))).toBe(false);
    expect(needsPods(complete)).toBe(false);
    for (const status of [{}, { active: 1 }, { active: 2, ready: 1 }, { active: 1, ready: 1, failed: 1 }, { conditions: [outOfTries] }]) expect(needsPods(job(status))).toBe(true);
  });
});
