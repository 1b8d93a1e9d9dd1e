// What both stores share: writing an object that nobody else has changed. The first one makes the runner's namespace; nothing removes it.

import type { Cluster } from '../cluster/cluster.ts';
import type { Kind, KubernetesObject } from '../cluster/objects.ts';
import { kinds } from '../cluster/objects.ts';
import { DriverError, failedWith } from '../failure.ts';

export const managedBy = { label: 'app.kubernetes.io/managed-by', value: 'changeover' } as const;

/** Creates the object, and its namespace first when the server says that there is none. */
export async function createInNamespace(cluster: Cluster, kind: Kind, object: KubernetesObject): Promise<KubernetesObject> {
  try {
    return await cluster.create(kind, object);
  } catch (error) {
    if (!failedWith(error, 'notFound')) throw error;
    await createNamespace(cluster, object.metadata.namespace ?? '');
    return cluster.create(kind, object);
  }
}

/** Rejects 'conflict' also when somebody deleted the object: whoever wrote it last must notice, not make it anew. */
export async function replaceStored(cluster: Cluster, kind: Kind, object: KubernetesObject): Promise<KubernetesObject> {
  try {
    return await cluster.replace(kind, object);
  } catch (error) {
    if (!failedWith(error, 'notFound')) throw error;
    const { name, namespace } = object.metadata;
    throw new DriverError({ reason: 'conflict', attempted: `replace ${kind.kind} ${namespace}/${name}`, detail: 'it was deleted', cause: error });
  }
}

async function createNamespace(cluster: Cluster, name: string): Promise<void> {
  const metadata = { name, labels: { [managedBy.label]: managedBy.value } };
  try {
    await cluster.create(kinds.namespace, { apiVersion: 'v1', kind: 'Namespace', metadata });
  } catch (error) {
    // Another runner was faster, which is as good.
    if (!failedWith(error, 'conflict')) throw error;
  }
}

/** Of an object that the server stored. Rejects 'unreadable' without one: nothing could be compared with it. */
export function versionOf({ kind, metadata }: KubernetesObject): string {
  if (metadata.resourceVersion !== undefined) return metadata.resourceVersion;
  throw new DriverError({ reason: 'unreadable', attempted: `read ${kind} ${metadata.namespace}/${metadata.name}`, detail: 'no resourceVersion' });
}
