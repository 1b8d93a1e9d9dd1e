// The cluster and both stores on the embedded Kubernetes: the contracts, and what only a real API server can prove.

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectCluster } from '../../src/drivers/cluster/client.ts';
import type { Cluster } from '../../src/drivers/cluster/cluster.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { eventNotifier } from '../../src/drivers/notify/event.ts';
import { secretReader } from '../../src/drivers/secrets.ts';
import { configMapStore } from '../../src/drivers/store/config-map.ts';
import { leaseStore } from '../../src/drivers/store/lease.ts';
import { clusterContract } from '../contracts/cluster.ts';
import { clusterControllersContract } from '../contracts/cluster-controllers.ts';
import { configMap, labelled } from '../contracts/cluster-objects.ts';
import { statusOf, until } from '../contracts/cluster-statuses.ts';
import { notifierContract } from '../contracts/notify.ts';
import { secretsContract } from '../contracts/secrets.ts';
import { leaseStoreContract, neighbourSuffix, recordStoreContract } from '../contracts/store.ts';
import { object } from '../support/objects.ts';
import { connect, connection, connectionOptions, makeNamespace, removeNamespace } from './support/namespaces.ts';
import { makeWidgets } from './support/own-kind.ts';
import { exampleImage } from './support/release.ts';

clusterContract('The Kubernetes API', async () => {
  const cluster = await connect();
  const [namespace, otherNamespace] = [await makeNamespace(cluster, 'contract'), await makeNamespace(cluster, 'contract')];
  // Of built-in kinds a cluster that has just started remembers everything.
  const widgets = await makeWidgets(cluster, `${namespace}.test`);
  const end = async (): Promise<void> => void (await Promise.all([widgets.remove(), ...[namespace, otherNamespace].map((name) => removeNamespace(cluster, name))]));
  return { cluster, namespace, otherNamespace, forgotten: widgets.kind, end };
});

clusterControllersContract('The Kubernetes controllers', async () => {
  const [cluster, image] = await Promise.all([connect(), exampleImage()]);
  const made: string[] = [];
  const newNamespace = async (): Promise<string> => {
    const name = await makeNamespace(cluster, 'controlled');
    made.push(name);
    return name;
  };
  const refusePods = async (namespace: string): Promise<void> => {
    await cluster.create(kinds.resourceQuota, object('v1 ResourceQuota', 'pods', { namespace, spec: { hard: { pods: '0' } } }));
    // Until somebody has counted, the server has another word for it.
    await until({ cluster, kind: kinds.resourceQuota, namespace }, (quota) => statusOf(quota)['used'] !== undefined);
  };
  return { cluster, image, makeNamespace: newNamespace, refusePods, end: async () => void (await Promise.all(made.map((name) => removeNamespace(cluster, name)))) };
});

recordStoreContract('The store in ConfigMaps', async () => {
  const cluster = await connect();
  const namespace = `drivers-records-${randomBytes(3).toString('hex')}`;
  return {
    store: configMapStore(cluster, { namespace, environment: 'prod' }),
    neighbour: configMapStore(cluster, { namespace, environment: `prod-${neighbourSuffix}` }),
    end: () => removeNamespace(cluster, namespace),
  };
});

leaseStoreContract('The store in a Lease', async () => {
  const cluster = await connect();
  const namespace = `drivers-lease-${randomBytes(3).toString('hex')}`;
  return { store: leaseStore(cluster, { namespace, environment: 'prod' }), end: () => removeNamespace(cluster, namespace) };
});

secretsContract('The reader of Secrets', async () => {
  const cluster = await connect();
  const namespace = await makeNamespace(cluster, 'secrets');
  return { secrets: secretReader(cluster), cluster, namespace, end: () => removeNamespace(cluster, namespace) };
});

notifierContract('The Events of a run', async () => {
  const cluster = await connect();
  const namespace = await makeNamespace(cluster, 'events');
  const told = async (runId: string): Promise<readonly string[]> => {
    const { items } = await cluster.list(kinds.event, { namespace });
    return items.filter(({ involvedObject }) => (involvedObject as { name: string }).name.endsWith(runId)).map(({ message }) => String(message));
  };
  return { notifier: eventNotifier({ cluster, namespace }), told, end: () => removeNamespace(cluster, namespace) };
});

describe('a real API server', () => {
  let cluster: Cluster;
  let namespace: string;
  beforeAll(async () => {
    cluster = await connect();
    namespace = await makeNamespace(cluster, 'real');
  });
  afterAll(() => removeNamespace(cluster, namespace));

  it('gives a list of more than one page completely', async () => {
    const names = Array.from({ length: 520 }, (_, index) => `many-${String(index).padStart(3, '0')}`);
    for (let from = 0; from < names.length; from += 20) {
      await Promise.all(names.slice(from, from + 20).map((name) => cluster.create(kinds.configMap, labelled(configMap(name, namespace), { many: 'yes' }))));
    }
    const { items } = await cluster.list(kinds.configMap, { namespace, labelSelector: 'many=yes' });
    expect(items.map(({ metadata }) => metadata.name)).toEqual(names);
  });

  it('finds the plural of every kind by discovery, in two requests', async () => {
    const requests: string[] = [];
    const counted = await connectCluster({ ...connectionOptions(), onRequest: (method, path) => requests.push(`${method} ${path}`) });
    for (const kind of Object.values(kinds)) expect(await counted.discover(kind.apiVersion, kind.kind)).toEqual(kind);
    expect(requests).toEqual(['GET /api', 'GET /apis']);
  });

  it('knows the context and the cluster of the kubeconfig', async () => {
    const identity = await cluster.identity();
    expect(identity).toMatchObject({ context: connection().context, cluster: connection().clusterName, server: connection().apiServer });
  });
});
