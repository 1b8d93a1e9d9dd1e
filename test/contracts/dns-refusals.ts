// The part of the DNS contract about what must not happen: lost races, strangers, foreign names, silence.

import { expect, it } from 'vitest';
import type { RecordSet } from '../../src/drivers/dns/dns.ts';
import type { DnsGiven } from './dns.ts';
import { add, dnsRejection, recordSets } from './dns-records.ts';

export function dnsRefusalContract(given: () => DnsGiven): void {
  lostRaces(given);
  strangers(given);
}

function lostRaces(given: () => DnsGiven): void {
  const other = recordSets('other.invalid.');
  const differences: readonly [string, (now: RecordSet) => readonly RecordSet[]][] = [
    ['another value', (now) => [{ ...now, values: ['203.0.113.1'] }]],
    ['one value more', (now) => [{ ...now, values: [...now.values, '203.0.113.1'] }]],
    ['one value less', (now) => [{ ...now, values: now.values.slice(1) }]],
    ['another TTL', (now) => [{ ...now, ttl: now.ttl + 1 }]],
    ['an IPv6 address beside it', (now) => [now, { ...other.aaaa('2001:db8::1'), name: now.name }]],
    ['an alias instead', (now) => [{ ...other.cname('elsewhere.invalid.'), name: now.name }]],
    ['nothing', () => []],
  ];

  it.each(differences)('refuses the change when the zone holds %s: somebody else was there', async (_difference, altered) => {
    const { provider, zone, fresh } = given();
    const { a } = recordSets(fresh('raced'));
    const expected = a('192.0.2.1', '192.0.2.2');
    const now = altered(expected);
    await add(given(), ...now);
    const error = await dnsRejection(provider.change(zone, { expected: [expected], desired: [a('198.51.100.1')] }));
    expect(error.reason).toBe('conflict');
    expect(await provider.read(zone, expected.name)).toEqual(expect.arrayContaining([...now]));
    expect(await provider.read(zone, expected.name)).toHaveLength(now.length);
  });

  it('refuses to add a name that is there already', async () => {
    const { provider, zone, fresh } = given();
    const { a, aaaa } = recordSets(fresh('taken'));
    await add(given(), a('192.0.2.1'));
    expect((await dnsRejection(add(given(), a('192.0.2.2')))).reason).toBe('conflict');
    expect((await dnsRejection(add(given(), aaaa('2001:db8::1')))).reason).toBe('conflict');
    expect(await provider.read(zone, a().name)).toEqual([a('192.0.2.1')]);
  });

  it('moves no name at all when one of them was changed by somebody else', async () => {
    const { provider, zone, fresh } = given();
    const names = [fresh('first'), fresh('middle'), fresh('last')].map(recordSets);
    const expected = names.map(({ a }) => a('192.0.2.1'));
    const held = expected.map((set, index) => (index === 1 ? { ...set, values: ['203.0.113.1'] } : set));
    await add(given(), ...held);
    const error = await dnsRejection(provider.change(zone, { expected, desired: names.map(({ a }) => a('198.51.100.1')) }));
    expect(error.reason).toBe('conflict');
    for (const set of held) expect(await provider.read(zone, set.name)).toEqual([set]);
  });

  it('lets exactly one of two changes from the same state through', async () => {
    const { provider, zone, fresh } = given();
    const { a } = recordSets(fresh('twice'));
    await add(given(), a('192.0.2.1'));
    const to = (value: string) => provider.change(zone, { expected: [a('192.0.2.1')], desired: [a(value)] });
    const results = await Promise.allSettled([to('198.51.100.1'), to('198.51.100.2')]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const winner = results[0]?.status === 'fulfilled' ? '198.51.100.1' : '198.51.100.2';
    expect(await provider.read(zone, a().name)).toEqual([a(winner)]);
  });
}

function strangers(given: () => DnsGiven): void {
  it('refuses a name outside the zone', async () => {
    const { provider, zone } = given();
    const foreign = recordSets('www.elsewhere.invalid.').a('192.0.2.1');
    expect((await dnsRejection(provider.read(zone, foreign.name))).reason).toBe('invalid');
    expect((await dnsRejection(add(given(), foreign))).reason).toBe('invalid');
  });

  it('tells an account that may not write so, before and at the change, and nothing happens', async ({ skip }) => {
    const { provider, stranger, zone, fresh } = given();
    if (stranger === undefined) return skip('this provider knows no accounts');
    const { a } = recordSets(fresh('guarded'));
    await add(given(), a('192.0.2.1'));
    expect(await stranger.writable(zone, { addresses: [a().name], texts: [] })).toEqual({ ok: false, reason: expect.stringMatching(/./) });
    const error = await dnsRejection(stranger.change(zone, { expected: [a('192.0.2.1')], desired: [a('192.0.2.2')] }));
    expect(error.reason).toBe('forbidden');
    expect(await provider.read(zone, a().name)).toEqual([a('192.0.2.1')]);
  });

  it('takes no answer for no answer, never for an empty zone', async ({ skip }) => {
    const { unreachable, zone, zoneId, fresh } = given();
    if (unreachable === undefined) return skip('this provider is always there');
    const name = fresh('unknown');
    const change = { expected: [], desired: [recordSets(name).a('192.0.2.1')] };
    const attempts: readonly (() => Promise<unknown>)[] = [
      () => unreachable.zone(zoneId),
      () => unreachable.read(zone, name),
      () => unreachable.change(zone, change),
      () => unreachable.writable(zone),
    ];
    for (const attempt of attempts) {
      expect(['timeout', 'unavailable']).toContain((await dnsRejection(attempt())).reason);
    }
  });
}
