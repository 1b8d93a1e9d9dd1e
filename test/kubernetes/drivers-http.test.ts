// Requests to Services of the embedded cluster from outside of it: through port-forwards to real pods.

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Cluster } from '../../src/drivers/cluster/cluster.ts';
import type { KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { clusterRoute } from '../../src/drivers/http/cluster-route.ts';
import type { Http } from '../../src/drivers/http/http.ts';
import { rejection } from '../contracts/cluster-objects.ts';
import { httpContract } from '../contracts/http.ts';
import { connect, makeNamespace, removeNamespace } from './support/namespaces.ts';
import { exampleImage } from './support/release.ts';

interface EchoWorld {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly http: Http;
}

/** A pod with the echo server, behind the Service `echo` with a named target port, and a Service `dead` without pods. */
async function echoWorld(): Promise<EchoWorld> {
  const cluster = await connect();
  const namespace = await makeNamespace(cluster, 'http');
  const program = await readFile(resolve(import.meta.dirname, '../contracts/echo-server.ts'), 'utf8');
  const main = "import { echoServer } from './echo-server.ts';\nechoServer().listen(8080);\n";
  await cluster.create(kinds.configMap, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'program', namespace }, data: { 'echo-server.ts': program, 'main.ts': main } });
  await cluster.create(kinds.service, service('echo', namespace));
  await cluster.create(kinds.service, service('dead', namespace));
  await cluster.create(kinds.pod, echoPod(namespace, await exampleImage()));
  const http = clusterRoute({ cluster });
  const look = { method: 'GET', url: `http://echo.${namespace}.svc/status/200`, timeoutMs: 5_000 } as const;
  await vi.waitFor(() => http.request(look), { timeout: 120_000, interval: 250 });
  return { cluster, namespace, http };
}

function service(name: string, namespace: string): KubernetesObject {
  const spec = { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 'web' }] };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec };
}

function echoPod(namespace: string, image: string): KubernetesObject {
  const container = {
    name: 'echo',
    image,
    command: ['node', '/program/main.ts'],
    ports: [{ name: 'web', containerPort: 8080 }],
    readinessProbe: { httpGet: { path: '/status/200', port: 'web' }, periodSeconds: 1 },
    volumeMounts: [{ name: 'program', mountPath: '/program' }],
  };
  const spec = { containers: [container], volumes: [{ name: 'program', configMap: { name: 'program' } }], terminationGracePeriodSeconds: 0 };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'echo', namespace, labels: { app: 'echo' } }, spec };
}

let made: Promise<EchoWorld> | undefined;
const sharedWorld = (): Promise<EchoWorld> => (made ??= echoWorld());

afterAll(async () => {
  const { cluster, namespace } = await sharedWorld();
  await removeNamespace(cluster, namespace);
});

httpContract('A request through the API server', async () => {
  const { namespace, http } = await sharedWorld();
  return {
    http,
    origin: `http://echo.${namespace}.svc.cluster.local`,
    deadOrigin: `http://dead.${namespace}.svc.cluster.local`,
    end: async () => undefined,
  };
});

describe('a real pod', () => {
  let world: EchoWorld;
  beforeAll(async () => {
    world = await sharedWorld();
  });

  it('gives the last lines of its log', async () => {
    const pod = { kind: kinds.pod, name: 'echo', namespace: world.namespace };
    expect(await world.cluster.logs(pod, { tailLines: 5 })).toEqual(expect.any(String));
    expect(await rejection(world.cluster.logs(pod, { tailLines: 5, container: 'absent' }))).toBe('invalid');
  });

  it('makes a tunnel to a port where nothing listens fail, with the reason', async () => {
    const tunnel = await world.cluster.tunnel(world.namespace, 'echo', 9);
    const failed = new Promise<Error>((settle) => tunnel.once('error', settle));
    tunnel.write('GET / HTTP/1.0\r\n\r\n');
    expect(await failed).toMatchObject({ reason: 'unavailable', detail: expect.stringContaining('refused') });
  });

  it('answers many requests at once', async () => {
    const url = `http://echo.${world.namespace}.svc/echo`;
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => world.http.request({ method: 'POST', url, body: `body ${index}`, timeoutMs: 20_000 })));
    expect(answers.map(({ body }) => (JSON.parse(body) as { body: string }).body)).toEqual(Array.from({ length: 20 }, (_, index) => `body ${index}`));
  });

  it('leaves requests unavailable once it is gone', async () => {
    const { cluster, namespace, http } = world;
    const pod = await cluster.get({ kind: kinds.pod, name: 'echo', namespace });
    await cluster.delete({ kind: kinds.pod, name: 'echo', namespace }, pod?.metadata.uid ?? '');
    const url = `http://echo.${namespace}.svc/status/200`;
    await expect.poll(() => rejection(http.request({ method: 'GET', url, timeoutMs: 5_000 })), { timeout: 30_000 }).toBe('unavailable');
  });
});
