// What the demo calls a success, and how its clients end: no network, and no rebuild.

import { describe, expect, test } from 'vitest';
import type { Visit } from '../../examples/demo/client.ts';
import { startTraffic } from '../../examples/demo/traffic.ts';
import { faultsOf, type Watched } from '../../examples/demo/verdict.ts';
import type { Resolver } from '../../src/drivers/dns/dns.ts';
import { dnsResolver } from '../../src/drivers/dns/resolver.ts';

const www = 'www.example.test.';
const search = 'search.example.test.';

function visit(name: string, at: number, release: string | undefined): Visit {
  return { name, at, durationMs: 2, address: '192.0.2.1', release, failure: undefined };
}

function now(name: string, release: string | undefined) {
  return { name, answers: ['192.0.2.1'], release };
}

const visits = [www, search].flatMap((name) => [visit(name, 1, 'old'), visit(name, 2, 'new'), visit(name, 3, 'old'), visit(name, 4, 'new')]);

function watched(more: Partial<Watched> = {}): Watched {
  return { before: [now(www, 'old'), now(search, 'old')], after: [now(www, 'new'), now(search, 'new')], traffic: { visits, ranOut: false }, ...more };
}

describe('the demo says that nobody noticed', () => {
  test('when clients of every name were led from the old release to the new one, each in its own time', () => {
    expect(faultsOf(watched())).toEqual([]);
  });

  test('not when a request failed', () => {
    const failed = { ...visit(www, 2, undefined), failure: 'HTTP 502' };
    expect(faultsOf(watched({ traffic: { visits: [...visits, failed], ranOut: false } }))).toEqual(['1 of 9 requests failed']);
  });

  test('not when the clients had made all their requests before the end, whatever they saw', () => {
    expect(faultsOf(watched({ traffic: { visits, ranOut: true } }))).toEqual([expect.stringMatching(/all their 8 requests before the rebuild was over/)]);
  });

  test('not when nobody asked, or there was nothing to ask for', () => {
    expect(faultsOf(watched({ traffic: { visits: [], ranOut: false } }))).toHaveLength(4);
    expect(faultsOf({ before: [], after: [], traffic: { visits: [], ranOut: false } })).toEqual(['there is no name to ask for']);
  });

  test('not when the clients of one name came too late for the old release, or ended too early for the new one', () => {
    const withoutFirst = visits.filter(({ name, at }) => name === www || at > 1);
    expect(faultsOf(watched({ traffic: { visits: withoutFirst, ranOut: false } }))).toEqual([`${search}: the first client was answered by new, not by old`]);
    const withoutLast = visits.filter(({ name, at }) => name === search || at < 4);
    expect(faultsOf(watched({ traffic: { visits: withoutLast, ranOut: false } }))).toEqual([`${www}: the last client was answered by old, not by new`]);
  });

  test('not when a name leads where it led before, or nowhere', () => {
    expect(faultsOf(watched({ after: [now(www, 'new'), now(search, 'old')] }))).toEqual([`${search}: old answered before the second rebuild and after it`]);
    expect(faultsOf(watched({ after: [now(www, undefined), now(search, 'new')] }))).toEqual([`${www}: no release answered after the second rebuild`]);
  });
});

describe('the stream of clients', () => {
  const names = [{ name: www, path: '/', servers: [{ address: '192.0.2.53', port: 53, name: 'ns' }] }];

  /** Knows no name; resolves when it has been asked so often. */
  function askedTimes(times: number): { readonly resolver: Resolver; readonly asked: Promise<void> } {
    const { promise, resolve } = Promise.withResolvers<void>();
    let queries = 0;
    const query = async () => {
      queries += 1;
      if (queries === times) resolve();
      return { kind: 'noSuchName' } as const;
    };
    return { resolver: { ...dnsResolver(), query }, asked: promise };
  }

  test('has not run out when it is stopped before its bound', async () => {
    const { resolver, asked } = askedTimes(2);
    const traffic = startTraffic({ names, resolver, clientsPerName: 2, everyMs: 60_000, maxVisits: 1_000 });
    await asked;
    await traffic.stop();
    expect([traffic.visits.length, traffic.ranOut]).toEqual([2, false]);
  });

  test('has run out when it came to its bound by itself', async () => {
    const { resolver, asked } = askedTimes(5);
    const traffic = startTraffic({ names, resolver, clientsPerName: 2, everyMs: 0, maxVisits: 5 });
    await asked;
    await traffic.stop();
    expect([traffic.visits.length, traffic.ranOut]).toEqual([5, true]);
  });
});
