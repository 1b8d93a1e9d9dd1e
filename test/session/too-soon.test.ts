// When a scheduled run is refused because the last one has only just been: the decision alone.

import { describe, expect, test } from 'vitest';
import type { RunRecord } from '../../src/run/record.ts';
import { judgeInterval, tooSoon, type ScheduledStart } from '../../src/session/too-soon.ts';
import { newRecord } from '../run/engine-world.ts';

const minute = 60_000;
const at = (text: string): number => Date.parse(`2026-11-01T${text}:00.000Z`);

function run(id: string, startedAt: string, more: Partial<RunRecord> = {}): RunRecord {
  return { ...newRecord(), id, operation: 'rebuild', outcome: 'succeeded', startedAt: `2026-11-01T${startedAt}:00.000Z`, ...more };
}

const start = (now: string, more: Partial<ScheduledStart> = {}): ScheduledStart => ({ operation: 'rebuild', holder: 'changeover-prod-29384772-9bwlq/1', now: at(now), minIntervalMs: 120 * minute, ...more });

describe('a scheduled run', () => {
  const night = [run('first', '05:30')];

  test.each([
    ['an hour after one that went well, as in a doubled hour', night, start('06:30'), 'tooSoon'],
    ['a moment before the interval is over', night, start('07:29'), 'tooSoon'],
    ['when the interval is over', night, start('07:30'), 'begin'],
    ['where none is configured', night, start('05:31', { minIntervalMs: undefined }), 'begin'],
    ['of another operation', night, start('06:30', { operation: 'rehearse' }), 'begin'],
    ['after one that failed', [run('failed', '05:30', { outcome: 'failed' })], start('06:30'), 'begin'],
    ['after one that was swapped back', [run('back', '05:30', { outcome: 'restored' })], start('06:30'), 'begin'],
    ['after one that went well, and a later one that failed', [...night, run('failed', '06:00', { outcome: 'failed' })], start('06:30'), 'tooSoon'],
    ['when nothing has ever run', [], start('06:30'), 'begin'],
    ['while the clock says that the last one began in the future', night, start('05:00'), 'tooSoon'],
  ] as const)('%s', (_, records, asked, expected) => {
    expect(judgeInterval(records, asked).kind).toBe(expected);
  });

  test('counts from the beginning of the last one, however long that took', () => {
    const long = run('long', '05:30', { endedAt: '2026-11-01T08:00:00.000Z' });
    expect(judgeInterval([long], start('08:01')).kind).toBe('begin');
  });
});

describe('a pod that replaces one of the same Job', () => {
  const done = run('done', '05:30', { holder: 'changeover-prod-29384772-x7k2p/1' });

  test('finds that the work is done, and is not told that it comes too soon', () => {
    expect(judgeInterval([done], start('05:31'))).toEqual({ kind: 'done', record: done });
  });

  test.each([
    ['another Job of the same schedule', start('06:30', { holder: 'changeover-prod-29384832-x7k2p/1' })],
    ['the same pod, or a machine that runs it twice', start('06:30', { holder: 'changeover-prod-29384772-x7k2p/7' })],
    ['a machine whose name ends otherwise', start('06:30', { holder: 'laptop/7' })],
  ])('but %s is', (_, asked) => {
    expect(judgeInterval([done], asked).kind).toBe('tooSoon');
  });

  test('does not take an earlier run for its own when another has run since', () => {
    const between = run('failed', '05:45', { outcome: 'failed' });
    expect(judgeInterval([done, between], start('06:00')).kind).toBe('tooSoon');
  });
});

test('the refusal says which run there was, when it began, and when the next may begin', () => {
  const verdict = judgeInterval([run('20261101-053000-2hpwr', '05:30')], start('06:30'));
  const failure = verdict.kind === 'tooSoon' ? tooSoon(verdict) : undefined;
  expect(failure?.exitCode).toBe(5);
  expect(failure?.facts.summary).toBe('rebuild 20261101-053000-2hpwr went well and began at 2026-11-01T05:30:00.000Z; the next scheduled one may begin at 2026-11-01T07:30:00.000Z');
});
