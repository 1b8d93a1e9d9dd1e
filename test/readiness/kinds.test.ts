// Which kinds have readiness at all, and what becomes of those that nobody knows.

import { describe, expect, test } from 'vitest';
import type { KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { hasReadiness, hasRule, judgeObject } from '../../src/readiness/table.ts';
import { around } from './scenes.ts';

function object(apiVersion: string, kind: string, more: object = {}): KubernetesObject {
  return { apiVersion, kind, metadata: { name: 'one', generation: 2 }, ...more };
}

const opinionOn = (subject: KubernetesObject) => judgeObject(subject, around([]));

describe('nothing is waited for', () => {
  test.each([
    ['v1', 'ConfigMap'],
    ['v1', 'Secret'],
    ['v1', 'ServiceAccount'],
    ['rbac.authorization.k8s.io/v1', 'RoleBinding'],
    ['networking.k8s.io/v1', 'NetworkPolicy'],
    ['policy/v1', 'PodDisruptionBudget'],
    ['batch/v1', 'CronJob'],
    ['autoscaling/v2', 'HorizontalPodAutoscaler'],
    ['storage.k8s.io/v1', 'StorageClass'],
  ])('with %s %s', (apiVersion, kind) => {
    expect(hasReadiness(object(apiVersion, kind))).toBe(false);
  });
});

describe('a kind of a well-known name in a foreign group', () => {
  test('is not taken for the well-known one', () => {
    const knative = object('serving.knative.dev/v1', 'Service', { status: { conditions: [{ type: 'Ready', status: 'False', reason: 'RevisionMissing' }] } });
    expect(hasRule(knative)).toBe(false);
    expect(opinionOn(knative)).toMatchObject({ state: 'waiting', message: 'RevisionMissing' });
    expect(hasReadiness(object('example.org/v1', 'Secret'))).toBe(true);
  });
});

describe('a custom object', () => {
  const custom = (status: object | undefined) => opinionOn(object('example.org/v1', 'Database', status === undefined ? {} : { status }));
  const condition = (type: string, status: string, more: object = {}) => ({ type, status, ...more });

  test.each(['Ready', 'Available'])('is ready when its condition %s is True', (type) => {
    expect(custom({ observedGeneration: 2, conditions: [condition(type, 'True')] }).state).toBe('ready');
  });

  test.each(['False', 'Unknown'])('waits while it is %s, with the controller’s words', (status) => {
    const conditions = [condition('Ready', status, { reason: 'Creating', message: 'volume 1 of 3' })];
    expect(custom({ conditions })).toMatchObject({ state: 'waiting', message: 'Creating: volume 1 of 3' });
  });

  test.each([
    ['its status', { observedGeneration: 1, conditions: [condition('Ready', 'True')] }],
    ['the condition itself', { observedGeneration: 2, conditions: [condition('Ready', 'True', { observedGeneration: 1 })] }],
  ])('waits while %s is about an earlier generation', (_, status) => {
    expect(custom(status).state).toBe('waiting');
  });

  test('has failed when its controller says that it is stalled', () => {
    expect(custom({ conditions: [condition('Stalled', 'True', { reason: 'BadSpec', message: 'size must be positive' })] })).toMatchObject({ state: 'failed', reason: 'BadSpec' });
  });

  test.each([undefined, {}, { phase: 'Running' }, { conditions: [condition('Synced', 'True')] }])('is never taken as ready when nothing says so: %o', (status) => {
    expect(custom(status)).toEqual({ state: 'unknown', message: 'no condition tells whether a Database is ready' });
  });
});

test('a kind of Kubernetes itself that has no rule is unknown, even with a condition of that name', () => {
  const controller = object('v1', 'ReplicationController', { status: { conditions: [{ type: 'Ready', status: 'True' }] } });
  expect(opinionOn(controller)).toEqual({ state: 'unknown', message: 'nothing is known about the readiness of a ReplicationController' });
});
