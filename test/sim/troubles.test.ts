// Bad days of a cluster: pods that flap or are evicted, quotas that give way, slow controllers, lost nodes, namespaces that stay.

import { describe, expect, test } from 'vitest';
import { loseNode } from '../../sim/cluster/nodes.ts';
import { isReachable } from '../../sim/http.ts';
import { kinds, type KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { deployment, job, namespace, service, statefulSet } from '../support/objects.ts';
import { testCluster } from './cluster.ts';

const web = deployment('web', { namespace: 'here' });

function statusOf(object: KubernetesObject | undefined): Readonly<Record<string, unknown>> {
  return (object?.['status'] ?? {}) as Readonly<Record<string, unknown>>;
}

describe('pods that flap', () => {
  test('are unready and ready again, so many times', async () => {
    const { cluster, clock, find } = await testCluster({ behaviours: { 'Deployment/web': { flaps: { everyMs: 10_000, times: 2 } } } });
    await cluster.create(kinds.deployment, web);
    const readiness: unknown[] = [];
    await clock.sleep(6_000);
    for (let turn = 0; turn < 6; turn += 1, await clock.sleep(10_000)) readiness.push(statusOf(await find(kinds.deployment, 'web'))['readyReplicas'] ?? 0);
    expect(readiness).toEqual([1, 0, 1, 0, 1, 1]);
  });
});

describe('a pod that is evicted because its node is short of memory', () => {
  test('stays, failed, and the Deployment is complete again with another one', async () => {
    const { cluster, clock, find, all } = await testCluster({ behaviours: { 'Deployment/web': { evictedAfterMs: 30_000 } } });
    await cluster.create(kinds.deployment, web);
    await clock.sleep(60_000);
    const pods = (await all(kinds.pod)).map(statusOf);
    expect(pods.map(({ phase, reason }) => [phase, reason]).toSorted()).toEqual([['Failed', 'Evicted'], ['Running', undefined]]);
    expect(await find(kinds.deployment, 'web')).toMatchObject({ status: { readyReplicas: 1, replicas: 1 } });
  });

  test('of a StatefulSet is removed, and made again under its name', async () => {
    const { cluster, clock, all } = await testCluster({ behaviours: { 'StatefulSet/database': { evictedAfterMs: 30_000 } } });
    await cluster.create(kinds.statefulSet, statefulSet('database', { namespace: 'here' }));
    await clock.sleep(20_000);
    const [first] = await all(kinds.pod);
    await clock.sleep(60_000);
    const pods = await all(kinds.pod);
    expect(pods.map(({ metadata }) => metadata.name)).toEqual(['database-0']);
    expect(pods[0]?.metadata.uid).not.toBe(first?.metadata.uid);
  });

  test('counts against the back-off of a Job, unless its policy ignores disruptions', async () => {
    const outcome = async (policy: object): Promise<unknown> => {
      const { cluster, clock, find } = await testCluster({ behaviours: { 'Job/loader': { afterMs: 60_000, evictedAfterMs: 30_000 } } });
      const loader = job('loader', { namespace: 'here', backoffLimit: 0 });
      await cluster.create(kinds.job, { ...loader, spec: { ...(loader['spec'] as object), ...policy } });
      await clock.sleep(300_000);
      const { succeeded, failed } = statusOf(await find(kinds.job, 'loader'));
      return { succeeded, failed };
    };
    expect(await outcome({})).toEqual({ succeeded: undefined, failed: 1 });
    expect(await outcome({ podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }] } })).toEqual({ succeeded: 1, failed: undefined });
  });

  test('is not evicted twice, nor woken to readiness by what its scenario had in store', async () => {
    const { cluster, clock, all } = await testCluster({ behaviours: { 'Deployment/web': { afterMs: 20_000, evictedAfterMs: 10_000, evictions: 2 } } });
    await cluster.create(kinds.deployment, web);
    await clock.sleep(120_000);
    expect((await all(kinds.pod)).map((pod) => statusOf(pod)['phase']).toSorted()).toEqual(['Failed', 'Failed', 'Running']);
  });
});

test('a quota that gives way lets the pods come that it had refused', async () => {
  const { cluster, clock, find } = await testCluster({ behaviours: { 'Deployment/web': { outcome: 'quota' } } });
  await cluster.create(kinds.deployment, web);
  await clock.sleep(60_000);
  expect(statusOf(await find(kinds.deployment, 'web'))['conditions']).toEqual(expect.arrayContaining([expect.objectContaining({ type: 'ReplicaFailure' })]));
  cluster.behaviours.delete('Deployment/web');
  await clock.sleep(20_000);
  expect(await find(kinds.deployment, 'web')).toMatchObject({ status: { readyReplicas: 1 } });
  expect(statusOf(await find(kinds.deployment, 'web'))['conditions']).not.toEqual(expect.arrayContaining([expect.objectContaining({ type: 'ReplicaFailure' })]));
});

