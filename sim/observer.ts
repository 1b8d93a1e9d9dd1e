// Watches the simulated public: after every event, every managed name must lead to one release that answers (invariant I1).

import type { RecordSet } from '../src/drivers/dns/dns.ts';
import { addressesOf, isReachable } from './http.ts';
import { kinds, type KubernetesObject } from '../src/drivers/cluster/objects.ts';
import type { SimulatedWorld } from './world.ts';

export interface Violation {
  readonly at: number;
  readonly name: string;
  readonly server: string;
  /** What the public met instead of an answer. */
  readonly problem: string;
  /** The last requests before it, oldest first. */
  readonly story: readonly string[];
}

export interface Observer {
  readonly violations: readonly Violation[];
  /** Looks now, as it does after every event by itself. */
  look(): void;
}

export interface ObserverOptions {
  /** Fully qualified, lower case, with the trailing dot. */
  readonly names: readonly string[];
  /** Says whether a release may serve the public (loaded and verified). Default: any that answers. */
  readonly isFit?: (namespace: string) => boolean;
}

const storyLength = 12;

/** A name that was never there is no violation until it has answered once: before a first rebuild there is no public. */
export function observe(world: SimulatedWorld, { names, isFit = () => true }: ObserverOptions): Observer {
  const violations: Violation[] = [];
  const hasAnswered = new Set<string>();
  const broken = new Map<string, string>();

  function look(): void {
    for (const name of names) for (const { server, records } of world.dns.served(name)) judge(name, server.name, records);
  }

  function judge(name: string, server: string, records: readonly RecordSet[]): void {
    const key = `${name} at ${server}`;
    const problem = problemOf(world, records, isFit);
    if (problem === undefined) {
      hasAnswered.add(key);
      broken.delete(key);
      return;
    }
    // One story for each thing that goes wrong, not one for every event while it lasts.
    if (!hasAnswered.has(key) || broken.get(key) === problem) return;
    broken.set(key, problem);
    const story = world.requests.slice(-storyLength).map(({ process, at, text }) => `${new Date(at).toISOString()} process ${process}: ${text}`);
    violations.push({ at: world.clock.now(), name, server, problem, story });
  }

  world.dns.onChange(look);
  world.cluster.inside.store.subscribe(look);
  // Names that work when it begins to look have a public from then on.
  look();
  return { violations, look };
}

function problemOf(world: SimulatedWorld, records: readonly RecordSet[], isFit: (namespace: string) => boolean): string | undefined {
  const values = records.flatMap((set) => set.values);
  if (values.length === 0) return 'there is no such name';
  const services = values.map((value) => ({ value, service: serviceOf(world, value) }));
  const lost = services.find(({ service }) => service === undefined);
  if (lost !== undefined) return `${lost.value} belongs to nothing`;
  const found = services.flatMap(({ service }) => service ?? []);
  const releases = [...new Set(found.map(({ metadata }) => metadata.namespace ?? ''))];
  if (releases.length > 1) return `it points to ${releases.join(' and ')} at once`;
  const [release = ''] = releases;
  if (!isFit(release)) return `${release} is not fit for the public`;
  const silent = found.find((service) => !isReachable(world.cluster.inside, service));
  return silent === undefined ? undefined : `Service ${silent.metadata.name} of ${release} does not answer`;
}

function serviceOf(world: SimulatedWorld, value: string): KubernetesObject | undefined {
  const address = value.replace(/\.$/, '');
  return world.cluster.inside.store.all(kinds.service).find((service) => addressesOf(service).includes(address));
}
