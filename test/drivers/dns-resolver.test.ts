// Real datagrams on loopback: what is promised here is which answers are believed.

import { afterEach, describe, expect, it } from 'vitest';
import { dnsResolver } from '../../src/drivers/dns/resolver.ts';
import type { AddressType } from '../../src/drivers/dns/dns.ts';
import { dnsRejection } from '../contracts/dns-records.ts';
import { dnsServerDouble, type Behave, type DnsServerDouble, type Reply } from './dns-server-double.ts';

const www = 'www.example.test';
const address = { type: 'A', name: www, ttl: 60, data: '192.0.2.1' } as const;
const second = { ...address, ttl: 50, data: '192.0.2.0' } as const;
const alias = { type: 'CNAME', name: www, ttl: 30, data: 'LB.example.net' } as const;

let running: DnsServerDouble | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

async function start(behave: Behave | Reply): Promise<DnsServerDouble> {
  running = await dnsServerDouble(typeof behave === 'function' ? behave : () => [behave]);
  return running;
}

async function ask(reply: Behave | Reply, type: AddressType = 'A', timeoutMs = 2_000) {
  const { server } = await start(reply);
  return dnsResolver({ timeoutMs }).query(server, 'WWW.example.test.', type);
}

describe('an answer', () => {
  it('is the record set, sorted, in lower case, with the lowest TTL', async () => {
    const records = [{ name: 'www.example.test.', type: 'A', ttl: 50, values: ['192.0.2.0', '192.0.2.1'] }];
    expect(await ask({ answers: [address, second] })).toEqual({ kind: 'answer', records });
  });

  it('is the alias when the name is one, and not the addresses behind it', async () => {
    const behind = { ...address, name: 'lb.example.net' };
    const records = [{ name: 'www.example.test.', type: 'CNAME', ttl: 30, values: ['lb.example.net.'] }];
    expect(await ask({ answers: [alias, behind] })).toEqual({ kind: 'answer', records });
    await running?.close();
    expect(await ask({ answers: [alias] }, 'CNAME')).toEqual({ kind: 'answer', records });
  });

  it('is the alias also when its target does not exist: the name itself does', async () => {
    expect(await ask({ answers: [alias], code: 3 })).toMatchObject({ kind: 'answer' });
  });

  it('tells a name that does not exist from one without such an address', async () => {
    expect(await ask({ code: 3 })).toEqual({ kind: 'noSuchName' });
    await running?.close();
    expect(await ask({}, 'AAAA')).toEqual({ kind: 'noData' });
  });

  it('comes over TCP when it did not fit into a datagram', async () => {
    const many = Array.from({ length: 100 }, (_, index) => ({ ...address, data: `192.0.2.${index}` }));
    const answer = await ask((_question, transport) => [transport === 'udp' ? { truncated: true, answers: [address] } : { answers: many }]);
    expect(answer).toMatchObject({ kind: 'answer', records: [{ values: { length: 100 } }] });
    expect(running?.asked.map(({ transport }) => transport)).toEqual(['udp', 'tcp']);
  });

  it('comes from an IPv6 server as well', async () => {
    running = await dnsServerDouble(() => [{ answers: [address] }], '::1');
    expect(await dnsResolver().query(running.server, www, 'A')).toMatchObject({ kind: 'answer' });
  });

  it('is asked for without recursion, once', async () => {
    await ask({ answers: [address] });
    expect(running?.asked).toEqual([{ transport: 'udp', name: www, type: 'A', recursion: false }]);
  });
});

describe('an answer that cannot be believed', () => {
  const good: Reply = { answers: [address] };
  const strange: readonly [string, Reply][] = [
    ['of another id', { ...good, forged: { id: 4_464 } }],
    ['to another question', { ...good, forged: { questions: [{ name: 'other.example.test', type: 'A' }] } }],
    ['to another type', { ...good, forged: { questions: [{ name: www, type: 'AAAA' }] } }],
    ['that is itself a question', { ...good, forged: { type: 'query' } }],
  ];

  it.each(strange)('%s is passed over, and the right one after it is taken', async (_title, reply) => {
    const forged = { ...reply, answers: [{ ...address, data: '203.0.113.66' }] };
    expect(await ask(() => [forged, good])).toMatchObject({ records: [{ values: ['192.0.2.1'] }] });
  });

  const unreadable: readonly [string, Reply][] = [
    ['from a server without authority, which may be a cache', { answers: [address], authoritative: false }],
    ['that refers to other servers', { authoritative: false }],
    ['that is not a DNS message', { bytes: Buffer.from('<html>') }],
    ['about another name only', { answers: [{ ...address, name: 'other.example.test' }] }],
    ['with a response code that means nothing here', { code: 4 }],
  ];

  it.each(unreadable)('%s is unreadable, never an empty answer', async (_title, reply) => {
    expect((await dnsRejection(ask(reply))).reason).toBe('unreadable');
  });

  it('over TCP to another question is unreadable', async () => {
    const forged = { questions: [{ name: 'other.example.test', type: 'A' as const }] };
    expect((await dnsRejection(ask((_question, transport) => [transport === 'udp' ? { truncated: true } : { forged }]))).reason).toBe('unreadable');
  });
});

describe('no answer', () => {
  const codes: readonly [string, number, string][] = [
    ['a server in trouble (SERVFAIL) is unavailable', 2, 'unavailable'],
    ['a server that refuses is a refusal', 5, 'forbidden'],
    ['a server that does not serve the zone (NOTAUTH) is a refusal', 9, 'forbidden'],
  ];
  it.each(codes)('%s', async (_title, code, reason) => {
    expect((await dnsRejection(ask({ code }))).reason).toBe(reason);
  });

  it('in time is a timeout, and says who did not answer', async () => {
    const error = await dnsRejection(ask(() => [], 'A', 50));
    expect(error).toMatchObject({ reason: 'timeout', detail: 'no answer in 0.05 s' });
    expect(error.attempted).toMatch(/^DNS query A www\.example\.test\. at ns1\.example\.test \(127\.0\.0\.1 port \d+\)$/);
  });

  it('in time over TCP is a timeout too', async () => {
    const behave: Behave = (_question, transport) => (transport === 'udp' ? [{ truncated: true }] : []);
    expect((await dnsRejection(ask(behave, 'A', 50))).reason).toBe('timeout');
  });

  it('because nothing listens there is unavailable', async () => {
    const { server, close } = await dnsServerDouble(() => []);
    await close();
    expect((await dnsRejection(dnsResolver().query(server, www, 'A'))).reason).toBe('unavailable');
  });
});
