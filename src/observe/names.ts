// What every public name is now: in the provider's data, and on every authoritative server.

import type { DnsName } from '../config/sections/dns.ts';
import { DriverError } from '../drivers/failure.ts';
import type { RecordSet, Resolver, Server, Zone } from '../drivers/dns/dns.ts';
import type { PlanningDrivers, ReadOnlyDrivers } from '../drivers/drivers.ts';
import type { ObservedName } from '../plan/observed.ts';
import { heldOwner, ownerName, type HeldOwner } from '../plan/owners.ts';
import { describeRecords, sameAnswers } from '../plan/records.ts';
import { retry } from '../run/retry.ts';
import type { ObserveOptions } from './observe.ts';

type NameOptions = Pick<ObserveOptions, 'environment' | 'clock' | 'signal'> & { readonly drivers: Pick<ReadOnlyDrivers, 'dns' | 'resolver'> };

/** Whether the zones are asked if they would take a change: only who is to make one needs to know, and has what can be asked. */
export type ReadNames = NameOptions & ({ readonly forChange: false } | { readonly forChange: true; readonly drivers: Pick<PlanningDrivers, 'dns' | 'resolver'> });

export async function observeNames(options: ReadNames): Promise<readonly ObservedName[]> {
  const { environment } = options;
  const ids = [...new Set(environment.dns.map(({ zone }) => zone))];
  const zones = new Map(await Promise.all(ids.map(async (id) => [id, await observeZone(id, options)] as const)));
  return Promise.all(environment.dns.map((name) => observeName(name, zones.get(name.zone), options)));
}

interface ObservedZone {
  readonly zone: Zone | undefined;
  readonly problems: readonly string[];
}

async function observeZone(id: string, options: ReadNames): Promise<ObservedZone> {
  const names = options.environment.dns.filter(({ zone }) => zone === id).map(({ name }) => name);
  try {
    const zone = await retry(() => options.drivers.dns.zone(id), options);
    if (!options.forChange) return { zone, problems: [] };
    return { zone, problems: await writeProblems(zone, names, { ...options, drivers: options.drivers }) };
  } catch (error) {
    return { zone: undefined, problems: [`zone ${id}: ${reasonOf(error)}`] };
  }
}

type ChangeOptions = NameOptions & { readonly drivers: Pick<PlanningDrivers, 'dns'> };

/** An account that may change addresses, and no texts, is told apart: without owner records it would do. */
async function writeProblems(zone: Zone, names: readonly string[], options: ChangeOptions): Promise<readonly string[]> {
  const { environment: { swap }, drivers: { dns } } = options;
  const texts = swap.ownerRecords ? names.map(ownerName) : [];
  const all = await retry(() => dns.writable(zone, { addresses: names, texts }), options);
  if (all.ok) return [];
  const isAboutTexts = texts.length > 0 && (await retry(() => dns.writable(zone, { addresses: names, texts: [] }), options)).ok;
  if (!isAboutTexts) return [`zone ${zone.id} cannot be written: ${all.reason}`];
  return [`zone ${zone.id}: the owner records (TXT ${texts.join(', ')}) cannot be written: ${all.reason}; allow it, or set swap.ownerRecords: false`];
}

async function observeName(wanted: DnsName, found: ObservedZone | undefined, options: NameOptions): Promise<ObservedName> {
  const { zone, name, service, ttl } = wanted;
  const base = { zone, name, service, ttl, foundZone: found?.zone };
  if (found?.zone === undefined) return { ...base, records: undefined, problems: found?.problems ?? [] };
  const provided = found.zone;
  try {
    const [records, owner] = await Promise.all([retry(() => options.drivers.dns.read(provided, name), options), observeOwner(provided, name, options)]);
    const answers = await Promise.all(provided.servers.map((server) => disagreement(server, { name, records, options })));
    return { ...base, records, owner, problems: [...found.problems, ...answers.filter((problem) => problem !== undefined)] };
  } catch (error) {
    return { ...base, records: undefined, problems: [...found.problems, `${name}: ${reasonOf(error)}`] };
  }
}

async function observeOwner(zone: Zone, name: string, options: NameOptions): Promise<HeldOwner | undefined> {
  const { environment: { swap }, drivers: { dns } } = options;
  return swap.ownerRecords ? heldOwner(name, await retry(() => dns.readText(zone, ownerName(name)), options)) : undefined;
}

interface Expectation {
  readonly name: string;
  readonly records: readonly RecordSet[];
  readonly options: NameOptions;
}

/** What one server says differently from the provider's data, or why it does not answer. */
async function disagreement(server: Server, { name, records, options }: Expectation): Promise<string | undefined> {
  try {
    const served = await retry(() => servedRecords(options.drivers.resolver, server, name), { ...options, attempts: 3 });
    if (sameAnswers(served, records)) return undefined;
    return `${server.name} (${server.address}) answers ${describeRecords(served)} for ${name}, but the zone holds ${describeRecords(records)}`;
  } catch (error) {
    return `${server.name} (${server.address}) does not answer for ${name}: ${reasonOf(error)}`;
  }
}

/** All address record sets of exactly this name, as one server serves them. Rejects when one of the questions fails. */
export async function servedRecords(resolver: Resolver, server: Server, name: string): Promise<readonly RecordSet[]> {
  const answers = await Promise.all((['A', 'AAAA', 'CNAME'] as const).map((type) => resolver.query(server, name, type)));
  const sets = answers.flatMap((answer) => (answer.kind === 'answer' ? answer.records : []));
  const own = sets.filter((set) => set.name === name);
  // An alias is the answer to all three questions; count it once.
  return own.filter((set, index) => own.findIndex((other) => other.type === set.type) === index);
}

function reasonOf(error: unknown): string {
  return error instanceof DriverError ? error.message : String(error);
}
