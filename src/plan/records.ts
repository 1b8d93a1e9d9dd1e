// Comparing record sets, and making the ones that shall be. Pure.

import type { RecordSet } from '../drivers/dns/dns.ts';

export interface Addresses {
  readonly A: readonly string[];
  readonly AAAA: readonly string[];
  readonly CNAME?: string | undefined;
}

/** What a name shall answer: A and AAAA for addresses, a CNAME for a load balancer that only has a host name. */
export function desiredRecords(name: string, addresses: Addresses, ttl: number): readonly RecordSet[] {
  if (addresses.CNAME !== undefined) return [{ name, type: 'CNAME', ttl, values: [withDot(addresses.CNAME)] }];
  const sets: RecordSet[] = [];
  if (addresses.A.length > 0) sets.push({ name, type: 'A', ttl, values: [...addresses.A].sort() });
  if (addresses.AAAA.length > 0) sets.push({ name, type: 'AAAA', ttl, values: [...addresses.AAAA].sort() });
  return sets;
}

/** The same names, types, values and TTLs, in whatever order. */
export function sameRecords(left: readonly RecordSet[], right: readonly RecordSet[]): boolean {
  return canonical(left, withTtl) === canonical(right, withTtl);
}

/** The same names, types and values: a cache or a secondary may count the TTL down. */
export function sameAnswers(left: readonly RecordSet[], right: readonly RecordSet[]): boolean {
  return canonical(left, withoutTtl) === canonical(right, withoutTtl);
}

export function describeRecords(sets: readonly RecordSet[]): string {
  if (sets.length === 0) return 'nothing';
  return sets.map((set) => `${set.type} ${set.values.join(', ')} (TTL ${set.ttl} s)`).join('; ');
}

function canonical(sets: readonly RecordSet[], text: (set: RecordSet) => string): string {
  return sets.map(text).sort().join('\n');
}

function withoutTtl(set: RecordSet): string {
  return [set.name.toLowerCase(), set.type, ...[...set.values].map((value) => value.toLowerCase()).sort()].join(' ');
}

function withTtl(set: RecordSet): string {
  return `${set.ttl} ${withoutTtl(set)}`;
}

function withDot(hostName: string): string {
  return hostName.endsWith('.') ? hostName.toLowerCase() : `${hostName.toLowerCase()}.`;
}
