// What the bench prints: each number with its rounds, each goal beside it, met or missed.

import { describe, expect, test } from 'vitest';
import { describeHostile, describeMemory, describeOverhead, describeReadiness, describeRequests, describeStarts, describeSwitching } from '../../bench/print.ts';
import type { RebuildRound } from '../../bench/rebuild.ts';

const goals = { 'changeover': true, 'helm install --wait': false };

function round(more: Partial<RebuildRound> = {}): RebuildRound {
  const count = { requests: 140, watches: 10, leaseRenewals: 4, byKind: [['get jobs', 9]] as const };
  return {
    timeline: {
      wallMs: 60_000,
      idealMs: 52_000,
      overheadMs: 8_000,
      ownMs: 4_500,
      phases: [{ name: 'loadData', idealMs: 20_000, overheadMs: 400 }],
      waits: [{ phase: 'verifyRelease', for: 'the pod of helm test', ms: 3_500 }],
    },
    own: count,
    helm: { ...count, requests: 80, watches: 1 },
    objects: 30,
    peakBytes: 100 * 1_048_576,
    zones: [{ zone: 'example.test', names: 3, changes: 1, spreadMs: 0 }],
    polledSpreadMs: 12,
    ...more,
  };
}

/** Without the padding that makes columns. */
const squeezed = (lines: readonly string[]): readonly string[] => lines.map((line) => line.replace(/ {2,}/g, ' ').trim());

describe('readiness', () => {
  const noticed = [
    ...[5, 10, 300].map((afterMs) => ({ watcher: 'changeover' as const, afterMs })),
    { watcher: 'helm install --wait' as const, afterMs: 2_000 },
  ];

  test('a good median does not hide a bad worst case', () => {
    expect(squeezed(describeReadiness(noticed, { goals }))).toEqual([
      'changeover, median of 3 10 ms goal ≤ 20 ms: met',
      'changeover, p99 300 ms goal ≤ 100 ms: missed',
      'helm install --wait, median of 1 2000 ms',
      'helm install --wait, p99 2000 ms',
    ]);
  });
});

describe('a rebuild', () => {
  test('the goal is held against the whole overhead, whoever is to blame for it', () => {
    const slower = round({ timeline: { ...round().timeline, overheadMs: 9_000 } });
    expect(squeezed(describeOverhead([round(), slower]))).toEqual([
      'wall time 60.0 s (worst of 2: 60.0 s)',
      'ideal: come up, load, TTL, soak 52.0 s (worst of 2: 52.0 s)',
      'overhead 8.5 s (worst of 2: 9.0 s) goal ≤ 5 s: missed',
      'of it in verifyRelease, waiting for the pod of helm test 3.5 s (worst of 2: 3.5 s)',
      'of it our own 4.5 s (worst of 2: 4.5 s)',
      'by step: loadData 0.4 s (worst of 2: 0.4 s)',
    ]);
  });

  test('one round with too many requests misses the goal', () => {
    const many = round({ own: { ...round().own, requests: 151 } });
    const lines = squeezed(describeRequests([round(), round(), many]));
    expect(lines).toContain('requests of our own 140 (worst of 3: 151) goal ≤ 150: missed');
    expect(lines).toContain('requests of Helm 81 (worst of 3: 81)');
  });

  test('memory is told in MiB', () => {
    expect(squeezed(describeMemory([round()]))).toEqual(['peak memory of the runner 100 MiB (worst of 1: 100 MiB)']);
  });
});

describe('the start of an image', () => {
  const start = (image: string, versionMs: number, firstRequestMs: number) => ({ image, versionMs, helpMs: 50, firstRequestMs });

  test('images that were started in turn are told apart, each with its best, median and worst', () => {
    const lines = squeezed(describeStarts([start('old', 62, 170), start('new', 40, 100), start('old', 64, 180), start('new', 41, 110), start('old', 61, 900), start('new', 70, 120)]));
    expect(lines).toEqual([
      'old: --version (best: 61 ms) 62 ms (worst of 3: 64 ms) goal ≤ 60 ms: missed',
      'old: --help (best: 50 ms) 50 ms (worst of 3: 50 ms)',
      'old: first request (best: 170 ms) 180 ms (worst of 3: 900 ms) goal ≤ 150 ms: missed',
      'new: --version (best: 40 ms) 41 ms (worst of 3: 70 ms) goal ≤ 60 ms: met',
      'new: --help (best: 50 ms) 50 ms (worst of 3: 50 ms)',
      'new: first request (best: 100 ms) 110 ms (worst of 3: 120 ms) goal ≤ 150 ms: met',
    ]);
  });
});

describe('names', () => {
  test('more than one change for one zone misses the goal', () => {
    const lines = squeezed(describeSwitching([round(), round({ zones: [{ zone: 'example.test', names: 3, changes: 3, spreadMs: 900 }] })]));
    expect(lines).toContain('example.test: atomic changes for 3 names 2 (worst of 2: 3) goal ≤ 1: missed');
    expect(lines).toContain('example.test: first to last name 450 ms (worst of 2: 900 ms)');
  });

  test('a switch that was not seen whole is said to be so', () => {
    const unseen = { ...round(), polledSpreadMs: undefined };
    expect(squeezed(describeSwitching([unseen])).at(-1)).toBe('both zones on both servers not seen whole');
  });
});

describe('charts that take all memory', () => {
  const held = { title: 'a text of a gigabyte', tries: 100, held: 100, peakBytes: 128 * 1_048_576, msPerTry: 400, longestMs: 4_900 };

  test('are held when each single one was, and in time', () => {
    expect(squeezed([describeHostile(held), describeHostile({ ...held, held: 99 }), describeHostile({ ...held, longestMs: 5_100 })])).toEqual([
      'a text of a gigabyte 100 of 100 held, 128 MiB, 0.4 s each, at most 4.9 s goal: all, in 5 s: met',
      'a text of a gigabyte 99 of 100 held, 128 MiB, 0.4 s each, at most 4.9 s goal: all, in 5 s: missed',
      'a text of a gigabyte 100 of 100 held, 128 MiB, 0.4 s each, at most 5.1 s goal: all, in 5 s: missed',
    ]);
  });
});
