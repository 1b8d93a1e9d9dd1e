// Short ways to write records in the DNS contract, and to get at the error of a promise.

import { DriverError } from '../../src/drivers/failure.ts';
import type { DnsProvider, RecordSet, TextSet, Zone } from '../../src/drivers/dns/dns.ts';

const ttl = 60;

type Make = (...values: readonly string[]) => RecordSet;

/** Record sets of one name: `a('192.0.2.1')`, `aaaa(…)`, `cname('lb.example.net.')`. */
export function recordSets(name: string): { readonly a: Make; readonly aaaa: Make; readonly cname: Make; readonly text: (value: string) => TextSet } {
  const make = (type: RecordSet['type']): Make => (...values) => ({ name, type, ttl, values: values.toSorted() });
  return { a: make('A'), aaaa: make('AAAA'), cname: make('CNAME'), text: (value) => ({ name, type: 'TXT', ttl, values: [value] }) };
}

/** Puts records there from nothing. */
export function add({ provider, zone }: { readonly provider: DnsProvider; readonly zone: Zone }, ...desired: readonly (RecordSet | TextSet)[]): Promise<void> {
  return provider.change(zone, { expected: [], desired });
}

/** The DriverError that the promise rejects with. Anything else fails the test. */
export async function dnsRejection(promise: Promise<unknown>): Promise<DriverError> {
  const settled = await promise.then(
    (value) => ({ resolvedWith: value }),
    (error: unknown) => error,
  );
  if (settled instanceof DriverError) return settled;
  throw new Error(`expected a DriverError, got ${JSON.stringify(settled)}${String(settled)}`);
}
