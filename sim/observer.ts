// Watches the simulated public: after every event, every managed name must lead to one release that answers (invariant I1).

import type { RecordSet } from '../src/drivers/dns/dns.ts';
import { kinds } from '../src/drivers/cluster/objects.ts';
import { isAiling, isReachable } from './http.ts';
import { AddressBook } from './invariants/addresses.ts';
import { Others } from './others.ts';
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
  /** Called with each violation, from now on. */
  onViolation(listener: (violation: Violation) => void): void;
}

export interface ObserverOptions {
  /** Fully qualified, lower case, with the trailing dot. */
  readonly names: readonly string[];
  /** Says whether a release may serve the public (loaded and verified). Default: any that answers. */
  readonly isFit?: (namespace: string) => boolean;
  readonly addresses?: AddressBook;
  /** Whose doings are no violations of ours. */
  readonly others?: Others;
}

/** The last requests, oldest first: what led to what was found. */
export function storyOf({ requests }: SimulatedWorld): readonly string[] {
  return requests.slice(-storyLength).map(({ process, at, text }) => `${new Date(at).toISOString()} process ${process}: ${text}`);
}

const storyLength = 12;

/** What the public's answers depend on. */
const decisive: readonly string[] = [kinds.service.kind, kinds.pod.kind, kinds.namespace.kind];

/** A name that was never there is no violation until it has answered once: before a first rebuild there is no public. */
export function observe(world: SimulatedWorld, options: ObserverOptions): Observer {
  const { names, addresses = new AddressBook(world.cluster.inside.store), isFit = () => true, others = new Others() } = options;
  const judged = { world, addresses, isFit, others };
  const violations: Violation[] = [];
  const listeners: ((violation: Violation) => void)[] = [];
  const hasAnswered = new Set<string>();
  const broken = new Map<string, string>();

  function look(): void {
    for (const name of names) for (const { server, records } of world.dns.served(name)) judge(name, server.name, records);
  }

  function judge(name: string, server: string, records: readonly RecordSet[]): void {
    const key = `${name} at ${server}`;
    if (others.wrote(name, records)) return;
    const problem = problemOf(records, judged);
    if (problem === undefined) {
      hasAnswered.add(key);
      broken.delete(key);
      return;
    }
    // One story for each thing that goes wrong, not one for every event while it lasts.
    if (!hasAnswered.has(key) || broken.get(key) === problem) return;
    broken.set(key, problem);
    const violation = { at: world.clock.now(), name, server, problem, story: storyOf(world) };
    violations.push(violation);
    for (const listener of listeners) listener(violation);
  }

  world.dns.onChange(look);
  world.cluster.inside.store.subscribe(({ kind }) => {
    if (decisive.includes(kind.kind)) look();
  });
  // Names that work when it begins to look have a public from then on.
  look();
  return { violations, look, onViolation: (listener) => void listeners.push(listener) };
}

interface Judged extends Required<Pick<ObserverOptions, 'addresses' | 'isFit' | 'others'>> {
  readonly world: SimulatedWorld;
}

function problemOf(records: readonly RecordSet[], { world, addresses, isFit, others }: Judged): string | undefined {
  const values = records.flatMap((set) => set.values);
  if (values.length === 0) return 'there is no such name';
  const owners = values.map((value) => ({ value, service: addresses.serviceAt(value) }));
  const lost = owners.find(({ service, value }) => service === undefined && !others.hasDisturbed(addresses.releaseOf(value) ?? ''));
  if (lost !== undefined) return `${lost.value} belongs to nothing`;
  const found = owners.flatMap(({ service }) => service ?? []);
  const releases = [...new Set(found.map(({ metadata }) => metadata.namespace ?? ''))];
  if (releases.length > 1) return `it points to ${releases.join(' and ')} at once`;
  const [release = ''] = releases;
  if (others.hasDisturbed(release)) return undefined;
  if (!isFit(release)) return `${release} is not fit for the public`;
  const { inside } = world.cluster;
  const silent = found.find((service) => !isReachable(inside, service) && !isAiling(inside, service));
  return silent === undefined ? undefined : `Service ${silent.metadata.name} of ${release} does not answer`;
}
