// Zones in memory: a provider that compares and swaps, and authoritative servers that follow it at their own pace.

import { isDeepStrictEqual } from 'node:util';
import type { AddressType, Answer, DnsProvider, RecordSet, Resolver, Server, TextSet, TouchedNames, Zone, ZoneChange } from '../src/drivers/dns/dns.ts';
import { changeInZone } from '../src/drivers/dns/record-sets.ts';
import { DriverError, type FailureReason } from '../src/drivers/failure.ts';
import type { VirtualClock } from './clock.ts';

export interface ZoneScenario {
  readonly id: string;
  /** `example.org.` */
  readonly origin: string;
  /** How far each authoritative server is behind. Default: a primary, and a secondary that is a second behind. */
  readonly lagsMs?: readonly number[];
  readonly records?: readonly RecordSet[];
  /** The account may read the zone only. */
  readonly readOnly?: boolean;
  /** The account may change addresses, and no texts. */
  readonly addressesOnly?: boolean;
  readonly texts?: readonly TextSet[];
}

interface HeldZone {
  readonly zone: Zone;
  readonly scenario: ZoneScenario;
  /** What the provider holds, by name. Replaced as a whole with every change. */
  data: ZoneData;
  /** Apart from the addresses: what the public gets does not depend on them. */
  texts: ReadonlyMap<string, TextSet>;
  /** What each server serves, by its address. */
  readonly served: Map<string, ZoneData>;
  /** What the provider held, each until a moment. */
  readonly past: (Pick<HeldZone, 'data' | 'texts'> & { readonly until: number })[];
}

/** By zone. */
export type ZoneContents = ReadonlyMap<string, Required<Pick<ZoneScenario, 'records' | 'texts'>>>;

type ZoneData = ReadonlyMap<string, readonly RecordSet[]>;

export class SimulatedDns {
  readonly #clock: VirtualClock;
  readonly #zones: readonly HeldZone[];
  readonly #silent = new Set<string>();
  readonly #frozen = new Set<string>();
  readonly #listeners = new Set<() => void>();

  constructor(clock: VirtualClock, zones: readonly ZoneScenario[]) {
    this.#clock = clock;
    this.#zones = zones.map(hold);
  }