test('slow controllers do the same, later', async () => {
  const { cluster, clock, find } = await testCluster({ timing: { reactionMs: 20_000 } });
  await cluster.create(kinds.deployment, web);
  await clock.sleep(30_000);
  expect(statusOf(await find(kinds.deployment, 'web'))['readyReplicas']).toBeUndefined();
  await clock.sleep(120_000);
  expect(await find(kinds.deployment, 'web')).toMatchObject({ status: { readyReplicas: 1, observedGeneration: 1 } });
});

describe('a node that is lost', () => {
  async function lost(returnsAfterMs: number) {
    const made = await testCluster();
    await made.cluster.create(kinds.deployment, web);
    await made.cluster.create(kinds.service, service('web', { namespace: 'here' }));
    await made.clock.sleep(20_000);
    loseNode(made.cluster.inside, 'here', { returnsAfterMs });
    const isAnswering = async (): Promise<boolean> => isReachable(made.cluster.inside, await made.find(kinds.service, 'web'));
    return { ...made, isAnswering };
  }

  test('is noticed by the public at once, by the cluster after its grace, and its pods are back with it', async () => {
    const { clock, find, isAnswering } = await lost(120_000);
    await clock.sleep(30_000);
    expect([await isAnswering(), statusOf(await find(kinds.deployment, 'web'))['readyReplicas']]).toEqual([false, 1]);
    await clock.sleep(30_000);
    expect(statusOf(await find(kinds.deployment, 'web'))['readyReplicas']).toBeUndefined();
    await clock.sleep(70_000);
    expect([await isAnswering(), statusOf(await find(kinds.deployment, 'web'))['readyReplicas']]).toEqual([true, 1]);
  });

  test('for longer has its pods replaced elsewhere, and the old ones stay, terminating, until it returns', async () => {
    const { clock, all, isAnswering } = await lost(3_600_000);
    await clock.sleep(400_000);
    expect((await all(kinds.pod)).map(({ metadata }) => metadata.deletionTimestamp !== undefined).toSorted()).toEqual([false, true]);
    expect(await isAnswering()).toBe(true);
    await clock.sleep(3_600_000);
    expect(await all(kinds.pod)).toHaveLength(1);
  });
});

test('a namespace may stay for long after it was to go, with what is in it, and says why', async () => {
  const { cluster, clock } = await testCluster({ behaviours: { 'Namespace/slow': { afterMs: 600_000 } } });
  const made = await cluster.create(kinds.namespace, namespace('slow'));
  await cluster.delete({ kind: kinds.namespace, name: 'slow' }, made.metadata.uid ?? '');
  await clock.sleep(590_000);
  expect(await cluster.get({ kind: kinds.namespace, name: 'slow' })).toMatchObject({ status: { phase: 'Terminating', conditions: [{ type: 'NamespaceFinalizersRemaining' }] } });
  await clock.sleep(15_000);
  expect(await cluster.get({ kind: kinds.namespace, name: 'slow' })).toBeUndefined();
});

describe('a watch of Events', () => {
  test('gets no bookmarks: when nothing happens for long enough, the driver takes it for dead', async () => {
    const { cluster, clock } = await testCluster();
    const watching = cluster.watch(kinds.event, { namespace: 'here', resourceVersion: String(cluster.inside.store.version), signal: new AbortController().signal });
    const startedAt = clock.now();
    await expect(watching[Symbol.asyncIterator]().next()).rejects.toMatchObject({ reason: 'timeout', detail: 'nothing heard for 70 s' });
    expect(clock.now() - startedAt).toBe(70_000);
  });

  test('counts its silence from what it brought last', async () => {
    const { cluster, clock } = await testCluster({ behaviours: { 'Deployment/web': { outcome: 'unschedulable' } } });
    const watching = cluster.watch(kinds.event, { namespace: 'here', resourceVersion: String(cluster.inside.store.version), signal: new AbortController().signal });
    const events = watching[Symbol.asyncIterator]();
    const startedAt = clock.now();
    clock.after(50_000, () => void cluster.create(kinds.deployment, web));
    expect(await events.next()).toMatchObject({ value: { type: 'ADDED' } });
    await expect(events.next()).rejects.toMatchObject({ reason: 'timeout' });
    expect(clock.now() - startedAt).toBeGreaterThan(120_000);
  });
});
