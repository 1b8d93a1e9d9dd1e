// What operators are told about changes of clocks, and what keeps the second run of a doubled hour away.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { daylightSavingWarnings, defaultMinIntervalMs } from '../../src/config/schedule-daylight.ts';
import { daylightSavingWords, scheduleWords, timeWords } from '../../src/config/schedule-words.ts';
import { nextRuns } from '../../src/config/schedule.ts';

const november = Date.parse('2026-11-21T11:09:59Z');

function warned(schedule: string, timeZone: string): readonly string[] {
  return daylightSavingWarnings({ schedule, timeZone }, november).map(daylightSavingWords);
}

describe('an operator is warned', () => {
  it('of a run that the gap in spring swallows, and of one that the doubled hour in autumn doubles', () => {
    expect(warned('30 2 * * *', 'Europe/Berlin')).toEqual([
      'on 2027-03-28 clocks go forward: nothing starts at 02:30',
      'on 2027-10-31 clocks go back: 02:30 comes twice, and minInterval decides about the second start',
    ]);
  });

  it('only of what happens to the schedule', () => {
    expect(warned('30 1 * * *', 'America/New_York')).toEqual(['on 2027-11-07 clocks go back: 01:30 comes twice, and minInterval decides about the second start']);
    expect(warned('30 2 * * 6', 'America/New_York')).toEqual([]);
    expect(warned('0 3 * * *', 'Europe/Berlin')).toEqual([]);
  });

  it.each(['Etc/UTC', 'Asia/Kolkata', 'America/Sao_Paulo'])('of nothing in %s, where clocks never change', (timeZone) => {
    expect(warned('*/30 0-3 * * *', timeZone)).toEqual([]);
  });

  it.each(['@hourly', '*/15 * * * *', '@every 12h', '*/5 1-3 * * *'])('of nothing when the next run is near anyway: %s', (schedule) => {
    expect(warned(schedule, 'Europe/Berlin')).toEqual([]);
  });

  it('of many times in few words', () => {
    expect(warned('*/10 2,5 * * *', 'Europe/Berlin')[0]).toBe('on 2027-03-28 clocks go forward: nothing starts at 02:00 … 02:50 (6 times)');
  });

  it('of the day that robfig/cron loses, or adds, where midnight does not exist', () => {
    expect(warned('0 5 * * 5', 'Africa/Cairo')).toEqual(['on 2027-04-30 clocks go forward: nothing starts at 05:00']);
    expect(warned('0 5 * * 4', 'Africa/Cairo')).toEqual(['on 2027-04-30 clocks go forward at midnight, which misleads the CronJob controller: it starts at 05:00, too']);
  });

  it('of changes of half an hour and of two hours', () => {
    expect(warned('15 2 * * *', 'Australia/Lord_Howe')).toContain('on 2027-10-03 clocks go forward: nothing starts at 02:15');
    expect(warned('0 1,2 * * *', 'Antarctica/Troll')).toContain('on 2027-03-28 clocks go forward: nothing starts at 01:00, 02:00');
  });
});

describe('the interval that a scheduled run keeps from the last one', () => {
  it.each([
    ['0 3 * * 6', 120],
    ['@daily', 120],
    ['@hourly', 30],
    ['*/15 * * * *', 7.5],
    ['0 */3 * * *', 90],
    ['30 1,2 * * 0', 30],
    ['0 1,23 * * *', 60],
    ['0 1,23 * * 6', 120],
    ['0 1,23 * * 5-6', 60],
    ['0 1,23 31 12 *', 120],
    ['0 1,23 1,31 1,12 *', 60],
    ['@every 1h', 30],
    ['@every 12h', 120],
  ])('%s: %d minutes', (schedule, minutes) => {
    expect(defaultMinIntervalMs(schedule)).toBe(minutes * 60_000);
  });

  it('lets every regular run begin, whatever the schedule', () => {
    const numbers = (max: number): fc.Arbitrary<string> => fc.uniqueArray(fc.integer({ min: 0, max }), { minLength: 1, maxLength: 3 }).map((values) => values.join(','));
    fc.assert(
      fc.property(numbers(59), numbers(23), fc.constantFrom('*', '1-5', '6', '0,6'), (minute, hour, weekday) => {
        const schedule = `${minute} ${hour} * * ${weekday}`;
        const runs = nextRuns({ schedule }, november, 30);
        const shortest = Math.min(...runs.slice(1).map((run, index) => run - (runs[index] ?? 0)));
        expect(defaultMinIntervalMs(schedule)).toBe(Math.min(7_200_000, shortest / 2));
      }),
      { numRuns: 200 },
    );
  });

  it('keeps the second run of a doubled hour away', () => {
    const [first = 0, second = 0] = nextRuns({ schedule: '30 1 * * *', timeZone: 'America/New_York' }, Date.parse('2026-11-01T00:00:00-04:00'), 2);
    expect(second - first).toBe(3_600_000);
    expect(defaultMinIntervalMs('30 1 * * *')).toBeGreaterThan(second - first);
  });
});

describe('a schedule in words:', () => {
  it.each([
    ['0 3 * * 6', 'At 03:00, only on Saturday'],
    ['0 0 ? * mon', 'At 00:00, only on Monday'],
    ['@daily', 'At 00:00, every day'],
    ['@every 12h', 'Every 12h'],
  ])('%s is “%s”', (schedule, words) => {
    expect(scheduleWords(schedule)).toBe(words);
  });
});

describe('a time is told as clocks show it, and in UTC', () => {
  const at = Date.parse('2026-11-28T02:00:00Z');

  it.each([
    ['Europe/Berlin', '2026-11-28 03:00 Europe/Berlin (02:00 UTC)'],
    ['America/New_York', '2026-11-27 21:00 America/New_York (2026-11-28 02:00 UTC)'],
    ['Etc/UTC', '2026-11-28 02:00 UTC'],
  ])('in %s', (timeZone, words) => {
    expect(timeWords(at, timeZone)).toBe(words);
  });
});
