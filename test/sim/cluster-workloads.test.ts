// The controllers of the simulated cluster: workloads come up, or fail, with the statuses a real cluster shows.

import { expect, test } from 'vitest';
import { breakPods } from '../../sim/cluster/pods.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { deployment, job, service, statefulSet } from '../support/objects.ts';
import { testCluster } from './cluster.ts';

test('a Deployment becomes available when its pods are ready, and says so for its present generation', async () => {
  const { cluster, clock, find } = await testCluster({ behaviours: { 'Deployment/portal': { afterMs: 5_000 } } });
  await cluster.create(kinds.deployment, deployment('portal', { namespace: 'here', replicas: 2 }));
  await clock.sleep(4_000);
  expect(await find(kinds.deployment, 'portal')).toMatchObject({ status: { observedGeneration: 1, replicas: 2, unavailableReplicas: 2 } });
  await clock.sleep(2_000);
  expect(await find(kinds.deployment, 'portal')).toMatchObject({
    metadata: { generation: 1 },
    status: { observedGeneration: 1, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 },
  });
});

test('a changed template is rolled out: the old pods stay until the new ones are ready', async () => {
  const { cluster, clock, find, all } = await testCluster();
  await cluster.create(kinds.deployment, deployment('portal', { namespace: 'here' }));
  await clock.sleep(5_000);
  const [old] = await all(kinds.pod);
  await cluster.patch({ kind: kinds.deployment, name: 'portal', namespace: 'here' }, { spec: { template: { metadata: { annotations: { restarted: 'now' } } } } });
  await clock.sleep(500);
  expect((await all(kinds.pod)).map(({ metadata }) => metadata.name)).toContain(old?.metadata.name);
  await clock.sleep(10_000);
  expect((await all(kinds.pod)).map(({ metadata }) => metadata.name)).not.toContain(old?.metadata.name);
  expect(await find(kinds.deployment, 'portal')).toMatchObject({ metadata: { generation: 2 }, status: { observedGeneration: 2, replicas: 1, readyReplicas: 1 } });
});

test('an image that cannot be pulled shows on the container and as an event', async () => {
  const { cluster, clock, all } = await testCluster({ behaviours: { 'Deployment/portal': { outcome: 'imagePull' } } });
  await cluster.create(kinds.deployment, deployment('portal', { namespace: 'here' }));
  await clock.sleep(10_000);
  const [pod] = await all(kinds.pod);
  expect(pod).toMatchObject({ status: { phase: 'Pending', containerStatuses: [{ state: { waiting: { reason: 'ImagePullBackOff' } } }] } });
  const events = await cluster.list(kinds.event, { namespace: 'here', fieldSelector: `involvedObject.name=${pod?.metadata.name}` });
  expect(events.items).toMatchObject([{ reason: 'Failed', message: 'Failed to pull image "example/portal:1": not found' }]);
});

test('a crashing container is restarted less and less often, and its last log stays readable', async () => {
  const { cluster, clock, all } = await testCluster({ behaviours: { 'Deployment/portal': { outcome: 'crashLoop', log: 'one\ntwo\nno database' } } });
  await cluster.create(kinds.deployment, deployment('portal', { namespace: 'here' }));
  await clock.sleep(60_000);
  const [pod] = await all(kinds.pod);
  expect(pod).toMatchObject({ status: { containerStatuses: [{ restartCount: 4, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: { exitCode: 1 } } }] } });
  const log = await cluster.logs({ kind: kinds.pod, name: pod?.metadata.name ?? '', namespace: 'here' }, { tailLines: 2, previous: true });
  expect(log).toBe('two\nno database\n');
});

