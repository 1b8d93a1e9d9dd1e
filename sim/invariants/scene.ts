// What an invariant gets to see: the world and everything that passed, never more than an onlooker could know. Decides nothing.

import type { RunRecord } from '../../src/run/record.ts';
import type { RecordSet, ZoneChange } from '../../src/drivers/dns/dns.ts';
import type { Production } from '../production.ts';
import type { SimulatedRequest, Traffic } from '../requests.ts';
import type { Locks } from './locks.ts';
import type { Records } from './records.ts';

export type InvariantName = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8' | 'I9' | 'L1';

export interface Violation {
  readonly invariant: InvariantName;
  readonly at: number;
  readonly problem: string;
  /** The last requests before it, oldest first. */
  readonly story: readonly string[];
}

export interface WatchOptions {
  /** Texts that must not leave the process but on their way to where they belong. */
  readonly secrets?: readonly string[];
  /** Of a calm command, by its operation; default: not looked at. */
  readonly mostRequests?: (operation: string) => number;
}

export interface Scene extends WatchOptions {
  readonly production: Production;
  readonly locks: Locks;
  readonly records: Records;
  violate(problem: string): void;
  /** A client to whom nothing is promised met no answer: once more. */
  letDown(client: string): void;
}

/** Watches from now on; what is returned looks once more at the end. */
export type Invariant = (scene: Scene) => (() => void) | undefined;

/** How many, without the looks at a lock: those say how long a dead holder's lease lasts, and not how much there is to do. */
export function counted(requests: readonly SimulatedRequest[]): number {
  return requests.filter(({ text }) => !text.startsWith('cluster.get Lease ')).length;
}

/** A request of a name, as it takes effect. */
export function isRequest(request: SimulatedRequest, driver: string, ...methods: readonly string[]): boolean {
  return request.driver === driver && methods.includes(request.method);
}

export function succeeded({ outcome }: Traffic): boolean {
  return outcome !== undefined && 'value' in outcome;
}

/** The releases that any answer for a managed name leads to now: in the provider's data, and on every server. */
export function namedReleases({ world, names, addresses }: Production): ReadonlySet<string> {
  const sets = names.flatMap((name) => [...world.dns.held(name), ...world.dns.served(name).flatMap(({ records }) => records)]);
  return new Set(sets.flatMap((set) => set.values).flatMap((value) => addresses.releaseOf(value) ?? []));
}

/** A run has led the public away from it, and was to delete it; and no later one has led the public back there. */
export function isToBeRetired(release: string, records: readonly RunRecord[]): boolean {
  const since = records.findLastIndex((record) => {
    const { previous, deletePrevious } = planOf(record) ?? {};
    return deletePrevious === true && previous?.name === release && record.steps.some(({ name, startedAt }) => name === 'retirePrevious' && startedAt !== undefined);
  });
  return since !== -1 && !records.slice(since + 1).some((later) => planOf(later)?.candidate === release);
}

/** Addresses, and whatever else a change of a zone may hold. */
export type AnySet = ZoneChange['desired'][number];

export function same(left: readonly AnySet[], right: readonly AnySet[]): boolean {
  return text(left) === text(right);
}

function text(sets: readonly AnySet[]): string {
  return sets.map(({ name, type, ttl, values }) => [name, type, ttl, ...values.toSorted()].join(' ')).toSorted().join('\n');
}

/** The plan, as far as the invariants look at it. */
export interface PlanSeen {
  readonly operation: string;
  readonly candidate: string;
  readonly previous?: { readonly name: string };
  readonly createsCandidate: boolean;
  readonly deletePrevious: boolean;
  readonly leftovers: readonly { readonly name: string }[];
  readonly names: readonly { readonly name: string; readonly service: string; readonly before: readonly RecordSet[] }[];
}

export function planOf(record: RunRecord | undefined): PlanSeen | undefined {
  return record?.plan as unknown as PlanSeen | undefined;
}
