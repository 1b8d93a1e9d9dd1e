// The part of the cluster contract about what does not go at once: finalizers, and namespaces with something in them.

import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Cluster } from '../../src/drivers/cluster/cluster.ts';
import { kinds, type KubernetesObject, type ObjectReference } from '../../src/drivers/cluster/objects.ts';
import type { ClusterUnderTest } from './cluster.ts';
import { configMap, rejection } from './cluster-objects.ts';

export function clusterDeletionContract(given: () => ClusterUnderTest): void {
  finalizers(given);
  namespaces(given);
}

const finalizer = 'example.org/hold';

async function createHeld(cluster: Cluster, name: string, namespace: string): Promise<{ readonly reference: ObjectReference; readonly uid: string }> {
  const object = configMap(name, namespace);
  const { metadata } = await cluster.create(kinds.configMap, { ...object, metadata: { ...object.metadata, finalizers: [finalizer] } });
  return { reference: { kind: kinds.configMap, name, namespace }, uid: metadata.uid ?? '' };
}

async function release(cluster: Cluster, reference: ObjectReference): Promise<void> {
  await cluster.patch(reference, { metadata: { finalizers: null } });
}

function finalizers(given: () => ClusterUnderTest): void {
  it('keeps an object that somebody has to clean up after, and says since when it is going', async () => {
    const { cluster, namespace } = given();
    const { reference, uid } = await createHeld(cluster, 'held', namespace);
    await cluster.delete(reference, uid);
    expect((await cluster.get(reference))?.metadata).toMatchObject({ uid, finalizers: [finalizer], deletionTimestamp: expect.stringMatching(/^\d{4}-.*Z$/) as string });
    await release(cluster, reference);
    expect(await cluster.get(reference)).toBeUndefined();
  });

  it('takes a second request to delete what is going already, and changes nothing by it', async () => {
    const { cluster, namespace } = given();
    const { reference, uid } = await createHeld(cluster, 'held-twice', namespace);
    await cluster.delete(reference, uid);
    const since = (await cluster.get(reference))?.metadata.deletionTimestamp;
    await cluster.delete(reference, uid);
    expect((await cluster.get(reference))?.metadata.deletionTimestamp).toBe(since);
    await release(cluster, reference);
  });

  it('has the name taken until it is gone', async () => {
    const { cluster, namespace } = given();
    const { reference, uid } = await createHeld(cluster, 'held-name', namespace);
    await cluster.delete(reference, uid);
    expect(await rejection(cluster.create(kinds.configMap, configMap('held-name', namespace)))).toBe('conflict');
    await release(cluster, reference);
    expect((await cluster.create(kinds.configMap, configMap('held-name', namespace))).metadata.uid).not.toBe(uid);
  });

  it('cannot replace what is gone, nor what has been made anew under its name', async () => {
    const { cluster, namespace } = given();
    const reference = { kind: kinds.configMap, name: 'made-anew', namespace };
    const first = await cluster.create(kinds.configMap, configMap('made-anew', namespace));
    await cluster.delete(reference, first.metadata.uid ?? '');
    expect(['notFound', 'conflict']).toContain(await rejection(cluster.replace(kinds.configMap, first)));
    const second = await cluster.create(kinds.configMap, configMap('made-anew', namespace));
    expect(await rejection(cluster.replace(kinds.configMap, first))).toBe('conflict');
    expect(await cluster.get(reference)).toEqual(second);
  });
}

function namespaces(given: () => ClusterUnderTest): void {
  it('lets nothing new into a namespace that is going, which stays for as long as anything in it', async () => {
    const { cluster } = given();
    const name = `drivers-going-${randomBytes(3).toString('hex')}`;
    const namespace = { kind: kinds.namespace, name };
    const made = await cluster.create(kinds.namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } } satisfies KubernetesObject);
    const { reference } = await createHeld(cluster, 'held', name);
    await cluster.delete(namespace, made.metadata.uid ?? '');
    expect(await cluster.get(namespace)).toMatchObject({ status: { phase: 'Terminating' }, metadata: { deletionTimestamp: expect.any(String) as string } });
    expect(await rejection(cluster.create(kinds.configMap, configMap('late', name)))).toBe('forbidden');
    expect((await cluster.list(kinds.configMap, { namespace: name })).items.map(({ metadata }) => metadata.name)).toContain('held');
    await expect.poll(() => cluster.get(reference).then((held) => held?.metadata.deletionTimestamp), { timeout: 60_000, interval: 50 }).toBeDefined();
    expect(await cluster.get(namespace)).toBeDefined();
    await release(cluster, reference);
    await expect.poll(() => cluster.get(namespace), { timeout: 60_000, interval: 100 }).toBeUndefined();
  });
}
