// Requests to Services of the cluster: straight where their names resolve, else through the API server. The caller need not know.

import dns from 'node:dns/promises';
import type { Duplex } from 'node:stream';
import type { ClusterReader } from '../cluster/cluster.ts';
import { kinds } from '../cluster/objects.ts';
import { DriverError, failedWith } from '../failure.ts';
import { podBehind, portNameOf } from './endpoints.ts';
import type { ServiceAddress } from './endpoints.ts';
import type { Http, HttpRequest } from './http.ts';
import { attempted, directHttp, exchange } from './request.ts';

export interface ClusterRouteOptions {
  readonly cluster: Pick<ClusterReader, 'get' | 'list' | 'tunnel'>;
  readonly direct?: Http;
  /** Addresses of a name, or none. */
  readonly lookup?: (hostName: string) => Promise<readonly string[]>;
}

/**
 * The way into the cluster is a port-forward to a ready pod, not the API server's service proxy: that one removes the
 * Authorization header. Source: kubernetes/kubernetes#38775; k8s.io/apiserver, `WithAuthentication` deletes the header.
 */
export function clusterRoute({ cluster, direct = directHttp(), lookup = lookupHere }: ClusterRouteOptions): Http {
  // Only what has worked is remembered: a Service that does not exist yet may resolve in a minute.
  const ways = new Map<string, 'straight' | 'tunnel'>();
  const portNames = new Map<string, string>();
  let turn = 0;

  async function wayTo(hostName: string, service: ServiceAddress): Promise<'straight' | 'tunnel'> {
    const known = ways.get(hostName);
    if (known !== undefined) return known;
    const addresses = await lookup(hostName);
    if (addresses.length === 0 || !(await belongsTo(cluster, service, addresses))) return 'tunnel';
    ways.set(hostName, 'straight');
    return 'straight';
  }

  /** Which pods are ready is looked up each time: a load is asked for its state for days. */
  async function tunnelTo(service: ServiceAddress, request: HttpRequest): Promise<Duplex> {
    const wanted = { port: portOf(request), attempted: attempted(request) };
    const key = `${service.namespace}/${service.name}:${wanted.port}`;
    const portName = portNames.get(key) ?? (await portNameOf(cluster, service, wanted));
    // Kept only if it leads somewhere: another Service may come to have this name.
    portNames.delete(key);
    turn += 1;
    const pod = await podBehind(cluster, service, { portName, turn, attempted: wanted.attempted });
    const tunnel = await openTunnel(request, () => cluster.tunnel(service.namespace, pod.name, pod.port));
    portNames.set(key, portName);
    return tunnel;
  }

  return {
    request: async (request) => {
      const hostName = new URL(request.url).hostname;
      const service = serviceOf(hostName);
      if (service === undefined || request.connectTo !== undefined) return direct.request(request);
      if ((await wayTo(hostName, service)) === 'straight') return direct.request(request);
      const tunnel = await tunnelTo(service, request);
      ways.set(hostName, 'tunnel');
      return exchange(request, tunnel);
    },
  };
}

/** `ingress.prod-2hpwr.svc` or `ingress.prod-2hpwr.svc.cluster.local`, as cluster DNS names Services. */
function serviceOf(hostName: string): ServiceAddress | undefined {
  const [, name, namespace] = /^([^.]+)\.([^.]+)\.svc(?:\.cluster\.local)?\.?$/.exec(hostName) ?? [];
  return name === undefined || namespace === undefined ? undefined : { name, namespace };
}

async function lookupHere(hostName: string): Promise<readonly string[]> {
  try {
    const found = await dns.lookup(hostName, { all: true });
    return found.map(({ address }) => address);
  } catch {
    // Whatever the reason: the API server knows a way that needs no name.
    return [];
  }
}

/**
 * Some resolvers answer for names that do not exist. A password must not go to whoever they name, so the address has to
 * be the Service's own.
 */
async function belongsTo(cluster: ClusterRouteOptions['cluster'], { name, namespace }: ServiceAddress, addresses: readonly string[]): Promise<boolean> {
  const service = await cluster.get({ kind: kinds.service, name, namespace });
  const spec = service?.['spec'] as { readonly clusterIPs?: readonly string[] } | undefined;
  return addresses.every((address) => spec?.clusterIPs?.includes(address) === true);
}

function portOf({ url }: HttpRequest): number {
  const { port, protocol } = new URL(url);
  const defaultPort = protocol === 'https:' ? 443 : 80;
  return port === '' ? defaultPort : Number(port);
}

/** A pod that vanished between the look and the tunnel is like a connection refused: worth another try. */
async function openTunnel<T>(request: HttpRequest, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    if (!failedWith(error, 'notFound')) throw error;
    throw new DriverError({ reason: 'unavailable', attempted: attempted(request), detail: error.message, cause: error });
  }
}
