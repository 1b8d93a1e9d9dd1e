// Requests into the simulated cluster: by which names a Service is reached, and when it does not answer.

import { expect, test } from 'vitest';
import { breakPods } from '../../sim/cluster/pods.ts';
import { simulate, type SimulatedWorld } from '../../sim/world.ts';
import type { HttpResponse } from '../../src/drivers/http/http.ts';
import { deployment, namespace, service } from '../support/objects.ts';

const url = 'http://www.example.org/';
const clusterUrl = 'http://ingress.prod-2hpwr.svc.cluster.local/';

function get(world: SimulatedWorld, request: { readonly url: string; readonly connectTo?: string }): Promise<HttpResponse> {
  return world.start().drivers.http.request({ method: 'GET', timeoutMs: 1_000, ...request });
}

async function portal(): Promise<SimulatedWorld> {
  const release = 'prod-2hpwr';
  return simulate({
    cluster: { behaviours: { 'Deployment/ingress': { afterMs: 5_000 } } },
    objects: [namespace(release), deployment('ingress', { namespace: release }), service('ingress', { namespace: release })],
    pages: { 'https://data.example.org/config.json': { body: '{}' } },
    latencyMs: 0,
  });
}

test('a Service refuses connections until a moment after its pod is ready', async () => {
  const world = await portal();
  await world.clock.sleep(5_100);
  await expect(get(world, { url: clusterUrl })).rejects.toMatchObject({ reason: 'unavailable', detail: 'connect ECONNREFUSED' });
  await world.clock.sleep(1_000);
  expect(await get(world, { url: clusterUrl })).toMatchObject({ status: 200, body: 'ingress of prod-2hpwr\n' });
});

test('a load balancer is reached by its address, whatever the Host says', async () => {
  const world = await portal();
  await world.clock.sleep(10_000);
  expect(await get(world, { url, connectTo: '198.18.0.1' })).toMatchObject({ body: 'ingress of prod-2hpwr\n' });
  await expect(get(world, { url, connectTo: '198.18.0.99' })).rejects.toMatchObject({ reason: 'unavailable' });
  await expect(get(world, { url: 'https://www.example.org/', connectTo: '198.18.0.1' })).rejects.toMatchObject({ reason: 'unavailable' });
});

test('a Service whose pods are not ready any more does not answer', async () => {
  const world = await portal();
  await world.clock.sleep(10_000);
  breakPods(world.cluster.inside, 'prod-2hpwr');
  await expect(get(world, { url: clusterUrl })).rejects.toMatchObject({ reason: 'unavailable' });
});

test('a site answers what the scenario says, for one release or for all', async () => {
  const world = await portal();
  await world.clock.sleep(10_000);
  world.sites.set('ingress', { status: 503, body: 'maintenance' });
  expect(await get(world, { url: clusterUrl })).toMatchObject({ status: 503 });
  world.sites.set('prod-2hpwr/ingress', { body: 'fine' });
  expect(await get(world, { url: clusterUrl })).toMatchObject({ status: 200, body: 'fine' });
});

test('pages outside the cluster are those of the scenario, and no others', async () => {
  const world = await portal();
  expect(await get(world, { url: 'https://data.example.org/config.json' })).toMatchObject({ status: 200, body: '{}' });
  await expect(get(world, { url: 'https://data.example.org/other.json' })).rejects.toMatchObject({ reason: 'unavailable' });
});

test('an error never shows the query, which may be a secret', async () => {
  const world = await portal();
  await expect(get(world, { url: `${clusterUrl}?token=hunter2` })).rejects.toSatisfy((error: Error) => !error.message.includes('hunter2'));
});
