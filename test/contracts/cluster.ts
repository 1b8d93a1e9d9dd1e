// What every Cluster must do, real or simulated. Uses only kinds without controllers; what those write is in cluster-controllers.ts.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../src/drivers/cluster/cluster.ts';
import type { Kind, KubernetesObject, ObjectReference } from '../../src/drivers/cluster/objects.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { clusterDeletionContract } from './cluster-deletion.ts';
import { clusterWatchContract } from './cluster-watch.ts';
import { configMap, labelled, rejection } from './cluster-objects.ts';

export interface ClusterUnderTest {
  readonly cluster: Cluster;
  /** Two namespaces that exist, are empty, and belong to this suite alone. */
  readonly namespace: string;
  readonly otherNamespace: string;
  /** A kind of whose changes the cluster does not remember those after its very first version. */
  readonly forgotten: Kind;
  end(): Promise<void>;
}

/** `make` is called once; the account it connects as may do everything. */
export function clusterContract(name: string, make: () => Promise<ClusterUnderTest>): void {
  describe(`${name} keeps the contract of a cluster`, () => {
    let made: ClusterUnderTest;
    beforeAll(async () => {
      made = await make();
    });
    afterAll(() => made.end());

    const given = (): ClusterUnderTest => made;
    readingAndCreating(given);
    replacing(given);
    patching(given);
    deleting(given);
    listing(given);
    asking(given);
    clusterDeletionContract(given);
    clusterWatchContract(given);
  });
}

type Given = () => ClusterUnderTest;

function reference(name: string, namespace: string): ObjectReference {
  return { kind: kinds.configMap, name, namespace };
}

function readingAndCreating(given: Given): void {
  it('gives undefined for an object that is certainly not there', async () => {
    const { cluster, namespace } = given();
    expect(await cluster.get(reference('absent', namespace))).toBeUndefined();
    expect(await cluster.get({ kind: kinds.namespace, name: 'certainly-no-such-namespace' })).toBeUndefined();
  });

  it('returns what the server stored, with uid and resourceVersion, and reads the same back', async () => {
    const { cluster, namespace } = given();
    const stored = await cluster.create(kinds.configMap, configMap('created', namespace, { key: 'value' }));
    expect(stored).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', data: { key: 'value' }, metadata: { name: 'created', namespace } });
    expect(stored.metadata.uid).toMatch(/./);
    expect(stored.metadata.resourceVersion).toMatch(/./);
    expect(stored.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(await cluster.get(reference('created', namespace))).toEqual(stored);
  });

  it('rejects a second object of the same name, and leaves the first as it is', async () => {
    const { cluster, namespace } = given();
    await cluster.create(kinds.configMap, configMap('taken', namespace, { key: 'first' }));
    expect(await rejection(cluster.create(kinds.configMap, configMap('taken', namespace, { key: 'second' })))).toBe('conflict');
    expect(await cluster.get(reference('taken', namespace))).toMatchObject({ data: { key: 'first' } });
  });

  it('rejects an object in a namespace that does not exist as not found', async () => {
    const { cluster } = given();
    const created = cluster.create(kinds.configMap, configMap('nowhere', 'certainly-no-such-namespace'));
    expect(await rejection(created)).toBe('notFound');
  });

  it('creates and reads objects of an API group', async () => {
    const { cluster, namespace } = given();
    const metadata = { name: 'grouped', namespace };
    const spec = { holderIdentity: 'somebody', leaseDurationSeconds: 30 };
    await cluster.create(kinds.lease, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec });
    expect(await cluster.get({ kind: kinds.lease, name: 'grouped', namespace })).toMatchObject({ kind: 'Lease', spec });
  });
}

function replacing(given: Given): void {
  it('replaces an object only from the version that is the present one', async () => {
    const { cluster, namespace } = given();
    const first = await cluster.create(kinds.configMap, configMap('swapped', namespace, { key: '1' }));
    const second = await cluster.replace(kinds.configMap, { ...first, data: { key: '2' } });
    expect(second.metadata.resourceVersion).not.toBe(first.metadata.resourceVersion);
    expect(await rejection(cluster.replace(kinds.configMap, { ...first, data: { key: '3' } }))).toBe('conflict');
    expect(await cluster.get(reference('swapped', namespace))).toMatchObject({ data: { key: '2' } });
  });

  it('never replaces blindly: without a version it is a conflict', async () => {
    const { cluster, namespace } = given();
    await cluster.create(kinds.configMap, configMap('guarded', namespace, { key: '1' }));
    expect(await rejection(cluster.replace(kinds.configMap, configMap('guarded', namespace, { key: '2' })))).toBe('conflict');
    expect(await cluster.get(reference('guarded', namespace))).toMatchObject({ data: { key: '1' } });
  });

  it('lets exactly one of several simultaneous writers win', async () => {
    const { cluster, namespace } = given();
    const first = await cluster.create(kinds.configMap, configMap('contested', namespace));
    const writes = ['a', 'b', 'c', 'd'].map((key) => cluster.replace(kinds.configMap, { ...first, data: { key } }));
    const outcomes = await Promise.all(writes.map(rejection));
    expect(outcomes.toSorted()).toEqual(['conflict', 'conflict', 'conflict', 'nothing']);
  });
}

