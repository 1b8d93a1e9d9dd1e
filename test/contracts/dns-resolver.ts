// The part of the DNS contract about asking the zone's own servers: what each kind of answer looks like, and when there is none.

import { expect, it } from 'vitest';
import type { Resolver, Server } from '../../src/drivers/dns/dns.ts';
import type { DnsGiven } from './dns.ts';
import { add, dnsRejection, recordSets } from './dns-records.ts';

/** Only where something serves what the provider holds. */
export function dnsResolverContract(given: () => DnsGiven): void {
  /** The server that a change is sent to has it at once; the others follow. */
  const asking = (): { readonly resolver: Resolver; readonly primary: Server } => {
    const { resolver, zone: { servers: [primary] } } = given();
    if (resolver === undefined || primary === undefined) throw new Error('this provider was said to be served, and nothing to ask was given');
    return { resolver, primary };
  };

  it('tells a name that is not there from one that has no address of the kind', async () => {
    const asked = asking();
    const { a, aaaa } = recordSets(given().fresh('asked'));
    await add(given(), a('192.0.2.1'));
    await expect.poll(() => asked.resolver.query(asked.primary, a().name, 'A')).toEqual({ kind: 'answer', records: [a('192.0.2.1')] });
    expect(await asked.resolver.query(asked.primary, aaaa().name, 'AAAA')).toEqual({ kind: 'noData' });
    expect(await asked.resolver.query(asked.primary, given().fresh('absent'), 'A')).toEqual({ kind: 'noSuchName' });
  });

  it('gives an alias for either kind of address, as the alias', async () => {
    const asked = asking();
    const { cname } = recordSets(given().fresh('alias'));
    await add(given(), cname('lb.example.net.'));
    for (const type of ['A', 'AAAA'] as const) {
      await expect.poll(() => asked.resolver.query(asked.primary, cname().name, type)).toEqual({ kind: 'answer', records: [cname('lb.example.net.')] });
    }
  });

  it('takes a name in whatever case', async () => {
    const asked = asking();
    const { a } = recordSets(given().fresh('cased'));
    await add(given(), a('192.0.2.1'));
    await expect.poll(() => asked.resolver.query(asked.primary, a().name.toUpperCase(), 'A')).toMatchObject({ kind: 'answer', records: [{ values: ['192.0.2.1'] }] });
  });

  it('rejects a question about a zone that the server does not serve, instead of knowing no such name', async () => {
    const asked = asking();
    expect((await dnsRejection(asked.resolver.query(asked.primary, 'www.elsewhere.invalid.', 'A'))).reason).toBe('forbidden');
  });

  it('takes silence for no answer, never for an empty one', async () => {
    const asked = asking();
    const nobody = { ...asked.primary, port: 9 };
    expect(['timeout', 'unavailable']).toContain((await dnsRejection(asked.resolver.query(nobody, given().fresh('silent'), 'A'))).reason);
  });
}
