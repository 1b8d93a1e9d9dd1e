// Record sets: what shall be, and whether two of them say the same. Ownership marks beside them.

import { describe, expect, test } from 'vitest';
import { environmentSelector, namespaceOf, ownedNamespace } from '../../src/plan/ownership.ts';
import { describeRecords, desiredRecords, sameAnswers, sameRecords } from '../../src/plan/records.ts';
import type { RecordSet } from '../../src/drivers/dns/dns.ts';

const set = (more: Partial<RecordSet>): RecordSet => ({ name: 'www.example.org.', type: 'A', ttl: 30, values: ['192.0.2.1'], ...more });

describe('what a name shall answer', () => {
  test('is A and AAAA for addresses of both families', () => {
    expect(desiredRecords('www.example.org.', { A: ['192.0.2.9', '192.0.2.1'], AAAA: ['2001:db8::1'] }, 30)).toEqual([
      set({ values: ['192.0.2.1', '192.0.2.9'] }),
      set({ type: 'AAAA', values: ['2001:db8::1'] }),
    ]);
  });

  test('is a CNAME for a load balancer that only has a host name', () => {
    expect(desiredRecords('www.example.org.', { A: [], AAAA: [], CNAME: 'LB.cloud.example' }, 5)).toEqual([set({ type: 'CNAME', ttl: 5, values: ['lb.cloud.example.'] })]);
  });
});

describe('two lots of record sets', () => {
  test('are the same in any order', () => {
    const left = [set({ values: ['192.0.2.1', '192.0.2.2'] }), set({ type: 'AAAA', values: ['2001:db8::1'] })];
    const right = [set({ type: 'AAAA', values: ['2001:DB8::1'] }), set({ values: ['192.0.2.2', '192.0.2.1'] })];
    expect(sameRecords(left, right)).toBe(true);
  });

  test('with another TTL are other records, but give the same answer', () => {
    expect(sameRecords([set({ ttl: 30 })], [set({ ttl: 29 })])).toBe(false);
    expect(sameAnswers([set({ ttl: 30 })], [set({ ttl: 29 })])).toBe(true);
  });

  test.each([
    ['another address', [set({ values: ['192.0.2.2'] })]],
    ['one more address', [set({ values: ['192.0.2.1', '192.0.2.2'] })]],
    ['nothing', []],
    ['another name', [set({ name: 'www2.example.org.' })]],
  ])('with %s differ', (_, right) => {
    expect(sameAnswers([set({})], right)).toBe(false);
  });

  test('are described for people', () => {
    expect(describeRecords([set({})])).toBe('A 192.0.2.1 (TTL 30 s)');
    expect(describeRecords([])).toBe('nothing');
  });
});

describe('what is ours', () => {
  const created = { ...namespaceOf('prod-2hpwr', { environment: 'prod', run: 'run-1' }) };
  const stored = { ...created, metadata: { ...created.metadata, uid: 'u1' } };

  test('is told by the label of this environment', () => {
    expect(ownedNamespace(stored, 'prod')).toMatchObject({ name: 'prod-2hpwr', uid: 'u1', state: 'candidate', run: 'run-1', deleting: false });
    expect(ownedNamespace(stored, 'production')).toBeUndefined();
    expect(environmentSelector('prod')).toBe('app.kubernetes.io/managed-by=changeover,changeover.dev/environment=prod');
  });

  test('is never told by a name that looks like ours', () => {
    expect(ownedNamespace({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'prod-2hpwr', uid: 'u1' } }, 'prod')).toBeUndefined();
  });

  test('with a mark that cannot be read is not taken for a leftover', () => {
    const odd = { ...stored, metadata: { ...stored.metadata, annotations: { 'changeover.dev/state': 'candiate' } } };
    expect(ownedNamespace(odd, 'prod')?.state).toBe('previous');
  });
});
