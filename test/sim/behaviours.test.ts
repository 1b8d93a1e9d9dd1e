// What a scenario may say about single objects, beyond coming up or not, and what statuses leave out as real ones do.

import { expect, test } from 'vitest';
import { merged } from '../../sim/cluster/merge.ts';
import { kinds, type KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { deployment, job, object, podTemplate, service, statefulSet } from '../support/objects.ts';
import { testCluster } from './cluster.ts';

const loadBalancer = service('portal', { namespace: 'here' });

test('a load balancer may have a host name, both kinds of addresses, or none for ever', async () => {
  const ingress = async (behaviour: object): Promise<unknown> => {
    const { cluster, clock, find } = await testCluster({ behaviours: { 'Service/portal': behaviour } });
    await cluster.create(kinds.service, loadBalancer);
    await clock.sleep(3_600_000);
    return (await find(kinds.service, 'portal'))['status'];
  };
  expect(await ingress({ hostname: 'lb.example.net' })).toEqual({ loadBalancer: { ingress: [{ hostname: 'lb.example.net' }] } });
  expect(await ingress({ dualStack: true })).toMatchObject({ loadBalancer: { ingress: [{ ip: '198.18.0.1' }, { ip: '2001:db8::1' }] } });
  expect(await ingress({ outcome: 'never' })).toEqual({ loadBalancer: {} });
});

test('a behaviour may be that of one release only', async () => {
  const { cluster, clock, find } = await testCluster({ behaviours: { 'there/Deployment/portal': { outcome: 'never' } } });
  await cluster.create(kinds.deployment, deployment('portal', { namespace: 'here' }));
  await clock.sleep(10_000);
  expect(await find(kinds.deployment, 'portal')).toMatchObject({ status: { readyReplicas: 1 } });
});

test('pods may break some time after they were ready', async () => {
  const { cluster, clock, find } = await testCluster({ behaviours: { 'Deployment/portal': { breaksAfterMs: 60_000 } } });
  await cluster.create(kinds.deployment, deployment('portal', { namespace: 'here' }));
  await clock.sleep(30_000);
  expect(await find(kinds.deployment, 'portal')).toMatchObject({ status: { readyReplicas: 1 } });
  await clock.sleep(60_000);
  expect(await find(kinds.deployment, 'portal')).toMatchObject({ status: { unavailableReplicas: 1, conditions: expect.arrayContaining([expect.objectContaining({ type: 'Available', status: 'False' })]) } });
});

test('a Job of a name that nobody can know behaves as the application in its template', async () => {
  const { cluster, clock, find } = await testCluster({ behaviours: { 'Job/loader': { afterMs: 3_600_000 } } });
  const template = job('loader');
  await cluster.create(kinds.job, { ...template, metadata: { name: 'base-x7k2p-1', namespace: 'here' } });
  await clock.sleep(1_800_000);
  expect(await find(kinds.job, 'base-x7k2p-1')).toMatchObject({ status: { active: 1 } });
  await clock.sleep(1_900_000);
  expect(await find(kinds.job, 'base-x7k2p-1')).toMatchObject({ status: { succeeded: 1 } });
});

test('a Job that lasts longer than its deadline has failed', async () => {
  const { cluster, clock, find, all } = await testCluster({ behaviours: { 'Job/loader': { outcome: 'never' } } });
  const slow = job('loader', { namespace: 'here' });
  await cluster.create(kinds.job, { ...slow, spec: { ...(slow['spec'] as object), activeDeadlineSeconds: 60 } });
  await clock.sleep(90_000);
  expect(await find(kinds.job, 'loader')).toMatchObject({ status: { conditions: expect.arrayContaining([expect.objectContaining({ type: 'Failed', reason: 'DeadlineExceeded' })]) } });
  expect(await all(kinds.pod)).toEqual([]);
});

test('a Job that is resumed begins then', async () => {
  const { cluster, clock, find } = await testCluster();
  await cluster.create(kinds.job, job('loader', { namespace: 'here', suspend: true }));
  await clock.sleep(60_000);
  await cluster.patch({ kind: kinds.job, name: 'loader', namespace: 'here' }, { spec: { suspend: false } });
  await clock.sleep(10_000);
  expect(await find(kinds.job, 'loader')).toMatchObject({ status: { succeeded: 1 } });
});

test('a claim that is never bound keeps its pod pending, with the reason on both', async () => {
  const { cluster, clock, all } = await testCluster({ behaviours: { 'PersistentVolumeClaim/data-database-0': { outcome: 'never' } } });
  await cluster.create(kinds.statefulSet, statefulSet('database', { namespace: 'here' }));
  await clock.sleep(60_000);
  expect(await all(kinds.pod)).toMatchObject([{ status: { phase: 'Pending', conditions: [{ reason: 'Unschedulable', message: expect.stringContaining('unbound') }] } }]);
  expect((await all(kinds.event)).map((event) => event['reason'])).toContain('ProvisioningFailed');
});

test('a claim stays while a pod uses it', async () => {
  const { cluster, clock, find, all } = await testCluster();
  await cluster.create(kinds.statefulSet, statefulSet('database', { namespace: 'here' }));
  await clock.sleep(10_000);
  const claim = await find(kinds.persistentVolumeClaim, 'data-database-0');
  await cluster.delete({ kind: kinds.persistentVolumeClaim, name: claim.metadata.name, namespace: 'here' }, claim.metadata.uid ?? '');
  await clock.sleep(10_000);
  expect((await find(kinds.persistentVolumeClaim, 'data-database-0')).metadata.deletionTimestamp).toBeDefined();
  await cluster.delete({ kind: kinds.statefulSet, name: 'database', namespace: 'here' }, (await find(kinds.statefulSet, 'database')).metadata.uid ?? '');
  await clock.sleep(10_000);
  expect(await all(kinds.persistentVolumeClaim)).toEqual([]);
});

test('a DaemonSet has one pod, on the one node', async () => {
  const { cluster, clock, find } = await testCluster();
  const agent = object('apps/v1 DaemonSet', 'agent', { namespace: 'here', spec: { selector: { matchLabels: { app: 'agent' } }, template: podTemplate('agent') } });
  await cluster.create(kinds.daemonSet, agent);
  await clock.sleep(10_000);
  expect(await find(kinds.daemonSet, 'agent')).toMatchObject({ status: { desiredNumberScheduled: 1, numberReady: 1, numberAvailable: 1 } });
});

test('a workload scaled to zero has no pods', async () => {
  const { cluster, clock, all, find } = await testCluster();
  await cluster.create(kinds.deployment, deployment('portal', { namespace: 'here', replicas: 2 }));
  await clock.sleep(10_000);
  await cluster.patch({ kind: kinds.deployment, name: 'portal', namespace: 'here' }, { spec: { replicas: 0 } });
  await clock.sleep(10_000);
  expect(await all(kinds.pod)).toEqual([]);
  expect(await find(kinds.deployment, 'portal')).toMatchObject({ metadata: { generation: 2 }, status: { observedGeneration: 2 } });
});

test('a namespace may hang for ever, and says why', async () => {
  const { cluster, clock } = await testCluster({ behaviours: { 'Namespace/here': { outcome: 'never' } } });
  const here = await cluster.get({ kind: kinds.namespace, name: 'here' });
  await cluster.delete({ kind: kinds.namespace, name: 'here' }, here?.metadata.uid ?? '');
  await clock.sleep(86_400_000);
  expect(await cluster.get({ kind: kinds.namespace, name: 'here' })).toMatchObject({ status: { phase: 'Terminating', conditions: [{ type: 'NamespaceFinalizersRemaining', status: 'True' }] } });
});

test('numbers that are zero are not there at all, and a new object has an empty status, as from a real API server', async () => {
  const { cluster, clock, find } = await testCluster({ behaviours: { 'Deployment/portal': { outcome: 'never' } } });
  const created: KubernetesObject = await cluster.create(kinds.deployment, deployment('portal', { namespace: 'here' }));
  expect(created['status']).toEqual({});
  await clock.sleep(10_000);
  expect(Object.keys((await find(kinds.deployment, 'portal'))['status'] as object).toSorted()).toEqual(['conditions', 'observedGeneration', 'replicas', 'unavailableReplicas', 'updatedReplicas']);
});

test('a container that waits to start has no log yet', async () => {
  const { cluster, clock, all } = await testCluster({ behaviours: { 'Deployment/portal': { outcome: 'imagePull', log: 'never printed' } } });
  await cluster.create(kinds.deployment, deployment('portal', { namespace: 'here' }));
  await clock.sleep(10_000);
  const [pod] = await all(kinds.pod);
  const log = cluster.logs({ kind: kinds.pod, name: pod?.metadata.name ?? '', namespace: 'here' }, { tailLines: 10 });
  await expect(log).rejects.toMatchObject({ reason: 'invalid', detail: expect.stringContaining('waiting to start: ImagePullBackOff') });
});

// Source: RFC 7386, appendix A.
test.each([
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [['a', 'b'], ['c', 'd'], ['c', 'd']],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
])('a merge patch turns %j by %j into %j', (target, patch, result) => {
  expect(merged(target, patch)).toEqual(result);
});