  readonly provider: DnsProvider = {
    zone: async (id) => {
      const found = this.#zones.find(({ zone }) => zone.id === id);
      if (found === undefined) throw refused('notFound', `reading the zone ${id}`, 'there is no such zone');
      return found.zone;
    },
    read: async (zone, name) => sorted(this.#held(zone).data.get(inZone(zone, name)) ?? []),
    readText: async (zone, name) => this.#held(zone).texts.get(inZone(zone, name)),
    writable: async (zone, names) => {
      const problem = refusal(this.#held(zone).scenario, names);
      return problem === undefined ? { ok: true } : { ok: false, reason: problem };
    },
    change: async (zone, change) => this.#change(zone, changeInZone(zone, change)),
  };

  readonly resolver: Resolver = {
    query: async (server, name, type) => {
      const attempted = `asking ${server.name} for ${type} ${name}`;
      if (this.#silent.has(server.address) || server.port !== 53) throw refused('timeout', attempted, 'no answer');
      const held = this.#zones.find(({ served }) => served.has(server.address));
      const data = held?.served.get(server.address);
      if (held === undefined || data === undefined || !isWithin(held.zone, name.toLowerCase())) throw refused('forbidden', attempted, 'REFUSED');
      return answer(data, name.toLowerCase(), type);
    },
  };

  /** What somebody else writes past us: the record sets of one name, from now on. */
  edit(zoneId: string, name: string, sets: readonly RecordSet[]): void {
    const held = this.#zones.find(({ zone }) => zone.id === zoneId);
    if (held === undefined) throw new Error(`the scenario has no zone ${zoneId}`);
    this.#remember(held);
    this.#store(held, new Map([[name, sets]]));
  }

  /** The server, by its name, answers nobody any more; or again. */
  silence(serverName: string, options: { readonly silent: boolean } = { silent: true }): void {
    const { server } = this.#server(serverName);
    if (options.silent) this.#silent.add(server.address);
    else this.#silent.delete(server.address);
  }

  /** The server, by its name, serves what it serves now, whatever the provider holds; or follows it again. */
  freeze(serverName: string, options: { readonly frozen: boolean } = { frozen: true }): void {
    const { server, held } = this.#server(serverName);
    if (options.frozen) this.#frozen.add(server.address);
    else this.#frozen.delete(server.address);
    this.#serve(held, server);
  }

  /** What each server answers for the name now, whether or not it can be reached: for the observer, not for the runner. */
  served(name: string): readonly { readonly server: Server; readonly records: readonly RecordSet[] }[] {
    const zones = this.#zones.filter(({ zone }) => isWithin(zone, name));
    return zones.flatMap(({ zone, served }) => zone.servers.map((server) => ({ server, records: served.get(server.address)?.get(name) ?? [] })));
  }

  /** What the provider holds for the name now: for whoever checks, not for the runner. */
  held(name: string): readonly RecordSet[] {
    return this.#zones.find(({ zone }) => isWithin(zone, name))?.data.get(name) ?? [];
  }

  /** The texts of all zones, by name: for whoever checks, not for the runner. */
  texts(): Readonly<Record<string, readonly string[]>> {
    return Object.fromEntries(this.#zones.flatMap(({ texts }) => [...texts.values()].map(({ name, values }) => [name, values])));
  }

  /** What somebody else writes past us: the texts of one name, or none any more. */
  editText(zoneId: string, name: string, values: readonly string[]): void {
    const held = this.#zones.find(({ zone }) => zone.id === zoneId);
    if (held === undefined) throw new Error(`the scenario has no zone ${zoneId}`);
    this.#remember(held);
    held.texts = withTexts(held.texts, new Map([[name, values.length === 0 ? undefined : { name, type: 'TXT', ttl: 60, values }]]));
  }

  /** All that the providers hold, by zone. */
  contents(): ZoneContents {
    return new Map(this.#zones.map(({ zone, data, texts }) => [zone.id, { records: [...data.values()].flat(), texts: [...texts.values()] }]));
  }

  /** What `read`, which must read at once, finds at the providers as of so long ago. */
  asOf<T>(agoMs: number, read: () => T): T {
    const present = this.#zones.map(({ data, texts }) => ({ data, texts }));
    for (const held of this.#zones) Object.assign(held, pick(held.past.find(({ until }) => until > this.#clock.now() - agoMs) ?? held));
    try {
      return read();
    } finally {
      this.#zones.forEach((held, index) => Object.assign(held, present[index]));
    }
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  #change(zone: Zone, { expected, desired }: ZoneChange): void {
    const held = this.#held(zone);
    const attempted = `changing the zone ${zone.id}`;
    const [before, after] = [split(expected), split(desired)];
    const names = new Set([...before.addresses, ...after.addresses].map(({ name }) => inZone(zone, name)));
    const texts = new Set([...before.texts, ...after.texts].map(({ name }) => inZone(zone, name)));
    if (refusal(held.scenario, { addresses: [...names], texts: [...texts] }) !== undefined) throw refused('forbidden', attempted, 'REFUSED');
    for (const name of names) {
      const present = held.data.get(name) ?? [];
      if (!isDeepStrictEqual(sorted(present), sorted(before.addresses.filter((set) => set.name === name)))) throw refused('conflict', attempted, `${name} is not as it was`);
    }
    for (const name of texts) {
      const wanted = before.texts.find((set) => set.name === name);
      if (!isDeepStrictEqual(held.texts.get(name), wanted)) throw refused('conflict', attempted, `the text of ${name} is not as it was`);
    }
    this.#remember(held);
    held.texts = withTexts(held.texts, new Map([...texts].map((name) => [name, after.texts.find((set) => set.name === name)])));
    this.#store(held, new Map([...names].map((name) => [name, after.addresses.filter((set) => set.name === name)])));
  }

  #store(held: HeldZone, changes: ZoneData): void {
    held.data = new Map([...new Map([...held.data, ...changes])].filter(([, sets]) => sets.length > 0));
    const { data } = held;
    held.zone.servers.forEach((server, index) => {
      const lagMs = lagsOf(held.scenario)[index] ?? 0;
      if (lagMs === 0) this.#serve(held, server);
      else this.#clock.after(lagMs, () => this.#serve({ ...held, data }, server));
    });
  }

  #serve({ served, data }: HeldZone, { address }: Server): void {
    if (this.#frozen.has(address)) return;
    served.set(address, data);
    for (const listener of this.#listeners) listener();
  }

  #remember({ past, data, texts }: HeldZone): void {
    past.push({ until: this.#clock.now(), data, texts });
  }

  #server(name: string): { readonly server: Server; readonly held: HeldZone } {
    const found = this.#zones.flatMap((held) => held.zone.servers.map((server) => ({ server, held }))).find(({ server }) => server.name === name);
    if (found === undefined) throw new Error(`the scenario has no server ${name}`);
    return found;
  }

  #held(zone: Zone): HeldZone {
    const found = this.#zones.find((held) => held.zone.id === zone.id);
    if (found === undefined) throw refused('notFound', `reading the zone ${zone.id}`, 'there is no such zone');
    return found;
  }
}

function pick({ data, texts }: Pick<HeldZone, 'data' | 'texts'>): Pick<HeldZone, 'data' | 'texts'> {
  return { data, texts };
}

function lagsOf({ lagsMs = [0, 1_000] }: ZoneScenario): readonly number[] {
  return lagsMs;
}

function hold(scenario: ZoneScenario, index: number): HeldZone {
  const { id, origin, records = [], texts = [] } = scenario;
  const servers = lagsOf(scenario).map((_, server) => ({ name: `ns${server + 1}.${origin}`, address: `192.0.2.${index * 16 + server + 1}`, port: 53 }));
  const names = new Set(records.map(({ name }) => name));
  const data = new Map([...names].map((name) => [name, records.filter((set) => set.name === name)]));
  return { zone: { id, origin, servers }, scenario, data, texts: new Map(texts.map((set) => [set.name, set])), served: new Map(servers.map(({ address }) => [address, data])), past: [] };
}

function split(sets: ZoneChange['expected']): { readonly addresses: readonly RecordSet[]; readonly texts: readonly TextSet[] } {
  return { addresses: sets.flatMap((set) => (set.type === 'TXT' ? [] : [set as RecordSet])), texts: sets.flatMap((set) => (set.type === 'TXT' ? [set as TextSet] : [])) };
}

function withTexts(present: ReadonlyMap<string, TextSet>, changes: ReadonlyMap<string, TextSet | undefined>): ReadonlyMap<string, TextSet> {
  return new Map([...present, ...changes].flatMap(([name, set]) => (set === undefined || (changes.has(name) && changes.get(name) !== set) ? [] : [[name, set]])));
}

function refusal({ readOnly, addressesOnly }: ZoneScenario, names: TouchedNames | undefined): string | undefined {
  if (readOnly === true) return 'the account may not change this zone';
  return addressesOnly === true && (names?.texts.length ?? 0) > 0 ? 'the account may not change texts in this zone' : undefined;
}

function answer(data: ZoneData, name: string, type: AddressType): Answer {
  const sets = data.get(name) ?? [];
  const records = sets.filter((set) => set.type === type || set.type === 'CNAME');
  if (records.length > 0) return { kind: 'answer', records: sorted(records) };
  // RFC 8020: a name exists, without data, when there is anything below it.
  const exists = sets.length > 0 || [...data.keys()].some((other) => other.endsWith(`.${name}`));
  return { kind: exists ? 'noData' : 'noSuchName' };
}

function sorted(sets: readonly RecordSet[]): readonly RecordSet[] {
  return sets.map((set) => ({ ...set, values: set.values.toSorted() })).toSorted((left, right) => (left.type < right.type ? -1 : 1));
}

function inZone(zone: Zone, name: string): string {
  const lower = name.toLowerCase();
  if (!isWithin(zone, lower)) throw refused('invalid', `using ${name}`, `it is not in the zone ${zone.origin}`);
  return lower;
}

function isWithin({ origin }: Zone, name: string): boolean {
  return name === origin || name.endsWith(`.${origin}`);
}

function refused(reason: FailureReason, attempted: string, detail: string): DriverError {
  return new DriverError({ reason, attempted, detail });
}
