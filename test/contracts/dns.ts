// What every DNS provider must do, real or simulated. Every test uses a name of its own, so that none sees another's work.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DnsProvider, Resolver, Zone } from '../../src/drivers/dns/dns.ts';
import { dnsRefusalContract } from './dns-refusals.ts';
import { dnsResolverContract } from './dns-resolver.ts';
import { dnsTextContract } from './dns-texts.ts';
import { add, dnsRejection, recordSets } from './dns-records.ts';

export interface DnsUnderTest {
  readonly provider: DnsProvider;
  /** A zone that may be written, as the configuration calls it. */
  readonly zoneId: string;
  /** Asks the zone's servers. Omitted where nothing serves what the provider holds. */
  readonly resolver?: Resolver;
  /** The same zone, with an account that may not write it. */
  readonly stranger?: DnsProvider;
  /** The same zone at a provider that nobody answers for. */
  readonly unreachable?: DnsProvider;
  end(): Promise<void>;
}

export interface DnsContractOptions {
  /** Whether servers give what the provider holds, and `resolver` asks them. */
  readonly isServed: boolean;
}

/** `make` is called once. */
export function dnsContract(name: string, make: () => Promise<DnsUnderTest>, { isServed }: DnsContractOptions): void {
  describe(`${name} keeps the contract of a DNS provider`, () => {
    const given: Partial<DnsGiven> = {};
    beforeAll(async () => {
      const made = await make();
      const zone = await made.provider.zone(made.zoneId);
      Object.assign(given, { ...made, zone, fresh: (label: string) => `${label}-${Math.random().toString(36).slice(2, 8)}.${zone.origin}` });
    });
    afterAll(() => given.end?.());

    const current = (): DnsGiven => given as DnsGiven;
    reading(current);
    changing(current);
    swapping(current);
    dnsTextContract(current);
    dnsRefusalContract(current);
    if (isServed) dnsResolverContract(current);
  });
}

export interface DnsGiven extends DnsUnderTest {
  readonly zone: Zone;
  /** A name of the zone that nobody used before. */
  fresh(label: string): string;
}

function reading(given: () => DnsGiven): void {
  it('knows the origin and every authoritative server of a zone', () => {
    const { zone, zoneId } = given();
    expect(zone.id).toBe(zoneId);
    expect(zone.origin).toMatch(/^([-a-z0-9]+\.)+$/);
    expect(zone.servers.length).toBeGreaterThan(0);
    for (const server of zone.servers) expect(server).toMatchObject({ address: expect.stringMatching(/^[0-9a-f:.]+$/), port: expect.any(Number) });
  });

  it('rejects a zone that is not there, instead of describing an empty one', async () => {
    const error = await dnsRejection(given().provider.zone('nothing-here.invalid'));
    expect(['notFound', 'forbidden']).toContain(error.reason);
  });

  it('reads a name that is certainly not there as no records', async () => {
    const { provider, zone, fresh } = given();
    expect(await provider.read(zone, fresh('absent'))).toEqual([]);
  });

  it('reads back all record sets of exactly one name, with TTL and sorted values', async () => {
    const { provider, zone, fresh } = given();
    const name = fresh('dual');
    const { a, aaaa } = recordSets(name);
    await add(given(), a('192.0.2.2', '192.0.2.1'), aaaa('2001:db8::1'), recordSets(`below.${name}`).a('192.0.2.9'));
    const found = await provider.read(zone, name);
    expect(found.toSorted((left, right) => left.type.localeCompare(right.type))).toEqual([a('192.0.2.1', '192.0.2.2'), aaaa('2001:db8::1')]);
  });

  it('takes a name in whatever case and gives it in lower case', async () => {
    const { provider, zone, fresh } = given();
    const name = fresh('case');
    await add(given(), recordSets(name).a('192.0.2.1'));
    expect(await provider.read(zone, name.toUpperCase())).toEqual([recordSets(name).a('192.0.2.1')]);
  });

  it('reads an alias as the alias, not as the addresses behind it', async () => {
    const { provider, zone, fresh } = given();
    const [target, alias] = [fresh('target'), fresh('alias')];
    await add(given(), recordSets(target).a('192.0.2.1'), recordSets(alias).cname(target));
    expect(await provider.read(zone, alias)).toEqual([recordSets(alias).cname(target)]);
  });

  it('says that a zone may be written, and leaves it as it was', async () => {
    const { provider, zone, fresh } = given();
    const name = fresh('probed');
    await add(given(), recordSets(name).a('192.0.2.1'));
    expect(await provider.writable(zone, { addresses: [name, fresh('new')], texts: [`_changeover.${name}`] })).toEqual({ ok: true });
    expect(await provider.writable(zone)).toEqual({ ok: true });
    expect(await provider.read(zone, name)).toEqual([recordSets(name).a('192.0.2.1')]);
  });
}

