// A world for verification: an environment with two names, a cluster that has their Services, and a web site to ask.

import { environment, type Environment } from '../../src/config/environment.ts';
import type { Cluster } from '../../src/drivers/cluster/cluster.ts';
import type { KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { DriverError } from '../../src/drivers/failure.ts';
import type { HttpRequest, HttpResponse } from '../../src/drivers/http/http.ts';
import type { World } from '../../src/steps/world.ts';

export type Site = (request: HttpRequest) => Partial<HttpResponse> | Error;

export interface VerificationWorld {
  readonly world: World;
  readonly requests: HttpRequest[];
  services: KubernetesObject[];
  site: Site;
  /** While set, the list of Services is refused with it. */
  listError: Error | undefined;
  lists: number;
}

export function verificationWorld(sections: Record<string, unknown> = {}): VerificationWorld {
  const it: VerificationWorld = {
    world: undefined as never,
    requests: [],
    services: [balancer('ingress', [{ ip: '192.0.2.10' }]), balancer('api', [{ ip: '192.0.2.20' }])],
    site: () => ({ status: 200, body: 'Welcome' }),
    listError: undefined,
    lists: 0,
  };
  const drivers = {
    cluster: { list: async () => listServices(it) } as Partial<Cluster>,
    http: { request: async (request: HttpRequest) => answer(it, request) },
  };
  const world = { environment: environmentWith(sections), plan: { candidate: 'prod-2hpwr' }, drivers } as unknown as World;
  return Object.assign(it, { world });
}

export function balancer(name: string, ingress: readonly object[]): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { type: 'LoadBalancer' }, status: { loadBalancer: { ingress } } };
}

export function noAnswer(detail = 'connection refused'): DriverError {
  return new DriverError({ reason: 'unavailable', attempted: 'GET', detail });
}

export function environmentWith(sections: Record<string, unknown>): Environment {
  return environment.parse({
    cluster: 'test',
    environment: 'prod',
    release: { chart: { path: '/chart' } },
    dns: [
      { zone: 'example', name: 'www.example.org', service: 'ingress' },
      { zone: 'example', name: 'api.example.org.', service: 'api' },
    ],
    ...sections,
  });
}

async function listServices(it: VerificationWorld): Promise<{ items: KubernetesObject[]; resourceVersion: string }> {
  it.lists += 1;
  if (it.listError !== undefined) throw it.listError;
  return { items: it.services, resourceVersion: '1' };
}

async function answer(it: VerificationWorld, request: HttpRequest): Promise<HttpResponse> {
  it.requests.push(request);
  const given = it.site(request);
  if (given instanceof Error) throw given;
  return { status: 200, headers: {}, body: '', truncated: false, durationMs: 1, ...given };
}
