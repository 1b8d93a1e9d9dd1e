// Which release is live, told from what the names say and what the releases own.

import { describe, expect, test } from 'vitest';
import { findLive, pointedTo } from '../../src/plan/live.ts';
import { addressSet, observedName, release, service } from './observed-world.ts';

const old = release('prod-aaaaa', { services: [service('ingress', '192.0.2.1'), service('search', '192.0.2.2')] });
const young = release('prod-bbbbb', { services: [service('ingress', '192.0.2.11', '2001:db8::11')] });
const hosted = release('prod-ccccc', { services: [service('ingress', 'LB-1.cloud.example')] });

describe('the live release', () => {
  test('is the one that all names point to', () => {
    const names = [observedName('www.', [addressSet('www.', '192.0.2.1')]), observedName('search.', [addressSet('search.', '192.0.2.2')])];
    expect(findLive(names, [young, old])).toMatchObject({ release: { name: 'prod-aaaaa' }, split: false });
  });

  test('is found by the host name of its load balancer, whatever the case and the final dot', () => {
    const names = [observedName('www.', [{ name: 'www.', type: 'CNAME', ttl: 30, values: ['lb-1.cloud.example.'] }])];
    expect(findLive(names, [hosted]).release?.name).toBe('prod-ccccc');
  });

  test('is none on a first rebuild, when the names do not exist', () => {
    expect(findLive([observedName('www.', [])], [])).toMatchObject({ release: undefined, split: false });
  });

  test('is still clear when one of the names is new', () => {
    const names = [observedName('www.', [addressSet('www.', '192.0.2.1')]), observedName('new.', [])];
    expect(findLive(names, [old])).toMatchObject({ release: { name: 'prod-aaaaa' }, split: false });
  });

  test('is unclear when two names point to different releases', () => {
    const names = [observedName('www.', [addressSet('www.', '192.0.2.1')]), observedName('search.', [addressSet('search.', '192.0.2.11')])];
    expect(findLive(names, [old, young])).toMatchObject({ release: undefined, split: true });
  });

  test('is unclear when one name has addresses of two releases', () => {
    const names = [observedName('www.', [addressSet('www.', '192.0.2.1', '192.0.2.11')])];
    expect(findLive(names, [old, young])).toMatchObject({ release: undefined, split: true, names: [{ to: { kind: 'mixed' } }] });
  });

  test('is none when the names point to somebody else, which is said', () => {
    const names = [observedName('www.', [addressSet('www.', '203.0.113.9')])];
    expect(findLive(names, [old])).toMatchObject({ release: undefined, split: false, names: [{ to: { kind: 'foreign', values: ['203.0.113.9'] } }] });
  });

  test('is unclear when one name points to it and another to somebody else', () => {
    const names = [observedName('www.', [addressSet('www.', '192.0.2.1')]), observedName('search.', [addressSet('search.', '203.0.113.9')])];
    expect(findLive(names, [old])).toMatchObject({ release: undefined, split: true });
  });

  test('is unknown, not none, for a name that could not be read', () => {
    expect(findLive([observedName('www.', undefined)], [old]).names).toEqual([{ name: 'www.', to: { kind: 'unknown' } }]);
  });
});

test('every release that a name points to, even partly, counts as pointed to', () => {
  expect(pointedTo([addressSet('www.', '192.0.2.1', '192.0.2.11')], [old, young, hosted])).toEqual(['prod-aaaaa', 'prod-bbbbb']);
  expect(pointedTo([], [old])).toEqual([]);
});
