// Requests to Services by their cluster names: straight inside the cluster, through the API server outside of it.

import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { clusterRoute } from '../../src/drivers/http/cluster-route.ts';
import type { Http, HttpRequest } from '../../src/drivers/http/http.ts';
import { rejection } from '../contracts/cluster-objects.ts';
import type { Echo } from '../contracts/echo-server.ts';
import { echoServer } from '../contracts/echo-server.ts';
import { httpContract } from '../contracts/http.ts';
import type { ServiceWorld } from './http-cluster.ts';
import { serviceCluster } from './http-cluster.ts';
import { close, listen, unusedPort } from './http-servers.ts';

const service = 'http://ingress.prod-2hpwr.svc.cluster.local';
const nowhere = async (): Promise<readonly string[]> => [];

httpContract('A request through a tunnel', async () => {
  const server = echoServer();
  const cluster = serviceCluster({ tunnelTo: await listen(server) });
  const http = clusterRoute({ cluster, lookup: nowhere });
  return { http, origin: service, deadOrigin: 'http://absent.prod-2hpwr.svc.cluster.local', end: () => close(server) };
});

function get(url: string, more: Partial<HttpRequest> = {}): HttpRequest {
  return { method: 'GET', url, timeoutMs: 5_000, ...more };
}

async function echoPort(): Promise<number> {
  const server = echoServer();
  onTestFinished(() => close(server));
  return listen(server);
}

/** Stands where requests go straight; tells which did. */
function straight(): Http & { readonly urls: readonly string[] } {
  const urls: string[] = [];
  return {
    urls,
    request: async ({ url }) => {
      urls.push(url);
      return { status: 299, headers: {}, body: '', truncated: false, durationMs: 1 };
    },
  };
}

describe('the way of a request', () => {
  it.each([
    ['a public name', 'http://www.example.org/', {}],
    ['an address', 'http://203.0.113.9/', {}],
    ['a name that only looks alike', 'http://ingress.prod.svc.example.org/', {}],
    ['a Service, where an address is given', `${service}/`, { connectTo: '203.0.113.9' }],
  ])('to %s is straight', async (_title, url, more) => {
    const direct = straight();
    const cluster = serviceCluster({ tunnelTo: 0 });
    expect(await clusterRoute({ cluster, direct, lookup: nowhere }).request(get(url, more))).toMatchObject({ status: 299 });
    expect(cluster.tunnels).toEqual([]);
  });

  it('to a Service is straight where its name resolves to its own address', async () => {
    const direct = straight();
    const cluster = serviceCluster({ tunnelTo: 0, clusterIPs: ['198.51.100.7', '2001:db8::7'] });
    const route = clusterRoute({ cluster, direct, lookup: async () => ['2001:db8::7'] });
    await route.request(get(`${service}/a`));
    await route.request(get('http://ingress.prod-2hpwr.svc/b'));
    expect(direct.urls).toEqual([`${service}/a`, 'http://ingress.prod-2hpwr.svc/b']);
  });

  it('looks only once whether a name resolves here', async () => {
    const asked: string[] = [];
    const lookup = async (name: string): Promise<readonly string[]> => {
      asked.push(name);
      return ['198.51.100.7'];
    };
    const route = clusterRoute({ cluster: serviceCluster({ tunnelTo: 0 }), direct: straight(), lookup });
    await route.request(get(`${service}/a`));
    await route.request(get(`${service}/b`));
    expect(asked).toEqual(['ingress.prod-2hpwr.svc.cluster.local']);
  });

  it('looks only once also where it leads through a tunnel, but not before a tunnel has been opened', async () => {
    const asked: string[] = [];
    const lookup = async (name: string): Promise<readonly string[]> => {
      asked.push(name);
      return [];
    };
    const pods: { name: string }[] = [];
    const route = clusterRoute({ cluster: serviceCluster({ tunnelTo: await echoPort(), pods }), lookup });
    expect(await rejection(route.request(get(`${service}/echo`)))).toBe('unavailable');
    pods.push({ name: 'portal-1' });
    for (let times = 0; times < 3; times += 1) await route.request(get(`${service}/echo`));
    expect(asked).toHaveLength(2);
  });

  it('to a Service leads through a tunnel where a resolver makes up an address for its name', async () => {
    const direct = straight();
    const cluster = serviceCluster({ tunnelTo: await echoPort() });
    const route = clusterRoute({ cluster, direct, lookup: async () => ['203.0.113.66'] });
    expect(await route.request(get(`${service}/echo`, { headers: { authorization: 'secret' } }))).toMatchObject({ status: 200 });
    expect(direct.urls).toEqual([]);
  });
});

