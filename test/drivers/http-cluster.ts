// A cluster that has one Service, its pods, and a port-forward to a server on the loopback.

import { connect } from 'node:net';
import type { ClusterReader } from '../../src/drivers/cluster/cluster.ts';
import type { KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { DriverError } from '../../src/drivers/failure.ts';

export interface Pod {
  readonly name: string;
  readonly ready?: boolean;
  /** The number that the Service's port has in this pod. Default 8080. */
  readonly port?: number;
}

export interface ServiceWorld {
  readonly clusterIPs?: readonly string[];
  readonly ports?: readonly { readonly name?: string; readonly port: number }[];
  readonly pods?: readonly Pod[];
  /** Where tunnels lead; 0: the pod has vanished. */
  readonly tunnelTo: number;
}

export interface ServiceCluster extends Pick<ClusterReader, 'get' | 'list' | 'tunnel'> {
  /** `portal-1:8080`, in the order they were opened. */
  readonly tunnels: readonly string[];
  /** How often it was asked for a Service. */
  readonly asked: () => number;
}

/** Has the Service `ingress` in the namespace `prod-2hpwr`. */
export function serviceCluster(world: ServiceWorld): ServiceCluster {
  const tunnels: string[] = [];
  let asked = 0;
  const { ports = [{ name: 'http', port: 80 }], clusterIPs = ['198.51.100.7'] } = world;
  return {
    tunnels,
    asked: () => asked,
    get: async ({ kind, name, namespace }) => {
      asked += 1;
      if (kind !== kinds.service || name !== 'ingress' || namespace !== 'prod-2hpwr') return undefined;
      return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { ports: world.ports ?? ports, clusterIPs } };
    },
    list: async (kind, { labelSelector }) => {
      if (kind !== kinds.endpointSlice || labelSelector !== 'kubernetes.io/service-name=ingress') throw new Error('not asked for');
      return { items: (world.pods ?? [{ name: 'portal-1' }]).map((pod) => slice(pod, world.ports ?? ports)), resourceVersion: '1' };
    },
    tunnel: async (_namespace, pod, port) => {
      tunnels.push(`${pod}:${port}`);
      if (world.tunnelTo === 0) throw new DriverError({ reason: 'notFound', attempted: 'port-forward', detail: `pods "${pod}" not found` });
      return connect({ host: '127.0.0.1', port: world.tunnelTo });
    },
  };
}

function slice({ name, ready, port = 8080 }: Pod, ports: NonNullable<ServiceWorld['ports']>): KubernetesObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `ingress-${name}` },
    ports: ports.map((one, index) => ({ ...(one.name === undefined ? {} : { name: one.name }), port: port + index })),
    endpoints: [{ addresses: ['203.0.113.1'], conditions: ready === undefined ? {} : { ready }, targetRef: { kind: 'Pod', name } }],
  };
}
