// A simulated production for whole operations: a small chart, two zones, and commands as processes that may be killed.

import type { Environment } from '../src/config/environment.ts';
import type { Drivers } from '../src/drivers/drivers.ts';
import { kinds, type KubernetesObject } from '../src/drivers/cluster/objects.ts';
import { labels } from '../src/plan/ownership.ts';
import type { RunEvent } from '../src/run/events.ts';
import { runRecord, type RunRecord } from '../src/run/record.ts';
import type { Intent } from '../src/session/intend.ts';
import { perform } from '../src/session/perform.ts';
import type { Performed } from '../src/session/unfinished.ts';
import { observe, type Observer } from './observer.ts';
import { simulate, type RunnerProcess, type Scenario, type SimulatedWorld } from './world.ts';
import { loadTestEnvironment } from './environment.ts';

export const publicNames = ['www.example.org.', 'search.second.org.'];

const pod = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:1' }] } };

function service(name: string, more: Partial<KubernetesObject['metadata']> = {}): KubernetesObject {
  const spec = { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, ...more }, spec };
}

const loader = { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'loader', image: 'loader:1' }] } }, suspend: true };

export const chart = {
  name: 'web',
  version: '1.0.0',
  objects: [
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { replicas: 1, selector: { matchLabels: { app: 'web' } }, template: pod } },
    service('ingress'),
    service('search', { labels: { name: 'search-ingress' } }),
    { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'loader' }, spec: loader },
  ],
};

/** As an operator would write it; what is given replaces the keys here. */
export function environmentWith(more: Readonly<Record<string, unknown>> = {}): Environment {
  return loadTestEnvironment({
    cluster: 'simulated',
    deleteExisting: true,
    load: [{ name: 'base', job: { fromJob: 'loader' }, timeout: '10m' }],
    verify: { http: [{ url: 'http://www.example.org/' }], timeout: '1m' },
    drain: { soak: '10s', every: '2s' },
    ...more,
  });
}

export interface Production {
  readonly world: SimulatedWorld;
  readonly observer: Observer;
  /** Runs one command in a process of its own; undefined when that process was killed. */
  command(intent?: Intent, options?: CommandOptions): Promise<Performed | undefined>;
  /** Names of the releases there are, by label. */
  releases(): readonly string[];
  records(): Promise<readonly RunRecord[]>;
  /** What the public gets: per name, the release it leads to. */
  publicReleases(): readonly (string | undefined)[];
  readonly events: readonly RunEvent[];
  readonly said: readonly string[];
}

export interface CommandOptions {
  readonly environment?: Environment;
  readonly fresh?: boolean;
  readonly stop?: AbortSignal;
  /** Who it is, for the lock: `pod/1`. */
  readonly holder?: string;
  readonly onEvent?: (event: RunEvent, process: RunnerProcess) => void;
  /** Puts something before the simulated drivers. */
  readonly connect?: (drivers: Drivers) => Drivers;
}

export async function production(more: Scenario = {}): Promise<Production> {
  const world = await simulate({
    charts: { '/chart': chart },
    zones: [{ id: 'example-org', origin: 'example.org.' }, { id: 'second-org', origin: 'second.org.' }],
    ...more,
  });
  const observer = observe(world, { names: publicNames });
  const events: RunEvent[] = [];
  const said: string[] = [];
  let suffixes = 0;
  const command = async (intent: Intent = { operation: 'rebuild' }, options: CommandOptions = {}): Promise<Performed | undefined> => {
    const process = world.start();
    const report = (event: RunEvent): void => {
      events.push(event);
      options.onEvent?.(event, process);
    };
    const identities = { suffix: () => `r${String((suffixes += 1)).padStart(4, '0')}`, holder: options.holder ?? `test/${suffixes}` };
    const { environment = environmentWith(), fresh = false, stop = new AbortController().signal } = options;
    const { clock } = process;
    const drivers = options.connect?.(process.drivers) ?? process.drivers;
    const performed = perform({ environment, drivers, clock, stop, report, say: (line) => said.push(line), identities }, intent, { fresh });
    return Promise.race([performed, process.died.then(() => undefined)]);
  };
  return {
    world,
    observer,
    command,
    events,
    said,
    releases: () => releasesIn(world),
    records: () => recordsIn(world),
    publicReleases: () => publicNames.map((name) => releaseOf(world, name)),
  };
}

function releasesIn({ cluster }: SimulatedWorld): readonly string[] {
  const ours = cluster.inside.store.all(kinds.namespace).filter(({ metadata }) => metadata.labels?.[labels.environment] === 'prod');
  return ours.map(({ metadata }) => metadata.name).toSorted();
}

async function recordsIn(world: SimulatedWorld): Promise<readonly RunRecord[]> {
  const stored = world.cluster.inside.store.all(kinds.configMap, 'changeover').filter(({ metadata }) => metadata.labels?.['changeover.dev/record'] !== undefined);
  return stored.map((map) => runRecord.parse(JSON.parse((map['data'] as { readonly record: string }).record)));
}

function releaseOf(world: SimulatedWorld, name: string): string | undefined {
  const values = world.dns.served(name).flatMap(({ records }) => records.flatMap((set) => set.values));
  const services = world.cluster.inside.store.all(kinds.service).filter((found) => values.some((value) => JSON.stringify(found['status'] ?? {}).includes(`"${value.replace(/\.$/, '')}"`)));
  const releases = new Set(services.map(({ metadata }) => metadata.namespace));
  return releases.size === 1 ? [...releases][0] : undefined;
}
