// A simulated production for whole operations: a small chart, two zones, and commands as processes that may be killed.

import type { Environment } from '../src/config/environment.ts';
import type { Drivers } from '../src/drivers/drivers.ts';
import { kinds, type KubernetesObject } from '../src/drivers/cluster/objects.ts';
import { labels } from '../src/plan/ownership.ts';
import type { RunEvent } from '../src/run/events.ts';
import { runRecord, type RunRecord } from '../src/run/record.ts';
import type { Intent } from '../src/session/intend.ts';
import { perform } from '../src/session/perform.ts';
import type { Session } from '../src/session/session.ts';
import type { Performed } from '../src/session/unfinished.ts';
import { AddressBook } from './invariants/addresses.ts';
import { Fitness } from './invariants/fitness.ts';
import { observe, type Observer } from './observer.ts';
import { Others } from './others.ts';
import { describeEvent } from './telling.ts';
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
  /** The same for what is no operation: adopting, cancelling, locking. */
  session<T>(work: { readonly operation: string; act(session: Session): Promise<T> }, options?: CommandOptions): Promise<T | undefined>;
  /** Every command so far, in the order of their beginning. */
  readonly commands: readonly Command[];
  /** How many names runs were given; each is another one. */
  named(): number;
  /** Names of the releases there are, by label. */
  releases(): readonly string[];
  records(): Promise<readonly RunRecord[]>;
  /** What the public gets: per name, the release it leads to. */
  publicReleases(): readonly (string | undefined)[];
  readonly events: readonly RunEvent[];
  readonly said: readonly string[];
  /** Tells what runs tell, from now on: their events and what they say, each as a line. */
  onTell(listener: (line: string) => void): void;
  /** Fully qualified: the public names. */
  readonly names: readonly string[];
  readonly addresses: AddressBook;
  readonly fitness: Fitness;
  /** What people did who are none of our processes. */
  readonly others: Others;
}

/** One process of the runner. */
export interface Command {
  readonly process: number;
  readonly intent: { readonly operation: string };
  readonly environment: Environment;
  readonly holder: string;
  readonly calm: boolean;
  /** While it runs, nothing of this is there. `done`: it was no operation. */
  ended?: { readonly performed: Performed } | { readonly done: true } | { readonly error: unknown } | { readonly killed: true };
}

export interface CommandOptions {
  readonly environment?: Environment;
  readonly fresh?: boolean;
  readonly stop?: AbortSignal;
  /** Who it is, for the lock: `pod/1`. */
  readonly holder?: string;
  /** No fault strikes any more: it has to end, within a bounded number of requests. */
  readonly calm?: boolean;
  readonly onEvent?: (event: RunEvent, process: RunnerProcess) => void;
  /** Puts something before the simulated drivers. */
  readonly connect?: (drivers: Drivers) => Drivers;
}

export interface ProductionOptions {
  /** Of every command that is not given another. Its names are the public ones. */
  readonly environment?: Environment;
}

export async function production(more: Scenario = {}, { environment: usual = environmentWith() }: ProductionOptions = {}): Promise<Production> {
  const world = await simulate({
    charts: { '/chart': chart },
    zones: [{ id: 'example-org', origin: 'example.org.' }, { id: 'second-org', origin: 'second.org.' }],
    ...more,
  });
  const names = usual.dns.map(({ name }) => name);
  const commands: Command[] = [];
  const addresses = new AddressBook(world.cluster.inside.store);
  const fitness = new Fitness(world, { names, addresses, environment: () => commands.at(-1)?.environment ?? usual });
  const others = new Others();
  const observer = observe(world, { names, addresses, others, isFit: (release) => fitness.isFit(release) });
  const events: RunEvent[] = [];
  const said: string[] = [];
  const listeners: ((line: string) => void)[] = [];
  const tell = (line: string): void => listeners.forEach((listener) => listener(line));
  let suffixes = suffixesTaken(world);
  const begin = <T>(intent: Command['intent'], options: CommandOptions, act: (session: Session) => Promise<T>): Begun<T> => {
    const process = world.start();
    const { environment = usual, stop = new AbortController().signal } = options;
    const report = (event: RunEvent): void => {
      events.push(event);
      tell(`p${process.number}  ${describeEvent(event)}`);
      options.onEvent?.(event, process);
    };
    const identities = { suffix: () => `r${String((suffixes += 1)).padStart(4, '0')}`, holder: options.holder ?? `test/${suffixes}` };
    const entry: Command = { process: process.number, intent, environment, holder: identities.holder, calm: options.calm === true };
    commands.push(entry);
    const drivers = options.connect?.(process.drivers) ?? process.drivers;
    const say = (line: string): void => {
      said.push(line);
      tell(`p${process.number}  says: ${line}`);
    };
    const session = { environment, drivers, clock: process.clock, stop, report, say, identities };
    return { entry, process, ended: act(session) };
  };
  const command = (intent: Intent = { operation: 'rebuild' }, options: CommandOptions = {}): Promise<Performed | undefined> =>
    endOf(begin(intent, options, (session) => perform(session, intent, { fresh: options.fresh ?? false })), (performed) => ({ performed }));
  return {
    world,
    observer,
    command,
    session: ({ operation, act }, options = {}) => endOf(begin({ operation }, options, act), () => ({ done: true })),
    commands,
    named: () => suffixes,
    events,
    said,
    onTell: (listener) => void listeners.push(listener),
    names,
    addresses,
    fitness,
    others,
    releases: () => releasesIn(world),
    records: () => recordsIn(world),
    publicReleases: () => names.map((name) => releaseOf(world, name)),
  };
}

interface Begun<T> {
  readonly entry: Command;
  readonly process: RunnerProcess;
  readonly ended: Promise<T>;
}

async function endOf<T>({ entry, process, ended: work }: Begun<T>, told: (value: T) => NonNullable<Command['ended']>): Promise<T | undefined> {
  try {
    const ended = await Promise.race([work.then((value) => ({ value })), process.died]);
    entry.ended = ended === undefined ? { killed: true } : told(ended.value);
    return ended?.value;
  } catch (error) {
    entry.ended = { error };
    throw error;
  }
}

/** In a prepared world, names were given before. */
function suffixesTaken({ cluster: { inside } }: SimulatedWorld): number {
  const named = [...inside.store.all(kinds.namespace), ...inside.store.all(kinds.configMap)];
  return Math.max(0, ...named.map(({ metadata }) => Number(/-r(\d{4})$/.exec(metadata.name)?.[1] ?? 0)));
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
