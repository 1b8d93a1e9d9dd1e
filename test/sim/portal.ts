// The scenario most tests begin with: a portal with a database, two public names, and a release that is live already.

import type { ChartScenario } from '../../sim/helm.ts';
import { simulate, type Scenario, type SimulatedWorld } from '../../sim/world.ts';
import { kinds, type KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import type { RecordSet } from '../../src/drivers/dns/dns.ts';
import { deployment, job, namespace, object, service, statefulSet } from '../support/objects.ts';

export const names = { www: 'www.example.org.', search: 'search.example.org.' } as const;

export const portalChart: ChartScenario = {
  name: 'portal',
  version: '1.0.0',
  objects: [
    statefulSet('database'),
    deployment('ingress', { replicas: 2 }),
    service('ingress'),
    service('search', { app: 'ingress', labels: { name: 'search-ingress' } }),
    job('loader', { suspend: true }),
    object('v1 Secret', 'harvester', { data: { password: Buffer.from('secret').toString('base64') } }),
  ],
};

export const portalScenario: Scenario = {
  charts: { './portal': portalChart },
  zones: [{ id: 'example-org', origin: 'example.org.' }],
};

export function address(name: string, ...values: readonly string[]): RecordSet {
  return { name, type: 'A', ttl: 60, values };
}

export interface Installed {
  /** Address of the Service `ingress`, then of `search`. */
  readonly www: string;
  readonly search: string;
}

/** Installs the chart as a release and waits until it answers. */
export async function install(world: SimulatedWorld, release: string, metadata: KubernetesObject['metadata'] = { name: release }): Promise<Installed> {
  const { drivers } = world.start();
  await drivers.cluster.create(kinds.namespace, { ...namespace(release), metadata });
  const chart = await drivers.helm.chart({ path: './portal' });
  await drivers.helm.install({ name: release, namespace: release, chart, values: [], signal: new AbortController().signal });
  await world.clock.sleep(10_000);
  return { www: await addressOf(world, release, 'ingress'), search: await addressOf(world, release, 'search') };
}

/** A world in which `prod-1live` serves both names. */
export async function livePortal(scenario: Scenario = {}): Promise<{ readonly world: SimulatedWorld; readonly live: Installed }> {
  const world = await simulate({ ...portalScenario, ...scenario });
  const live = await install(world, 'prod-1live');
  world.dns.edit('example-org', names.www, [address(names.www, live.www)]);
  world.dns.edit('example-org', names.search, [address(names.search, live.search)]);
  await world.clock.sleep(10_000);
  return { world, live };
}

async function addressOf(world: SimulatedWorld, release: string, name: string): Promise<string> {
  const found = await world.cluster.get({ kind: kinds.service, name, namespace: release });
  const status = found?.['status'] as { readonly loadBalancer: { readonly ingress?: readonly { readonly ip: string }[] } };
  return status.loadBalancer.ingress?.[0]?.ip ?? '';
}
