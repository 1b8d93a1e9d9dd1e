// What the proxies do to what passes: by chance, but the same chance for the same seed, and nothing any more once it is over.

import { expect, test } from 'vitest';
import { seeded } from '../../sim/random.ts';
import { chanceFaults, type Passing } from './support/faults.ts';
import { Tally } from './support/tally.ts';

const list: Passing = { method: 'GET', path: '/api/v1/pods', isWatch: false, isHelm: false };
const lease: Passing = { ...list, method: 'PUT', path: '/apis/coordination.k8s.io/v1/namespaces/a/leases/b' };

function many(passing: Passing, seed: number): readonly (string | undefined)[] {
  const faults = chanceFaults(seeded(seed), new Tally('test'));
  return Array.from({ length: 2_000 }, () => faults.api(passing));
}

test('the same seed hurts the same requests in the same way, another one others', () => {
  expect(many(list, 7)).toEqual(many(list, 7));
  expect(many(list, 8)).not.toEqual(many(list, 7));
});

test('one request in ten is hurt, in every way that there is, those for the lease, too', () => {
  const hurt = many(list, 1).filter((fault) => fault !== undefined);
  expect(hurt.length / 2_000).toBeCloseTo(0.1, 1);
  expect([...new Set(hurt)].toSorted()).toEqual(['410', '429', '500', 'cut', 'cutAnswer', 'delay', 'lostAnswer', 'stall']);
  const stalled = many(lease, 1).filter((fault) => fault === 'stall').length;
  expect(many({ ...list, method: 'PUT' }, 1)).not.toContain('410');
  expect([stalled > many(list, 1).filter((fault) => fault === 'stall').length, stalled < 100]).toEqual([true, true]);
});

test('Helm, which gives up at the first error, is mostly only slowed down', () => {
  const hurt = many({ ...list, isHelm: true }, 1).filter((fault) => fault !== undefined);
  const fatal = hurt.filter((fault) => fault !== 'delay' && fault !== '429');
  expect(fatal.length).toBeGreaterThan(0);
  expect(fatal.length).toBeLessThan(hurt.length / 4);
});

test('watches are hurt while they stream, not when they are asked for', () => {
  expect(new Set(many({ ...list, isWatch: true }, 1))).toEqual(new Set([undefined]));
  const faults = chanceFaults(seeded(1), new Tally('test'), { watch: 1 });
  expect(new Set(Array.from({ length: 100 }, () => faults.watch()?.fault))).toEqual(new Set(['cut', 'gone', 'refused']));
});

test('DNS is hurt in every way that there is, over either transport', () => {
  const faults = chanceFaults(seeded(1), new Tally('test'), { udp: 1, tcp: 1 });
  const all = (transport: 'udp' | 'tcp') => [...new Set(Array.from({ length: 100 }, () => faults.dns(transport)))].toSorted();
  expect(all('udp')).toEqual(['delay', 'drop', 'servfail']);
  expect(all('tcp')).toEqual(['cut', 'delay', 'lostAnswer', 'stall']);
});

test('each injection is counted, and none comes while it is stopped', () => {
  const tally = new Tally('test');
  const faults = chanceFaults(seeded(1), tally, { watch: 1, udp: 1, tcp: 1 });
  faults.watch();
  faults.dns('udp');
  faults.dns('tcp');
  expect([faults.count(), tally.of('injections')]).toEqual([3, 3]);
  faults.stop();
  expect([faults.watch(), faults.dns('udp'), faults.dns('tcp'), faults.api(list)]).toEqual([undefined, undefined, undefined, undefined]);
  expect(faults.count()).toBe(3);
  faults.goOn();
  expect([faults.watch() === undefined, faults.count()]).toEqual([false, 4]);
});
