// The public behind caching resolvers: whoever may still hold an answer that some server gave, must still be answered there.
// Asks nothing itself, and makes no time pass: all clients that there could be are judged at once, after every event.

import { kinds } from '../src/drivers/cluster/objects.ts';
import type { RecordSet } from '../src/drivers/dns/dns.ts';
import type { AddressBook } from './invariants/addresses.ts';
import { isAiling, isReachable } from './http.ts';
import type { SimulatedWorld } from './world.ts';

/** How long a client goes on with an answer after a server gave it for the last time. */
export interface ClientKind {
  readonly name: string;
  readonly holdsMs: (ttlMs: number) => number;
}

export const obeying: ClientKind = { name: 'a client that obeys the TTL', holdsMs: (ttlMs) => ttlMs };

/** Resolvers with a least TTL of their own, and those that count it twice because they stand behind one another. */
export function stretching(times: number): ClientKind {
  return { name: `a client that stretches the TTL ${times} times`, holdsMs: (ttlMs) => ttlMs * times };
}

/** As programs do that resolve once, when they start. */
export function ignoring(forMs: number): ClientKind {
  return { name: `a client that ignores the TTL for ${forMs / 1_000} s`, holdsMs: () => forMs };
}

/** Connects to what it resolved in time, and then keeps the connection. */
export function keepingAlive(idleMs: number): ClientKind {
  return { name: `a client that keeps its connections for ${idleMs / 1_000} s`, holdsMs: (ttlMs) => ttlMs + idleMs };
}

/** Whom a drain waits for: until the last answer has expired, and then for its soak, in which connections and resolvers may linger. */
export function lingering(soakMs: () => number): ClientKind {
  return { name: 'a client that stretches the TTL, or keeps its connections, for no longer than the soak', holdsMs: (ttlMs) => ttlMs + soakMs() };
}

export interface Trouble {
  readonly at: number;
  readonly client: string;
  readonly name: string;
  /** What it holds: an address or a host name. */
  readonly value: string;
  readonly problem: string;
}

export interface ClientsOptions {
  readonly names: readonly string[];
  readonly clients: readonly ClientKind[];
  readonly addresses: AddressBook;
  /** Whether what becomes of this answer is somebody else's doing. */
  readonly isExcused?: (name: string, value: string) => boolean;
  readonly onTrouble: (trouble: Trouble) => void;
}

interface Given {
  readonly name: string;
  readonly value: string;
  readonly ttlMs: number;
  /** When a server gave it for the last time; undefined while one does. */
  until: number | undefined;
  /** Nobody can miss what never was there. */
  hasAnswered: boolean;
  readonly told: Set<string>;
}

const decisive: readonly string[] = [kinds.service.kind, kinds.pod.kind, kinds.namespace.kind];

export function watchClients(world: SimulatedWorld, options: ClientsOptions): void {
  const given = new Map<string, Given>();

  function hear(): void {
    const now = new Set<string>();
    for (const name of options.names) {
      for (const { records } of world.dns.served(name)) for (const answer of answersIn(name, records)) now.add(enter(answer));
    }
    for (const [key, answer] of given) answer.until = now.has(key) ? undefined : (answer.until ?? world.clock.now());
  }

  function enter(answer: Pick<Given, 'name' | 'value' | 'ttlMs'>): string {
    const key = `${answer.name} ${answer.value} ${answer.ttlMs}`;
    if (!given.has(key)) given.set(key, { ...answer, until: undefined, hasAnswered: false, told: new Set() });
    return key;
  }

  function judge(): void {
    for (const [key, answer] of given) {
      const held = options.clients.filter(({ holdsMs }) => answer.until === undefined || world.clock.now() < answer.until + holdsMs(answer.ttlMs));
      if (held.length === 0) given.delete(key);
      else meet(answer, held);
    }
  }

  function meet(answer: Given, clients: readonly ClientKind[]): void {
    const { name, value } = answer;
    const problem = problemAt(world, options.addresses, value);
    if (problem === undefined) {
      answer.hasAnswered = true;
      answer.told.clear();
      return;
    }
    if (!answer.hasAnswered || options.isExcused?.(name, value) === true) return;
    for (const client of clients.filter((kind) => !answer.told.has(kind.name))) {
      answer.told.add(client.name);
      options.onTrouble({ at: world.clock.now(), client: client.name, name, value, problem });
    }
  }

  const look = (): void => {
    hear();
    judge();
  };
  world.dns.onChange(look);
  world.cluster.inside.store.subscribe(({ kind }) => {
    if (decisive.includes(kind.kind)) judge();
  });
  look();
}

function answersIn(name: string, records: readonly RecordSet[]): readonly Pick<Given, 'name' | 'value' | 'ttlMs'>[] {
  return records.flatMap(({ values, ttl }) => values.map((value) => ({ name, value, ttlMs: ttl * 1_000 })));
}

function problemAt(world: SimulatedWorld, addresses: AddressBook, value: string): string | undefined {
  const service = addresses.serviceAt(value);
  if (service === undefined) return `${value} leads nowhere any more`;
  const { inside } = world.cluster;
  return isReachable(inside, service) || isAiling(inside, service) ? undefined : `${value} does not answer any more`;
}
