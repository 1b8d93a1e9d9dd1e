// Record sets: made of single records, normalised, and compared to find what a change has to do. Pure.

import { isIPv4, isIPv6 } from 'node:net';
import type { Answer as ResourceRecord } from 'dns-packet';
import { canonicalAddress } from '../../ip-address.ts';
import { DriverError } from '../failure.ts';
import type { AddressType, RecordSet, TextSet, Zone, ZoneChange } from './dns.ts';

export const addressTypes = ['A', 'AAAA', 'CNAME'] as const satisfies readonly AddressType[];

type AnySet = RecordSet | TextSet;

/** Fully qualified, lower case, with the trailing dot. */
export function absoluteName(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith('.') ? lower : `${lower}.`;
}

/** The normalised name. Rejects 'invalid' when it does not lie in the zone: a server would answer for another zone. */
export function nameInZone(zone: Zone, name: string): string {
  const absolute = absoluteName(name);
  if (absolute === zone.origin || absolute.endsWith(`.${zone.origin}`)) return absolute;
  throw new DriverError({ reason: 'invalid', attempted: `DNS name ${name}`, detail: `it does not lie in zone ${zone.origin}` });
}

/** The address record sets of exactly this name. The lowest TTL counts where a server gives several (RFC 2181 section 5.2). */
export function recordSetsOf(name: string, records: readonly ResourceRecord[]): readonly RecordSet[] {
  const owner = absoluteName(name);
  const own = records.filter((record) => absoluteName(record.name) === owner);
  return addressTypes.flatMap((type) => {
    const found = own.flatMap((record) => (record.type === type ? [{ ttl: record.ttl ?? 0, value: valueOf(type, record.data) }] : []));
    if (found.length === 0) return [];
    return [{ name: owner, type, ttl: Math.min(...found.map(({ ttl }) => ttl)), values: found.map(({ value }) => value).toSorted() }];
  });
}

/** The TXT record set of exactly this name; the parts of one text are one text (RFC 7208 section 3.3 reads them so, too). */
export function textSetOf(name: string, records: readonly ResourceRecord[]): TextSet | undefined {
  const owner = absoluteName(name);
  const found = records.flatMap((record) => (record.type === 'TXT' && absoluteName(record.name) === owner ? [{ ttl: record.ttl ?? 0, value: textOf(record.data) }] : []));
  if (found.length === 0) return undefined;
  return { name: owner, type: 'TXT', ttl: Math.min(...found.map(({ ttl }) => ttl)), values: found.map(({ value }) => value).toSorted() };
}

function textOf(data: string | Buffer | readonly (string | Buffer)[]): string {
  const parts = Array.isArray(data) ? (data as readonly (string | Buffer)[]) : [data as string | Buffer];
  return parts.map((part) => part.toString()).join('');
}

function valueOf(type: AddressType, data: string): string {
  return type === 'CNAME' ? absoluteName(data) : canonicalAddress(data);
}

export function sameRecordSet(left: AnySet, right: AnySet): boolean {
  return canonical(left) === canonical(right);
}

export function sameRecordSets(left: readonly AnySet[], right: readonly AnySet[]): boolean {
  return left.length === right.length && left.every((set) => right.some((other) => sameRecordSet(set, other)));
}

function canonical({ name, type, ttl, values }: AnySet): string {
  const comparable = type === 'TXT' ? values : values.map((value) => value.toLowerCase());
  return JSON.stringify([absoluteName(name), type, ttl, ...comparable.toSorted()]);
}

/** What has to go and what has to come; what stays as it is is in neither. */
export function differenceOf({ expected, desired }: ZoneChange): { readonly deletions: readonly AnySet[]; readonly additions: readonly AnySet[] } {
  return {
    deletions: expected.filter((set) => !desired.some((other) => sameRecordSet(set, other))),
    additions: desired.filter((set) => !expected.some((other) => sameRecordSet(set, other))),
  };
}

/** The same change with normalised names. Rejects 'invalid' for names outside the zone and for values that are none. */
export function changeInZone(zone: Zone, { expected, desired }: ZoneChange): ZoneChange {
  const inZone = (set: AnySet): AnySet => ({ ...set, name: nameInZone(zone, set.name) });
  [...expected, ...desired].forEach(assertValues);
  return { expected: expected.map(inZone), desired: desired.map(inZone) };
}

/** Each name of a change once. */
export function namesOf({ expected, desired }: ZoneChange): { readonly addresses: readonly string[]; readonly texts: readonly string[] } {
  const [texts, addresses] = [true, false].map((wanted) => [...expected, ...desired].filter(({ type }) => (type === 'TXT') === wanted).map(({ name }) => name));
  return { addresses: [...new Set(addresses)], texts: [...new Set(texts)] };
}

/** What the zone holds now of the names of a change. */
export async function heldOf(change: ZoneChange, read: Readers): Promise<readonly AnySet[]> {
  const { addresses, texts } = namesOf(change);
  const held = await Promise.all([...addresses.map(read.addresses), ...texts.map(async (name) => [await read.text(name)])]);
  return held.flat().filter((set) => set !== undefined);
}

export interface Readers {
  readonly addresses: (name: string) => Promise<readonly RecordSet[]>;
  readonly text: (name: string) => Promise<TextSet | undefined>;
}

const validValue: Readonly<Record<AnySet['type'], (value: string) => boolean>> = {
  A: isIPv4,
  AAAA: isIPv6,
  CNAME: (value) => /^([a-z0-9_]([-a-z0-9_]*[a-z0-9_])?\.)+$/i.test(value),
  // Nothing that ends a quoted text, or a line.
  TXT: (value) => /^[-A-Za-z0-9 =._]{1,255}$/.test(value),
};

/** Values come from the status of a Service, or from the zone, which others write: nothing but what it should be may get into a change. */
function assertValues({ name, type, values, ttl }: AnySet): void {
  const isValue = validValue[type];
  const valid = values.length > 0 && values.every(isValue) && (type !== 'CNAME' || values.length === 1) && Number.isSafeInteger(ttl) && ttl >= 0;
  if (valid) return;
  throw new DriverError({ reason: 'invalid', attempted: `DNS record ${name} ${type}`, detail: `not ${type} values: ${JSON.stringify(values)}, TTL ${ttl}` });
}

/** Rejects 'conflict' unless the zone holds exactly what is expected, TTLs included. */
export function assertExpected(zone: Zone, held: readonly AnySet[], { expected }: ZoneChange): void {
  if (sameRecordSets(held, expected)) return;
  const detail = `it holds ${describe(held)}, not ${describe(expected)}`;
  throw new DriverError({ reason: 'conflict', attempted: `change of DNS zone ${zone.id}`, detail });
}

function describe(sets: readonly AnySet[]): string {
  return sets.length === 0 ? 'nothing' : sets.map(({ name, type, ttl, values }) => `${name} ${ttl} ${type} ${values.join(' ')}`).join('; ');
}
