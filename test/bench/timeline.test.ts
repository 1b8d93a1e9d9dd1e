// Where the time of a rebuild goes: what had to be is not overhead, and no second is counted twice or lost.

import { describe, expect, test } from 'vitest';
import { timelineOf, type Marks } from '../../bench/timeline.ts';
import type { RunRecord } from '../../src/run/record.ts';

const start = Date.parse('2026-11-21T12:00:00.000Z');
const at = (seconds: number): number => start + seconds * 1_000;
const time = (seconds: number): string => new Date(at(seconds)).toISOString();

function step(name: string, from: number, to: number): RunRecord['steps'][number] {
  return { name, state: 'done', startedAt: time(from), endedAt: time(to) };
}

/** Helm writes from 4 s on, everything is ready at 9 s, the load takes 20 s, the TTL is 5 s, the soak 5 s. */
function marks(more: Partial<Marks> = {}): Marks {
  const steps = [
    step('checkPreconditions', 2, 3),
    { name: 'removeLeftovers', state: 'skipped' as const, endedAt: time(3) },
    step('installRelease', 3, 6),
    step('waitUntilReady', 6, 9.5),
    step('loadData', 9.5, 30),
    { ...step('swapNames', 30, 31), output: { switchedAt: at(31), longestTtlSeconds: 5 } },
    step('drainPrevious', 31, 41.25),
  ];
  const record = { startedAt: time(1), steps } as unknown as RunRecord;
  return { spawnedAt: at(0), exitedAt: at(42), helmWroteAt: at(4), lastReadyAt: at(9), loadMs: 20_000, soakMs: 5_000, waits: [], record, ...more };
}

const overheads = (given: Marks): readonly (readonly [string, number])[] => timelineOf(given).phases.map(({ name, overheadMs }) => [name, overheadMs]);

describe('the timeline of a rebuild', () => {
  test('what is not coming up, loading, TTL or soak is overhead, step by step', () => {
    expect(overheads(marks())).toEqual([
      ['start, lock and plan', 2_000],
      ['checkPreconditions', 1_000],
      ['installRelease', 1_000],
      ['waitUntilReady', 500],
      ['loadData', 500],
      ['swapNames', 1_000],
      ['drainPrevious', 250],
      ['unlock, summary, exit', 750],
    ]);
  });

  test('all parts together are the whole time, so nothing is lost between two steps', () => {
    const { wallMs, idealMs, overheadMs, phases } = timelineOf(marks());
    expect(wallMs).toBe(42_000);
    expect(idealMs + overheadMs).toBe(wallMs);
    expect(phases.reduce((sum, phase) => sum + phase.idealMs + phase.overheadMs, 0)).toBe(wallMs);
  });

  test('a release that is ready before helm has ended leaves the whole wait as overhead', () => {
    const early = overheads(marks({ lastReadyAt: at(5) }));
    expect(early).toContainEqual(['installRelease', 2_000]);
    expect(early).toContainEqual(['waitUntilReady', 3_500]);
  });

  test('waiting for the work of others stays overhead, and is told apart from our own', () => {
    const waits = [{ phase: 'waitUntilReady', for: 'a pod', ms: 1_500 }, { phase: 'drainPrevious', for: 'another', ms: 500 }];
    const { overheadMs, ownMs } = timelineOf(marks({ waits }));
    expect(overheadMs).toBe(timelineOf(marks()).overheadMs);
    expect(ownMs).toBe(overheadMs - 2_000);
  });

  test('a record without a swap is no rebuild to measure', () => {
    const record = { ...marks().record, steps: marks().record.steps.filter(({ name }) => name !== 'swapNames') };
    expect(() => timelineOf(marks({ record }))).toThrow(/expected object/);
  });
});
