// Record sets: made of single records, normalised, and compared to find what a change has to do. Pure.

import { isIPv4, isIPv6 } from 'node:net';
import type { Answer as ResourceRecord } from 'dns-packet';
import { DriverError } from '../failure.ts';
import type { AddressType, RecordSet, Zone, ZoneChange } from './dns.ts';

export const addressTypes = ['A', 'AAAA', 'CNAME'] as const satisfies readonly AddressType[];

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

function valueOf(type: AddressType, data: string): string {
  return type === 'CNAME' ? absoluteName(data) : data;
}

export function sameRecordSet(left: RecordSet, right: RecordSet): boolean {
  return canonical(left) === canonical(right);
}

export function sameRecordSets(left: readonly RecordSet[], right: readonly RecordSet[]): boolean {
  return left.length === right.length && left.every((set) => right.some((other) => sameRecordSet(set, other)));
}

function canonical({ name, type, ttl, values }: RecordSet): string {
  return [absoluteName(name), type, ttl, ...values.map((value) => value.toLowerCase()).toSorted()].join(' ');
}

/** What has to go and what has to come; what stays as it is is in neither. */
export function differenceOf({ expected, desired }: ZoneChange): { readonly deletions: readonly RecordSet[]; readonly additions: readonly RecordSet[] } {
  return {
    deletions: expected.filter((set) => !desired.some((other) => sameRecordSet(set, other))),
    additions: desired.filter((set) => !expected.some((other) => sameRecordSet(set, other))),
  };
}

/** The same change with normalised names. Rejects 'invalid' for names outside the zone and for values that are none. */
export function changeInZone(zone: Zone, { expected, desired }: ZoneChange): ZoneChange {
  const inZone = (set: RecordSet): RecordSet => ({ ...set, name: nameInZone(zone, set.name) });
  desired.forEach(assertValues);
  return { expected: expected.map(inZone), desired: desired.map(inZone) };
}

export function namesOf({ expected, desired }: ZoneChange): readonly string[] {
  return [...new Set([...expected, ...desired].map(({ name }) => name))];
}

/** Values come from the status of a Service, which others write: nothing but an address or a host name may reach a zone. */
function assertValues({ name, type, values, ttl }: RecordSet): void {
  const isValue = { A: isIPv4, AAAA: isIPv6, CNAME: (value: string) => /^([a-z0-9_]([-a-z0-9_]*[a-z0-9_])?\.)+$/i.test(value) }[type];
  const valid = values.length > 0 && values.every(isValue) && (type !== 'CNAME' || values.length === 1) && Number.isSafeInteger(ttl) && ttl >= 0;
  if (valid) return;
  throw new DriverError({ reason: 'invalid', attempted: `DNS record ${name} ${type}`, detail: `not ${type} values: ${JSON.stringify(values)}, TTL ${ttl}` });
}

/** Rejects 'conflict' unless the zone holds exactly what is expected, TTLs included. */
export function assertExpected(zone: Zone, held: readonly RecordSet[], { expected }: ZoneChange): void {
  if (sameRecordSets(held, expected)) return;
  const detail = `it holds ${describe(held)}, not ${describe(expected)}`;
  throw new DriverError({ reason: 'conflict', attempted: `change of DNS zone ${zone.id}`, detail });
}

function describe(sets: readonly RecordSet[]): string {
  return sets.length === 0 ? 'nothing' : sets.map(({ name, type, ttl, values }) => `${name} ${ttl} ${type} ${values.join(' ')}`).join('; ');
}
