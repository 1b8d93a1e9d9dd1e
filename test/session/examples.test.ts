// Every example in config/ is not only parsed but run: a whole rebuild on the simulated world, by the file's own words.

import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { loadEnvironment } from '../../src/config/load.ts';
import type { Environment } from '../../src/config/environment.ts';
import type { KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import type { Scenario } from '../../sim/world.ts';
import { namespace, object } from '../support/objects.ts';
import { chart, production } from '../../sim/production.ts';

const config = resolve(import.meta.dirname, '../../config');

function secret(name: string, values: Readonly<Record<string, string>>, more: { readonly namespace?: string } = {}): KubernetesObject {
  const data = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]));
  return object('v1 Secret', name, { ...more, data });
}

function webService(name: string): KubernetesObject {
  const ports = [{ name: 'http', port: 80 }, { name: 'https', port: 443 }];
  return object('v1 Service', name, { spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports } });
}

/** A chart that has what the example's names and load jobs ask for. */
function scenarioFor({ cluster, dns, release, environment, dataConfig }: Environment): Scenario {
  const key = Object.values(release.chart)[0] as string;
  const missing = dns.map(({ service }) => service).filter((service) => !['ingress', 'search-ingress'].includes(service));
  const objects = [...chart.objects, ...missing.map(webService), secret('harvester', { password: 'secret' })];
  const zones = [...new Set(dns.map(({ zone }) => zone))].map((id) => ({ id, origin: originOf(dns.find(({ zone }) => zone === id)?.name ?? '') }));
  return {
    environment,
    cluster: { identity: { context: cluster, cluster } },
    objects: [namespace('changeover'), secret('shop-values', { 'values.yaml': 'replicas: 3\n' }, { namespace: 'changeover' }), secret('slack', { url: 'https://hooks.example.org/T0' }, { namespace: 'changeover' })],
    charts: { [key]: { ...chart, objects } },
    zones,
    harvester: { username: 'harvester', password: 'secret' },
    ...(dataConfig === undefined ? {} : { dataConfig, pages: { [dataConfig]: { body: '{"jobConfigurations":[{"description":"all"}]}' } } }),
  };
}

function originOf(name: string): string {
  return name.split('.').slice(1).join('.');
}

test.each([
  { files: ['base.yaml', 'prod.yaml'], release: 'prod-r0001' },
  { files: ['google.yaml'], release: 'shop-r0001' },
  { files: ['classic-base.yaml', 'classic.yaml'], release: 'portal-r0001' },
])('$files rebuilds what it describes', async ({ files, release }) => {
  const environment = await loadEnvironment(files.map((file) => resolve(config, file)));
  const { command, world } = await production(scenarioFor(environment));
  world.sites.set('ingress', { body: '<title>Cities</title>' });
  world.sites.set('search', { body: '{"release":"prod-r0001"}' });
  const ended = await command({ operation: 'rebuild' }, { environment });
  expect(ended?.failure?.facts).toBeUndefined();
  expect(ended).toMatchObject({ outcome: 'succeeded' });
  const served = environment.dns.flatMap(({ name }) => world.dns.served(name).flatMap(({ records }) => records.flatMap(({ values }) => values)));
  expect(served.length).toBeGreaterThanOrEqual(environment.dns.length * 2);
  expect(world.requests.map(({ text }) => text)).toContain(`helm.install ${release}/${release}`);
});