test('a pod too big for every node stays pending and says which resource is missing', async () => {
  const { cluster, clock, all } = await testCluster({ behaviours: { 'Deployment/portal': { outcome: 'unschedulable' } } });
  await cluster.create(kinds.deployment, deployment('portal', { namespace: 'here' }));
  await clock.sleep(60_000);
  expect(await all(kinds.pod)).toMatchObject([{ status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', message: expect.stringContaining('Insufficient cpu') }] } }]);
});

test('a full quota leaves a Deployment without pods and with the reason', async () => {
  const { cluster, clock, find, all } = await testCluster({ behaviours: { 'Deployment/portal': { outcome: 'quota' } } });
  await cluster.create(kinds.deployment, deployment('portal', { namespace: 'here' }));
  await clock.sleep(60_000);
  expect(await all(kinds.pod)).toEqual([]);
  expect(await find(kinds.deployment, 'portal')).toMatchObject({ status: { conditions: expect.arrayContaining([expect.objectContaining({ type: 'ReplicaFailure', message: expect.stringContaining('exceeded quota') })]) } });
});

test('a Deployment that makes no progress says so when its deadline has passed', async () => {
  const { cluster, clock, find } = await testCluster({ behaviours: { 'Deployment/portal': { outcome: 'never' } } });
  await cluster.create(kinds.deployment, deployment('portal', { namespace: 'here' }));
  await clock.sleep(601_000);
  expect(await find(kinds.deployment, 'portal')).toMatchObject({ status: { conditions: expect.arrayContaining([expect.objectContaining({ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' })]) } });
});

test('a StatefulSet brings up its pods one after another, each when its claim is bound', async () => {
  const { cluster, clock, find, all } = await testCluster({ behaviours: { 'PersistentVolumeClaim/data-database-0': { afterMs: 8_000 } } });
  await cluster.create(kinds.statefulSet, statefulSet('database', { namespace: 'here', replicas: 2 }));
  await clock.sleep(7_000);
  expect(await all(kinds.pod)).toMatchObject([{ metadata: { name: 'database-0' }, status: { phase: 'Pending' } }]);
  await clock.sleep(10_000);
  expect(await find(kinds.statefulSet, 'database')).toMatchObject({ status: { replicas: 2, readyReplicas: 2 } });
});

test('a Job that works completes, one that does not fails after its back-off limit', async () => {
  const { cluster, clock, find, all } = await testCluster({ behaviours: { 'Job/bad': { outcome: 'fails' } } });
  await cluster.create(kinds.job, job('good', { namespace: 'here' }));
  await cluster.create(kinds.job, job('bad', { namespace: 'here', backoffLimit: 1 }));
  await clock.sleep(60_000);
  expect(await find(kinds.job, 'good')).toMatchObject({ status: { succeeded: 1, conditions: expect.arrayContaining([expect.objectContaining({ type: 'Complete', status: 'True' })]) } });
  expect(await find(kinds.job, 'bad')).toMatchObject({ status: { failed: 2, conditions: expect.arrayContaining([expect.objectContaining({ type: 'Failed', reason: 'BackoffLimitExceeded' })]) } });
  expect((await all(kinds.pod)).filter(({ metadata }) => metadata.name.startsWith('bad-'))).toHaveLength(2);
});

test('a suspended Job runs nothing', async () => {
  const { cluster, clock, all } = await testCluster();
  await cluster.create(kinds.job, job('loader', { namespace: 'here', suspend: true }));
  await clock.sleep(3_600_000);
  expect(await all(kinds.pod)).toEqual([]);
});

test('a load balancer gets its address late, and its endpoints are the ready pods', async () => {
  const { cluster, clock, find, all } = await testCluster({ behaviours: { 'Service/portal': { afterMs: 3_000 } } });
  await cluster.create(kinds.deployment, deployment('portal', { namespace: 'here' }));
  await cluster.create(kinds.service, service('portal', { namespace: 'here' }));
  await clock.sleep(2_000);
  expect(await find(kinds.service, 'portal')).toMatchObject({ status: { loadBalancer: {} } });
  await clock.sleep(2_000);
  expect(await find(kinds.service, 'portal')).toMatchObject({ status: { loadBalancer: { ingress: [{ ip: '198.18.0.1' }] } } });
  expect(await all(kinds.endpointSlice)).toMatchObject([{ endpoints: [{ conditions: { ready: true } }] }]);
  breakPods(cluster.inside, 'here');
  await clock.sleep(100);
  expect(await all(kinds.endpointSlice)).toMatchObject([{ endpoints: [{ conditions: { ready: false } }] }]);
});

test('the same seed makes the same cluster, name for name', async () => {
  const names = async (): Promise<readonly string[]> => {
    const { cluster, clock, all } = await testCluster();
    await cluster.create(kinds.deployment, deployment('portal', { namespace: 'here', replicas: 3 }));
    await clock.sleep(5_000);
    return (await all(kinds.pod)).map(({ metadata }) => `${metadata.name} ${metadata.uid} ${metadata.resourceVersion}`);
  };
  expect(await names()).toEqual(await names());
});
