// Deployments, StatefulSets, DaemonSets and ReplicaSets: recorded when all was well, and what one changed field makes of it.

import { describe, expect, test } from 'vitest';
import { having, judge, scene, type Changes } from './scenes.ts';

function opinionOn(kind: string, name: string, changes: Changes) {
  return judge(having(scene('ready'), kind, { name, changes }), kind, name);
}

describe('as recorded, with everything up', () => {
  test.each([
    ['Deployment', 'portal'],
    ['StatefulSet', 'database'],
    ['DaemonSet', 'agent'],
    ['DaemonSet', 'nowhere'],
    ['ReplicaSet', 'portal'],
  ])('%s %s is ready', (kind, name) => {
    expect(judge(scene('ready'), kind, name).state).toBe('ready');
  });
});

describe('a workload whose controller has not seen the present spec', () => {
  test.each([
    ['Deployment', 'portal'],
    ['StatefulSet', 'database'],
    ['DaemonSet', 'agent'],
  ])('is not ready, whatever its numbers say: %s', (kind, name) => {
    expect(opinionOn(kind, name, { metadata: { generation: 7 } })).toEqual({ state: 'waiting', message: 'its controller has not seen the present spec yet' });
    expect(opinionOn(kind, name, { status: undefined }).state).toBe('waiting');
  });
});

describe('a Deployment waits', () => {
  test.each<[string, Changes, string]>([
    ['for replicas of the present spec', { status: { updatedReplicas: 1 } }, '1 of 2 replicas are up to date'],
    ['for them to be available', { status: { availableReplicas: 1 } }, '1 of 2 replicas are available'],
    ['for the first one', { status: { availableReplicas: undefined } }, '0 of 2 replicas are available'],
    ['for those of the earlier spec to go', { status: { replicas: 3 } }, '1 replicas of an earlier spec are still there'],
    ['for as many as an autoscaler now wants', { spec: { replicas: 5 } }, '2 of 5 replicas are up to date'],
  ])('%s', (_, changes, message) => {
    expect(opinionOn('Deployment', 'portal', changes)).toEqual({ state: 'waiting', message });
  });
});

describe('a Deployment', () => {
  test('that is scaled to zero on purpose is ready', () => {
    const changes = { spec: { replicas: 0 }, status: { replicas: undefined, updatedReplicas: undefined, availableReplicas: undefined } };
    expect(opinionOn('Deployment', 'portal', changes).state).toBe('ready');
  });

  test('has failed when its progress deadline has passed', () => {
    expect(judge(scene('services'), 'Deployment', 'stuck')).toMatchObject({
      state: 'failed',
      reason: 'ProgressDeadlineExceeded',
      since: '2026-11-21T11:26:27Z',
    });
  });

  test('is ready when its replicas came up after the deadline after all', () => {
    const late = having(scene('services'), 'Deployment', { name: 'stuck', changes: { status: { replicas: 1, updatedReplicas: 1, availableReplicas: 1 } } });
    expect(judge(late, 'Deployment', 'stuck').state).toBe('ready');
  });
});

describe('a StatefulSet', () => {
  test.each<[string, Changes, string]>([
    ['waits for its replicas', { spec: { replicas: 3 } }, '1 of 3 replicas are available'],
    ['waits for the update of those that are up', { status: { updatedReplicas: 0 } }, '0 of 1 replicas are up to date'],
  ])('%s', (_, changes, message) => {
    expect(opinionOn('StatefulSet', 'database', changes)).toEqual({ state: 'waiting', message });
  });

  test('leaves pods below its partition, and all of them with OnDelete, as they are', () => {
    const kept = { status: { updatedReplicas: 0 } };
    expect(opinionOn('StatefulSet', 'database', { ...kept, spec: { updateStrategy: { rollingUpdate: { partition: 1 } } } }).state).toBe('ready');
    expect(opinionOn('StatefulSet', 'database', { ...kept, spec: { updateStrategy: { type: 'OnDelete' } } }).state).toBe('ready');
  });
});

describe('a DaemonSet', () => {
  test.each<[string, Changes, string]>([
    ['waits for every node that it wants', { status: { desiredNumberScheduled: 3 } }, '1 of 3 nodes have the present spec'],
    ['waits until its pods are available', { status: { numberAvailable: undefined } }, '0 of 1 pods are available'],
  ])('%s', (_, changes, message) => {
    expect(opinionOn('DaemonSet', 'agent', changes)).toEqual({ state: 'waiting', message });
  });
});

describe('a ReplicaSet of its own', () => {
  const own = { metadata: { ownerReferences: undefined } };

  test('is judged by its available replicas', () => {
    expect(opinionOn('ReplicaSet', 'portal', own).state).toBe('ready');
    expect(opinionOn('ReplicaSet', 'portal', { ...own, status: { availableReplicas: 1 } }).message).toBe('1 of 2 replicas are available');
  });
});

describe('pods that the server refuses', () => {
  test.each([
    ['Deployment', 'portal'],
    ['StatefulSet', 'database'],
    ['Job', 'migrate'],
  ])('for a quota: %s %s has failed, and the numbers are told', (kind, name) => {
    const opinion = judge(scene('quota'), kind, name);
    expect(opinion).toMatchObject({ state: 'failed', reason: 'QuotaExceeded' });
    expect(opinion.message).toContain('exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1');
  });

  test.each([
    ['Deployment', 'portal'],
    ['DaemonSet', 'agent'],
  ])('for Pod Security: %s %s has failed, and what is forbidden is told', (kind, name) => {
    const opinion = judge(scene('restricted'), kind, name);
    expect(opinion).toMatchObject({ state: 'failed', reason: 'PodSecurity' });
    expect(opinion.message).toMatch(/^its pods cannot be created: (Error creating: )?pods "\S+" is forbidden: violates PodSecurity "restricted:latest": privileged/);
  });

  const refusedWith = (message: string) => {
    const failure = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message };
    return opinionOn('Deployment', 'portal', { status: { availableReplicas: 0, updatedReplicas: 0, conditions: [failure] } });
  };

  test.each([
    ['AdmissionDenied', 'admission webhook "policy.example.org" denied the request: no latest tags'],
    ['AdmissionDenied', 'pods "x" is forbidden: ValidatingAdmissionPolicy \'limits\' with binding \'limits\' denied request: set limits'],
    ['LimitRange', 'pods "x" is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi'],
    ['QuotaExceeded', 'pods "x" is forbidden: failed quota: compute: must specify limits.cpu'],
    ['InvalidPod', 'Pod "x" is invalid: spec.containers[0].ports: Invalid value'],
  ])('for good: %s', (reason, message) => {
    expect(refusedWith(message)).toMatchObject({ state: 'failed', reason });
  });

  test.each([
    'pods "x" is forbidden: error looking up service account prod/default: serviceaccount "default" not found',
    'Internal error occurred: failed calling webhook "inject.example.org": connect: connection refused',
    'pods "x" is forbidden: status unknown for quota: small, resources: pods',
  ])('only for now: %s', (message) => {
    expect(refusedWith(message)).toMatchObject({ state: 'waiting', reason: 'FailedCreate' });
  });

  test('once, long ago, say nothing about a workload that is up', () => {
    const objects = having(scene('quota'), 'StatefulSet', { name: 'database', changes: { status: { availableReplicas: 1, readyReplicas: 1, replicas: 1, updatedReplicas: 1 } } });
    expect(judge(objects, 'StatefulSet', 'database').state).toBe('ready');
  });
});