function changing(given: () => DnsGiven): void {
  it('replaces the addresses of a name', async () => {
    const { provider, zone, fresh } = given();
    const { a } = recordSets(fresh('moved'));
    await add(given(), a('192.0.2.1', '192.0.2.2'));
    await provider.change(zone, { expected: [a('192.0.2.2', '192.0.2.1')], desired: [a('192.0.2.3')] });
    expect(await provider.read(zone, a().name)).toEqual([a('192.0.2.3')]);
  });

  it('changes from addresses to an alias and back, each in one go', async () => {
    const { provider, zone, fresh } = given();
    const { a, aaaa, cname } = recordSets(fresh('kind'));
    await add(given(), a('192.0.2.1'), aaaa('2001:db8::1'));
    await provider.change(zone, { expected: [a('192.0.2.1'), aaaa('2001:db8::1')], desired: [cname('lb.example.net.')] });
    expect(await provider.read(zone, a().name)).toEqual([cname('lb.example.net.')]);
    await provider.change(zone, { expected: [cname('lb.example.net.')], desired: [a('192.0.2.4')] });
    expect(await provider.read(zone, a().name)).toEqual([a('192.0.2.4')]);
  });

  it('changes a TTL alone', async () => {
    const { provider, zone, fresh } = given();
    const { a } = recordSets(fresh('ttl'));
    await add(given(), a('192.0.2.1'));
    await provider.change(zone, { expected: [a('192.0.2.1')], desired: [{ ...a('192.0.2.1'), ttl: 7 }] });
    expect(await provider.read(zone, a().name)).toEqual([{ ...a('192.0.2.1'), ttl: 7 }]);
  });

  it('removes what shall not be there any more, and nothing else', async () => {
    const { provider, zone, fresh } = given();
    const { a, aaaa } = recordSets(fresh('removed'));
    await add(given(), a('192.0.2.1'), aaaa('2001:db8::1'));
    await provider.change(zone, { expected: [a('192.0.2.1'), aaaa('2001:db8::1')], desired: [a('192.0.2.1')] });
    expect(await provider.read(zone, a().name)).toEqual([a('192.0.2.1')]);
    await provider.change(zone, { expected: [a('192.0.2.1')], desired: [] });
    expect(await provider.read(zone, a().name)).toEqual([]);
  });

  it('accepts a change that changes nothing', async () => {
    const { provider, zone, fresh } = given();
    const { a } = recordSets(fresh('same'));
    await add(given(), a('192.0.2.1'));
    await provider.change(zone, { expected: [a('192.0.2.1')], desired: [a('192.0.2.1')] });
    expect(await provider.read(zone, a().name)).toEqual([a('192.0.2.1')]);
  });
}

function swapping(given: () => DnsGiven): void {
  it('moves three names in one change, and the servers then give the new answers', async () => {
    const { provider, zone, fresh, resolver } = given();
    const names = [fresh('one'), fresh('two'), fresh('three')].map(recordSets);
    const before = names.map(({ a }) => a('192.0.2.1'));
    const after = names.map(({ a }, index) => a(`198.51.100.${index + 1}`));
    await add(given(), ...before);
    await provider.change(zone, { expected: before, desired: after });
    for (const set of after) expect(await provider.read(zone, set.name)).toEqual([set]);
    const [server] = zone.servers;
    if (resolver === undefined || server === undefined) return;
    for (const set of after) expect(await resolver.query(server, set.name, 'A')).toEqual({ kind: 'answer', records: [set] });
    expect(await resolver.query(server, fresh('absent'), 'A')).toEqual({ kind: 'noSuchName' });
    expect(await resolver.query(server, after[0]?.name ?? '', 'AAAA')).toEqual({ kind: 'noData' });
  });
}
