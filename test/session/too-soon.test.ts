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
    { when: 'an hour after one that went well, as in a doubled hour', records: night, asked: start('06:30'), expected: 'tooSoon' },
    { when: 'a moment before the interval is over', records: night, asked: start('07:29'), expected: 'tooSoon' },
    { when: 'when the interval is over', records: night, asked: start('07:30'), expected: 'begin' },
    { when: 'where none is configured', records: night, asked: start('05:31', { minIntervalMs: undefined }), expected: 'begin' },
    { when: 'of another operation', records: night, asked: start('06:30', { operation: 'rehearse' }), expected: 'begin' },
    { when: 'after one that failed', records: [run('failed', '05:30', { outcome: 'failed' })], asked: start('06:30'), expected: 'begin' },
    { when: 'after one that was swapped back', records: [run('back', '05:30', { outcome: 'restored' })], asked: start('06:30'), expected: 'begin' },
    { when: 'after one that went well, and a later one that failed', records: [...night, run('failed', '06:00', { outcome: 'failed' })], asked: start('06:30'), expected: 'tooSoon' },
    { when: 'in a Job that somebody has made by hand', records: night, asked: start('05:31', { holder: 'changeover-prod-by-hand-9bwlq/1' }), expected: 'begin' },
    { when: 'in a Job that `changeover trigger` has made', records: night, asked: start('05:31', { holder: 'changeover-prod-manual-x7k2p-9bwlq/1' }), expected: 'begin' },
    { when: 'when nothing has ever run', records: [], asked: start('06:30'), expected: 'begin' },
    { when: 'while the clock says that the last one began in the future', records: night, asked: start('05:00'), expected: 'tooSoon' },
  ])('$when: $expected', ({ records, asked, expected }) => {
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

  test('also when somebody made that Job by hand: it is not done twice', () => {
    const byHand = run('done', '05:30', { holder: 'changeover-prod-manual-abcde-x7k2p/1' });
    expect(judgeInterval([byHand], start('05:31', { holder: 'changeover-prod-manual-abcde-9bwlq/1' })).kind).toBe('done');
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
