// HTTP to what runs in the simulated cluster: a Service answers when a ready pod behind it has been ready long enough.

import { kinds, type KubernetesObject } from '../src/drivers/cluster/objects.ts';
import { DriverError } from '../src/drivers/failure.ts';
import type { Http, HttpRequest, HttpResponse } from '../src/drivers/http/http.ts';
import type { Inside } from './cluster/inside.ts';
import { podsBehind, type ServiceSpec } from './cluster/services.ts';
import { isReady } from './cluster/templates.ts';

export interface Page {
  readonly status?: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Until the answer is complete; the request gives up before when it must. Default: at once. */
  readonly takesMs?: number;
  /** The connection breaks in the middle of the body. */
  readonly cut?: boolean;
}

export interface SimulatedHttpOptions {
  readonly inside: Inside;
  /** Pages of the world outside the cluster, by URL. */
  readonly pages?: ReadonlyMap<string, Page>;
  /** Answers of Services, by `service` or `namespace/service`; mutable. Default: 200, and which Service of which release it is. */
  readonly sites?: ReadonlyMap<string, Page>;
  /** What answers paths of an application's own, such as a harvester's; undefined passes. */
  readonly application?: (request: HttpRequest, namespace: string) => Page | undefined;
}

export function simulatedHttp(options: SimulatedHttpOptions): Http {
  return {
    request: async (request) => {
      const page = pageFor(request, options);
      const { takesMs = 0, cut = false } = page;
      if (takesMs > 0) await options.inside.clock.sleep(Math.min(takesMs, request.timeoutMs));
      if (takesMs > request.timeoutMs) throw failed(request, 'timeout', `no complete answer within ${request.timeoutMs} ms`);
      if (cut) throw failed(request, 'unavailable', 'socket hang up');
      return response(page);
    },
  };
}

function pageFor(request: HttpRequest, { inside, pages, sites, application }: SimulatedHttpOptions): Page {
  const url = new URL(request.url);
  const page = pages?.get(`${url.origin}${url.pathname}`);
  if (page !== undefined && request.connectTo === undefined) return page;
  const service = serviceAt(inside, request.connectTo ?? url.hostname);
  if (service === undefined) throw failed(request, 'unavailable', `getaddrinfo ENOTFOUND or no route to ${request.connectTo ?? url.hostname}`);
  const { namespace = '', name } = service.metadata;
  const port = Number(url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port);
  if (!isReachable(inside, service, port)) throw failed(request, 'unavailable', 'connect ECONNREFUSED');
  return application?.(arriving(request, url), namespace) ?? sites?.get(`${namespace}/${name}`) ?? sites?.get(name) ?? { body: `${name} of ${namespace}\n` };
}

/** As a server sees it: names of headers in lower case, and the host among them. */
function arriving(request: HttpRequest, { host }: URL): HttpRequest {
  const given = Object.entries(request.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const);
  return { ...request, headers: Object.fromEntries([['host', host], ...given]) };
}

/** The Service at a cluster name, an address or a host name of a load balancer. */
export function serviceAt(inside: Inside, host: string): KubernetesObject | undefined {
  const [, name, namespace] = /^([^.]+)\.([^.]+)\.svc(?:\.cluster\.local)?\.?$/.exec(host) ?? [];
  if (name !== undefined) return inside.store.get(kinds.service, namespace, name);
  const address = host.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  return inside.store.all(kinds.service).find((service) => addressesOf(service).includes(address));
}

export function addressesOf(service: KubernetesObject): readonly string[] {
  const status = service['status'] as { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[] } } | undefined;
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => [ip, hostname]).filter((value) => value !== undefined);
}

/** Ready is not reachable: every node has to learn of a new endpoint first. */
export function isReachable(inside: Inside, service: KubernetesObject, port?: number): boolean {
  const { ports = [] } = service['spec'] as ServiceSpec;
  if (port !== undefined && !ports.some((known) => known.port === port)) return false;
  const knownSince = inside.clock.now() - inside.timing.reachableAfterMs;
  return podsBehind(inside, service).some((pod) => isReady(pod) && (inside.readySince.get(pod.metadata.uid ?? '') ?? Infinity) <= knownSince);
}

/** One of its pods fails of its own at this moment, and nobody has deleted it, or scaled it away. */
export function isAiling(inside: Inside, service: KubernetesObject): boolean {
  return podsBehind(inside, service).some(({ metadata: { uid = '', deletionTimestamp } }) => deletionTimestamp === undefined && (inside.ailing.get(uid) ?? -Infinity) >= inside.clock.now());
}

/** As much of a body as the driver takes. */
const mostBodyBytes = 1024 * 1024;

function response({ status = 200, body = '', headers = {}, takesMs = 5 }: Page): HttpResponse {
  const lowered = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const truncated = Buffer.byteLength(body) > mostBodyBytes;
  const taken = truncated ? Buffer.from(body).subarray(0, mostBodyBytes).toString() : body;
  return { status, headers: { 'content-type': 'text/plain', ...lowered }, body: taken, truncated, durationMs: takesMs };
}

function failed({ method, url }: HttpRequest, reason: 'timeout' | 'unavailable', detail: string): DriverError {
  const { origin, pathname } = new URL(url);
  return new DriverError({ reason, attempted: `${method} ${origin}${pathname}`, detail });
}