function patching(given: Given): void {
  it('merges a patch: sets what it names, removes what is null, and keeps the rest', async () => {
    const { cluster, namespace } = given();
    await cluster.create(kinds.configMap, configMap('patched', namespace, { kept: '1', changed: '1', removed: '1' }));
    const patched = await cluster.patch(reference('patched', namespace), { data: { changed: '2', removed: null } });
    expect(patched).toMatchObject({ data: { kept: '1', changed: '2' } });
    expect(patched['data']).not.toHaveProperty('removed');
  });

  it('patches when the uid in the patch is the object’s own', async () => {
    const { cluster, namespace } = given();
    const { metadata } = await cluster.create(kinds.configMap, configMap('known', namespace));
    const patched = await cluster.patch(reference('known', namespace), { metadata: { uid: metadata.uid, labels: { seen: 'yes' } } });
    expect(patched.metadata.labels).toMatchObject({ seen: 'yes' });
  });

  it('rejects a patch, and a deletion, of what was written on since: the version given is a precondition', async () => {
    const { cluster, namespace } = given();
    const { metadata } = await cluster.create(kinds.configMap, configMap('versioned', namespace, { key: '1' }));
    const [uid = '', resourceVersion = ''] = [metadata.uid, metadata.resourceVersion];
    const written = await cluster.patch(reference('versioned', namespace), { metadata: { resourceVersion }, data: { key: '2' } });
    expect(await rejection(cluster.patch(reference('versioned', namespace), { metadata: { resourceVersion }, data: { key: '3' } }))).toBe('conflict');
    expect(await rejection(cluster.delete(reference('versioned', namespace), uid, resourceVersion))).toBe('conflict');
    expect(await cluster.get(reference('versioned', namespace))).toMatchObject({ data: { key: '2' } });
    await cluster.delete(reference('versioned', namespace), uid, written.metadata.resourceVersion);
    expect(await cluster.get(reference('versioned', namespace))).toBeUndefined();
  });

  it('rejects a patch whose uid says that another object has the name now', async () => {
    const { cluster, namespace } = given();
    await cluster.create(kinds.configMap, configMap('reborn', namespace, { key: '1' }));
    const patch = { metadata: { uid: '00000000-0000-4000-8000-000000000000' }, data: { key: '2' } };
    expect(await rejection(cluster.patch(reference('reborn', namespace), patch))).toBe('conflict');
    expect(await cluster.get(reference('reborn', namespace))).toMatchObject({ data: { key: '1' } });
  });

  it('rejects a patch of an object that is not there', async () => {
    const { cluster, namespace } = given();
    expect(await rejection(cluster.patch(reference('absent', namespace), { data: { key: '1' } }))).toBe('notFound');
  });
}

function deleting(given: Given): void {
  it('deletes the object of this uid', async () => {
    const { cluster, namespace } = given();
    const stored = await cluster.create(kinds.configMap, configMap('doomed', namespace));
    await cluster.delete(reference('doomed', namespace), uidOf(stored));
    expect(await cluster.get(reference('doomed', namespace))).toBeUndefined();
  });

  it('is content when the object is gone already', async () => {
    const { cluster, namespace } = given();
    await cluster.delete(reference('absent', namespace), '00000000-0000-4000-8000-000000000000');
  });

  it('never deletes another object that has the name now', async () => {
    const { cluster, namespace } = given();
    const stored = await cluster.create(kinds.configMap, configMap('successor', namespace));
    const deleted = cluster.delete(reference('successor', namespace), '00000000-0000-4000-8000-000000000000');
    expect(await rejection(deleted)).toBe('conflict');
    expect(await cluster.get(reference('successor', namespace))).toEqual(stored);
  });
}

