// Every example in config/ is not only parsed but run: a whole rebuild on the simulated world, by the file's own words.

import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { loadEnvironment } from '../../src/config/load.ts';
import type { Environment } from '../../src/config/environment.ts';
import type { KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import type { Scenario } from '../../sim/world.ts';
import { namespace, object } from '../support/objects.ts';
import { runnerName } from '../../src/plan/runner-names.ts';
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

/** A chart that has what the example's names and load jobs ask for, and the Secrets of the runner's namespace. */
function scenarioFor({ cluster, dns, release, environment, dataConfig, load, runner, secrets }: Environment): Scenario {
  const key = Object.values(release.chart)[0] as string;
  const isOpen = load.some((job) => 'jobList' in job && job.jobList.credentials === undefined);
  const missing = [...new Set(dns.map(({ service }) => service))].filter((service) => !['ingress', 'search-ingress'].includes(service));
  const objects = [...chart.objects, ...missing.map(webService), secret('harvester', { password: 'secret' })];
  const values = release.values.flatMap((source) => ('secret' in source ? [source.secret] : []));
  const inRunner = { namespace: runner.namespace };
  const zones = [...new Set(dns.map(({ zone }) => zone))].map((id) => ({ id, origin: originOf(dns.find(({ zone }) => zone === id)?.name ?? '') }));
  return {
    environment,
    cluster: { identity: { context: cluster, cluster } },
    objects: [
      // Every cluster has `default`.
      ...[runner.namespace].filter((name) => name !== 'default').map((name) => namespace(name)),
      ...values.map(({ name, key: of }) => secret(name, { [of]: 'replicas: 3\n' }, inRunner)),
      secret('slack', { url: 'https://hooks.example.org/T0' }, inRunner),
      secret(runnerName(environment), secrets, inRunner),
    ],
    charts: { [key]: { ...chart, objects } },
    zones,
    harvester: { username: 'harvester', password: 'secret', open: isOpen },
    ...(dataConfig === undefined ? {} : { dataConfig, pages: { [dataConfig]: { body: '{"jobConfigurations":[{"description":"all"}]}' } } }),
  };
}

function originOf(name: string): string {
  return name.split('.').slice(1).join('.');
}

interface Example {
  readonly files: readonly string[];
  /** Further layers that the runner is installed with; a run from elsewhere needs none of them. */
  readonly secrets?: readonly string[];
  readonly release: string;
}

const examples: readonly Example[] = [
  { files: ['demo-base.yaml', 'demo.yaml'], release: 'demo-r0001' },
  { files: ['google.yaml'], release: 'shop-r0001' },
  { files: ['classic-base.yaml', 'classic.yaml'], release: 'portal-r0001' },
  { files: ['prod.yaml'], secrets: ['secrets.yaml'], release: 'prod-r0001' },
];

function load(files: readonly string[]): Promise<Environment> {
  return loadEnvironment(files.map((file) => join(config, file)));
}

test.each(examples)('$files.0 rebuilds what it describes', async ({ files, secrets = [], release }) => {
  const environment = await load(files);
  const { command, world } = await production(scenarioFor(await load([...secrets, ...files])));
  for (const service of ['ingress', 'web']) world.sites.set(service, { body: '<title>Cities</title>' });
  world.sites.set('search', { body: '{"release":"demo-r0001"}' });
  const ended = await command({ operation: 'rebuild' }, { environment });
  expect(ended?.failure?.facts).toBeUndefined();
  expect(ended).toMatchObject({ outcome: 'succeeded' });
  const served = environment.dns.flatMap(({ name }) => world.dns.served(name).flatMap(({ records }) => records.flatMap(({ values }) => values)));
  expect(served.length).toBeGreaterThanOrEqual(environment.dns.length * 2);
  expect(world.requests.map(({ text }) => text)).toContain(`helm.install ${release}/${release}`);
});

test('no example is left out', async () => {
  const found = (await readdir(config)).filter((name) => name.endsWith('.yaml'));
  expect(examples.flatMap(({ files, secrets = [] }) => [...secrets, ...files]).toSorted()).toEqual(found.toSorted());
});
