// Observed worlds for the pure planning code: releases with addresses, names that point to them.

import { loadTestEnvironment } from '../../sim/environment.ts';
import type { KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import type { RecordSet } from '../../src/drivers/dns/dns.ts';
import type { Observed, ObservedName, ObservedRelease } from '../../src/plan/observed.ts';

export const environment = loadTestEnvironment();

export function service(name: string, ...addresses: readonly string[]): KubernetesObject {
  const ingress = addresses.map((address) => (/^[\d.:]+$/.test(address) ? { ip: address } : { hostname: address }));
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { type: 'LoadBalancer' }, status: { loadBalancer: { ingress } } };
}

export function release(name: string, more: Partial<ObservedRelease> = {}): ObservedRelease {
  return {
    name,
    uid: `uid-of-${name}`,
    state: 'live',
    run: 'run-0',
    epoch: 1,
    liveSince: undefined,
    createdAt: '2026-01-01T00:00:00Z',
    deleting: false,
    helmRelease: name,
    services: [],
    ...more,
  };
}

export function addressSet(name: string, ...values: readonly string[]): RecordSet {
  return { name, type: 'A', ttl: 30, values };
}

export function observedName(name: string, records: readonly RecordSet[] | undefined, more: Partial<ObservedName> = {}): ObservedName {
  return { zone: 'example-org', name, service: 'ingress', ttl: undefined, records, foundZone: undefined, problems: [], ...more };
}

export function observed(more: Partial<Observed> = {}): Observed {
  return {
    identity: { context: 'kind', cluster: 'prod-cluster', server: 'https://192.0.2.1', version: 'v1.35.4' },
    helmVersion: 'v4.2.3',
    installation: undefined,
    unbound: [],
    access: [],
    releases: [],
    names: [],
    chart: undefined,
    records: [],
    ...more,
  };
}
