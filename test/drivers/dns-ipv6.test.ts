// An IPv6 address has many spellings: whatever reads it, it is the same one.

import { describe, expect, it } from 'vitest';
import { dnsResolver } from '../../src/drivers/dns/resolver.ts';
import { canonicalAddress } from '../../src/ip-address.ts';
import { servedRecords } from '../../src/observe/names.ts';
import { findLive, pointedTo } from '../../src/plan/live.ts';
import { desiredRecords, sameAnswers } from '../../src/plan/records.ts';
import { serviceAddresses } from '../../src/steps/services.ts';
import { dnsServerDouble } from './dns-server-double.ts';

// The longest run of zeros is shortened (RFC 5952 section 4.2.3); the package that reads answers shortens the first.
const ip = 'fd00:0:0:1::5';
const name = 'www.example.test.';

async function served() {
  const double = await dnsServerDouble(({ type }) => [type === 'AAAA' ? { answers: [{ type: 'AAAA', name: 'www.example.test', ttl: 60, data: ip }] } : {}]);
  const records = await servedRecords(dnsResolver(), double.server, name);
  await double.close();
  return records;
}

describe.each([ip, 'FD00:0000:0:1:0:0:0:5', 'fd00::1:0:0:0:5'])('a Service at %s', (spelling) => {
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'ingress' }, status: { loadBalancer: { ingress: [{ ip: spelling }] } } };
  const release = { name: 'prod-2hpwr', services: [service] } as unknown as Parameters<typeof pointedTo>[1][number];

  it('counts as moved to when the name answers with it', async () => {
    const records = await served();
    expect(records.flatMap(({ values }) => values)).toEqual([ip]);
    expect(sameAnswers(records, desiredRecords(name, serviceAddresses(service), 60))).toBe(true);
  });

  it('makes its release the live one, which is not deleted', async () => {
    const records = await served();
    expect(pointedTo(records, [release])).toEqual(['prod-2hpwr']);
    expect(findLive([{ name, records } as never], [release]).names).toEqual([{ name, to: { kind: 'release', release: 'prod-2hpwr' } }]);
  });
});

it('what is no IPv6 address stays as it is', () => {
  expect(['192.0.2.1', 'lb.example.org', 'fe80::1%eth0', ''].map(canonicalAddress)).toEqual(['192.0.2.1', 'lb.example.org', 'fe80::1%eth0', '']);
});
