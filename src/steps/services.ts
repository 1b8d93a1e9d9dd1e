// Which Service a public name stands for, and the addresses it has outside the cluster. Reads objects it is given; asks nobody.

import { isIPv4, isIPv6 } from 'node:net';
import type { KubernetesObject } from '../drivers/cluster/objects.ts';
import { canonicalAddress } from '../ip-address.ts';
import type { LoadBalancerIngress, Service } from '../readiness/shapes.ts';

export type FoundService =
  | { readonly service: Service; readonly problem?: undefined }
  /** Why there is none, or more than one, as a sentence. */
  | { readonly service?: undefined; readonly problem: string };

/**
 * The Service named `wanted`, or else the only one labelled `name=wanted` (the classic meaning of `dns[].service`).
 * `services` are all those of the release's namespace; objects of other kinds among them are passed over.
 */
export function findService(services: readonly KubernetesObject[], wanted: string): FoundService {
  const candidates = services.filter(isService);
  const named = candidates.find((service) => service.metadata.name === wanted);
  if (named !== undefined) return { service: named };
  const [labelled, ...others] = candidates.filter((service) => service.metadata.labels?.['name'] === wanted);
  if (labelled === undefined) return { problem: `no Service is named ${wanted} or labelled name=${wanted}` };
  if (others.length > 0) return { problem: `several Services are labelled name=${wanted}: ${listNames([labelled, ...others])}` };
  return { service: labelled };
}

export interface ServiceAddresses {
  /** IPv4 addresses, sorted. */
  readonly A: readonly string[];
  /** IPv6 addresses, sorted. */
  readonly AAAA: readonly string[];
  /** A load balancer's host name, lower case, with the trailing dot; only where it has no addresses. */
  readonly CNAME?: string;
}

/**
 * What a public name must answer to lead to this Service; all empty while the load balancer has not been given an
 * address, which means "not yet", never "none". Source: Kubernetes `ServiceStatus.loadBalancer.ingress`.
 */
export function serviceAddresses(service: KubernetesObject): ServiceAddresses {
  const ingress = (service as Service).status?.loadBalancer?.ingress ?? [];
  const addresses = ingress.flatMap(({ ip }) => (ip === undefined ? [] : [canonicalAddress(ip)]));
  const A = addresses.filter(isIPv4).toSorted();
  const AAAA = addresses.filter(isIPv6).toSorted();
  // RFC 1034 section 3.6.2: a name with a CNAME has no other data, so addresses win over a host name beside them.
  const target = A.length + AAAA.length > 0 ? undefined : firstHostName(ingress);
  return { A, AAAA, ...(target !== undefined && { CNAME: target }) };
}

export function hasAddress(addresses: ServiceAddresses): boolean {
  return addresses.A.length + addresses.AAAA.length > 0 || addresses.CNAME !== undefined;
}

function isService(object: KubernetesObject): object is Service {
  return object.kind === 'Service';
}

function listNames(services: readonly Service[]): string {
  return services.map((service) => service.metadata.name).toSorted().join(', ');
}

function firstHostName(ingress: readonly LoadBalancerIngress[]): string | undefined {
  const [first] = ingress.flatMap(({ hostname }) => (hostname ? [hostname.toLowerCase()] : [])).toSorted();
  return first === undefined || first.endsWith('.') ? first : `${first}.`;
}