describe('a request through a tunnel', () => {
  async function routed(world: Omit<ServiceWorld, 'tunnelTo'>): Promise<{ http: Http; tunnels: readonly string[] }> {
    const cluster = serviceCluster({ ...world, tunnelTo: await echoPort() });
    return { http: clusterRoute({ cluster, lookup: nowhere }), tunnels: cluster.tunnels };
  }

  it('leads to the port that the Service’s port has in the pod, found by its name', async () => {
    const { http, tunnels } = await routed({ ports: [{ name: 'http', port: 80 }, { name: 'admin', port: 8081 }], pods: [{ name: 'portal-1', port: 9000 }] });
    const { body } = await http.request(get(`${service}:8081/echo`));
    expect(tunnels).toEqual(['portal-1:9001']);
    expect(JSON.parse(body) as Echo).toMatchObject({ headers: { host: 'ingress.prod-2hpwr.svc.cluster.local:8081' } });
  });

  it('asks what the port is called only once, and again as soon as no pod has one of that name', async () => {
    const world: { ports: { name: string; port: number }[]; tunnelTo: number } = { ports: [{ name: 'http', port: 80 }], tunnelTo: await echoPort() };
    const cluster = serviceCluster(world);
    const http = clusterRoute({ cluster, lookup: nowhere });
    for (let times = 0; times < 3; times += 1) await http.request(get(`${service}/echo`));
    expect(cluster.asked()).toBe(1);
    world.ports = [{ name: 'web', port: 80 }];
    expect(await rejection(http.request(get(`${service}/echo`)))).toBe('unavailable');
    expect(await http.request(get(`${service}/echo`))).toMatchObject({ status: 200 });
    expect(cluster.asked()).toBe(2);
  });

  it('finds a Service’s only port, which need not have a name', async () => {
    const { http, tunnels } = await routed({ ports: [{ port: 80 }] });
    await http.request(get(`${service}/echo`));
    expect(tunnels).toEqual(['portal-1:8080']);
  });

  it('takes ready pods only, one after another', async () => {
    const pods = [{ name: 'b', ready: true }, { name: 'dying', ready: false }, { name: 'a', ready: true, port: 9090 }];
    const { http, tunnels } = await routed({ pods });
    for (let times = 0; times < 4; times += 1) await http.request(get(`${service}/echo`));
    expect(tunnels.toSorted()).toEqual(['a:9090', 'a:9090', 'b:8080', 'b:8080']);
    expect(tunnels[0]).not.toBe(tunnels[1]);
  });

  it.each([
    ['there is no such Service', 'http://absent.prod-2hpwr.svc/', {}],
    ['the Service has no such port', `${service}:81/`, {}],
    ['no pod is ready', `${service}/`, { pods: [{ name: 'a', ready: false }] }],
    ['the Service has no pods', `${service}/`, { pods: [] }],
  ])('is unavailable, and may be tried again, when %s', async (_title, url, world) => {
    const { http, tunnels } = await routed(world);
    expect(await rejection(http.request(get(url)))).toBe('unavailable');
    expect(tunnels).toEqual([]);
  });

  it('leaves no tunnel open, even if the server would keep the connection', async () => {
    const server = createServer((socket) => socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')));
    const closed = new Promise<void>((resolve) => server.on('connection', (socket) => socket.on('close', () => resolve())));
    onTestFinished(() => close(server));
    const http = clusterRoute({ cluster: serviceCluster({ tunnelTo: await listen(server) }), lookup: nowhere });
    expect(await http.request(get(`${service}/`))).toMatchObject({ body: 'ok' });
    await closed;
  });

  it('is unavailable when the pod vanished between the look and the tunnel', async () => {
    const http = clusterRoute({ cluster: serviceCluster({ tunnelTo: 0 }), lookup: nowhere });
    expect(await rejection(http.request(get(`${service}/`)))).toBe('unavailable');
  });

  it('is unavailable when nothing listens at the other end', async () => {
    const http = clusterRoute({ cluster: serviceCluster({ tunnelTo: await unusedPort() }), lookup: nowhere });
    expect(await rejection(http.request(get(`${service}/`)))).toBe('unavailable');
  });
});
