// Connections to the embedded cluster, and namespaces of a test's own. Removes only what it made.

import { randomBytes } from 'node:crypto';
import { readConnection } from '../../../cluster/connection.ts';
import type { Connection } from '../../../cluster/connection.ts';
import { connectCluster } from '../../../src/drivers/cluster/client.ts';
import type { ConnectOptions } from '../../../src/drivers/cluster/client.ts';
import type { Cluster } from '../../../src/drivers/cluster/cluster.ts';
import { kinds } from '../../../src/drivers/cluster/objects.ts';

export function connection(): Connection {
  const found = readConnection();
  if (found === undefined) throw new Error('the embedded cluster is not up: npm run cluster -- up');
  return found;
}

export function connectionOptions(): ConnectOptions {
  const { kubeconfig, context } = connection();
  return { kubeconfig, context };
}

export function connect(): Promise<Cluster> {
  return connectCluster(connectionOptions());
}

/** Resolves once the controllers have put into it what every namespace gets, so that nothing more appears by itself. */
export async function makeNamespace(cluster: Cluster, purpose: string): Promise<string> {
  const name = `drivers-${purpose}-${randomBytes(3).toString('hex')}`;
  await cluster.create(kinds.namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  const { items, resourceVersion } = await cluster.list(kinds.configMap, { namespace: name });
  if (items.length > 0) return name;
  for await (const event of cluster.watch(kinds.configMap, { namespace: name, resourceVersion, signal: AbortSignal.timeout(30_000) })) {
    if (event.type === 'ADDED' && event.object.metadata.name === 'kube-root-ca.crt') break;
  }
  return name;
}

export async function removeNamespace(cluster: Cluster, name: string): Promise<void> {
  const found = await cluster.get({ kind: kinds.namespace, name });
  if (found?.metadata.uid !== undefined) await cluster.delete({ kind: kinds.namespace, name }, found.metadata.uid);
}