function uidOf(object: KubernetesObject): string {
  if (object.metadata.uid === undefined) throw new Error('no uid');
  return object.metadata.uid;
}

function listing(given: Given): void {
  it('lists by namespace and label, each item with its apiVersion and kind', async () => {
    const { cluster, namespace, otherNamespace } = given();
    const labels = { purpose: 'listing' };
    await cluster.create(kinds.configMap, labelled(configMap('listed', namespace), labels));
    await cluster.create(kinds.configMap, configMap('unlabelled', namespace));
    await cluster.create(kinds.configMap, labelled(configMap('elsewhere', otherNamespace), labels));
    const here = await cluster.list(kinds.configMap, { namespace, labelSelector: 'purpose=listing' });
    expect(here.items).toMatchObject([{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'listed' } }]);
    expect(here.resourceVersion).toMatch(/./);
    const everywhere = await cluster.list(kinds.configMap, { labelSelector: 'purpose=listing' });
    expect(everywhere.items.map(({ metadata }) => metadata.name).toSorted()).toEqual(['elsewhere', 'listed']);
  });

  it('lists by a field', async () => {
    const { cluster, namespace } = given();
    await cluster.create(kinds.configMap, configMap('wanted', namespace));
    await cluster.create(kinds.configMap, configMap('unwanted', namespace));
    const { items } = await cluster.list(kinds.configMap, { namespace, fieldSelector: 'metadata.name=wanted' });
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['wanted']);
  });

  it('gives an empty list, with a version, where there is certainly nothing', async () => {
    const { cluster, namespace } = given();
    const { items, resourceVersion } = await cluster.list(kinds.lease, { namespace, labelSelector: 'nobody=has-this' });
    expect(items).toEqual([]);
    expect(resourceVersion).toMatch(/./);
  });
}

function asking(given: Given): void {
  it('tells which cluster it talks to', async () => {
    const identity = await given().cluster.identity();
    expect(identity.server).toMatch(/^https?:\/\//);
    expect(identity.version).toMatch(/^v\d+\.\d+/);
  });

  it('tells the time by its own clock, in whole seconds, which does not go back', async () => {
    const { cluster } = given();
    const [first, second] = [await cluster.time(), await cluster.time()];
    expect(first % 1_000).toBe(0);
    expect(first).toBeGreaterThan(Date.UTC(2025, 0));
    expect(second).toBeGreaterThanOrEqual(first);
  });

  it('answers questions of permission in the order asked, without a namespace too', async () => {
    const { cluster, namespace } = given();
    const answers = await cluster.allowed([
      { verb: 'create', group: '', resource: 'configmaps', namespace },
      { verb: 'delete', group: '', resource: 'namespaces' },
      { verb: 'create', group: '', resource: 'pods/portforward', namespace },
    ]);
    expect(answers).toEqual([true, true, true]);
    expect(await cluster.allowed([])).toEqual([]);
  });

  it('finds the path and scope of a kind, and tells when the server has no such kind', async () => {
    const { cluster } = given();
    expect(await cluster.discover('v1', 'ConfigMap')).toEqual(kinds.configMap);
    expect(await cluster.discover('v1', 'Namespace')).toEqual(kinds.namespace);
    expect(await cluster.discover('apps/v1', 'Deployment')).toEqual(kinds.deployment);
    expect(await cluster.discover('apps/v1', 'Deploymint')).toBeUndefined();
    expect(await cluster.discover('no-such-group.example.org/v1', 'Thing')).toBeUndefined();
  });

  it('gives a token of an account that is there, a new one each time, and none of another', async () => {
    const { cluster, namespace } = given();
    const metadata = { name: 'somebody', namespace };
    await cluster.create(kinds.serviceAccount, { apiVersion: 'v1', kind: 'ServiceAccount', metadata });
    const tokens = [await cluster.token(metadata, 600_000), await cluster.token(metadata, 3_600_000)];
    expect(tokens.every((token) => token.length > 20)).toBe(true);
    expect(new Set(tokens).size).toBe(2);
    expect(await rejection(cluster.token({ name: 'nobody', namespace }, 600_000))).toBe('notFound');
  });

  it('rejects the log of a pod, and a tunnel to a pod, that does not exist', async () => {
    const { cluster, namespace } = given();
    const pod = { kind: kinds.pod, name: 'absent', namespace };
    expect(await rejection(cluster.logs(pod, { tailLines: 10 }))).toBe('notFound');
    expect(await rejection(cluster.tunnel(namespace, 'absent', 80))).toBe('notFound');
  });
}
