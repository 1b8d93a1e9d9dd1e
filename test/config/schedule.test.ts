// Schedules, in the dialect of Kubernetes CronJobs: what robfig/cron v3 (ParseStandard) accepts, nothing more.

import { describe, expect, it } from 'vitest';
import { nextRuns, scheduleProblem, type Timing } from '../../src/config/schedule.ts';

const saturday = Date.parse('2026-11-21T11:09:59.500Z');

function next(schedule: string, count = 2): readonly string[] {
  expect(scheduleProblem(schedule)).toBeUndefined();
  return nextRuns({ schedule }, saturday, count).map((ms) => new Date(ms).toISOString().replace(':00.000Z', 'Z'));
}

describe('a schedule that Kubernetes accepts fires when the controller would fire it:', () => {
  it.each([
    ['0 3 * * 6', ['2026-11-28T03:00Z', '2026-12-05T03:00Z']],
    ['*/15 * * * *', ['2026-11-21T11:15Z', '2026-11-21T11:30Z']],
    ['50/5 11 * * *', ['2026-11-21T11:50Z', '2026-11-21T11:55Z']],
    ['0 0 1,15 * ?', ['2026-12-01T00:00Z', '2026-12-15T00:00Z']],
    ['0 0 ? jan-MAR/2 *', ['2027-01-01T00:00Z', '2027-01-02T00:00Z']],
    ['30 4 * * MON-wed', ['2026-11-23T04:30Z', '2026-11-24T04:30Z']],
    ['0 0 13 * 5', ['2026-11-27T00:00Z', '2026-12-04T00:00Z']],
    ['0 0 29 2 *', ['2028-02-29T00:00Z', '2032-02-29T00:00Z']],
    ['@daily', ['2026-11-22T00:00Z', '2026-11-23T00:00Z']],
    ['@midnight', ['2026-11-22T00:00Z', '2026-11-23T00:00Z']],
    ['@weekly', ['2026-11-22T00:00Z', '2026-11-29T00:00Z']],
    ['@annually', ['2027-01-01T00:00Z', '2028-01-01T00:00Z']],
    ['@every 1h30m', ['2026-11-21T12:39:59.000Z', '2026-11-21T14:09:59.000Z']],
  ])('%s', (schedule, expected) => {
    expect(next(schedule)).toEqual(expected);
  });
});

describe('a schedule that Kubernetes would refuse is refused, with the reason:', () => {
  it.each([
    ['', 'must have five fields (minute, hour, day, month, weekday) such as 0 3 * * 6, not 0'],
    ['0 3 * *', 'must have five fields (minute, hour, day, month, weekday) such as 0 3 * * 6, not 4'],
    ['0 0 3 * * 6', 'must have five fields (minute, hour, day, month, weekday) such as 0 3 * * 6, not 6'],
    ['0 3 * * 7', 'must have 0–6 or sun–sat as its day of the week, which “7” is not'],
    ['0 3 * * 6L', 'must have 0–6 or sun–sat as its day of the week, which “6L” is not'],
    ['0 3 * * 5#2', 'must have 0–6 or sun–sat as its day of the week, which “5#2” is not'],
    ['0 3 L * *', 'must have 1–31 as its day of the month, which “L” is not'],
    ['0 3 15W * *', 'must have 1–31 as its day of the month, which “15W” is not'],
    ['0 24 * * *', 'must have 0–23 as its hour, which “24” is not'],
    ['60 3 * * *', 'must have 0–59 as its minute, which “60” is not'],
    ['*/0 3 * * *', 'must have 0–59 as its minute, which “*/0” is not'],
    ['0 5-3 * * *', 'must have 0–23 as its hour, which “5-3” is not'],
    ['0 3 * 0 *', 'must have 1–12 or jan–dec as its month, which “0” is not'],
    ['0 3 * january *', 'must have 1–12 or jan–dec as its month, which “january” is not'],
    ['H 3 * * *', 'must have 0–59 as its minute, which “H” is not'],
    ['0,,5 3 * * *', 'must have 0–59 as its minute, which “” is not'],
    ['0 0 31 2 *', 'must name a day that exists: this one never comes'],
    ['TZ=Europe/Berlin 0 3 * * *', 'must not contain a time zone: Kubernetes refuses TZ= in a schedule; use timeZone'],
    ['CRON_TZ=UTC 0 3 * * *', 'must not contain a time zone: Kubernetes refuses TZ= in a schedule; use timeZone'],
    ['@reboot', 'must be one of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly, or @every 12h'],
    ['@Daily', 'must be one of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly, or @every 12h'],
    ['@every', 'must give @every a duration between 1s and 2562047h such as @every 12h'],
    ['@every 1d', 'must give @every a duration between 1s and 2562047h such as @every 12h'],
    ['@every 99999999999999999h', 'must give @every a duration between 1s and 2562047h such as @every 12h'],
    ['@every 0s', 'must give @every a duration between 1s and 2562047h such as @every 12h'],
  ])('%j', (schedule, problem) => {
    expect(scheduleProblem(schedule)).toBe(problem);
  });
});

describe('where clocks change', () => {
  const local = (timing: Timing, from: string, count: number): readonly string[] =>
    nextRuns(timing, Date.parse(from), count).map((ms) => new Date(ms).toISOString().slice(0, 16));

  it('a time in the doubled hour comes twice', () => {
    expect(local({ schedule: '30 1 * * *', timeZone: 'America/New_York' }, '2026-10-31T12:00:00Z', 3)).toEqual(['2026-11-01T05:30', '2026-11-01T06:30', '2026-11-02T06:30']);
  });

  it('a time in the gap is left out on that day', () => {
    expect(local({ schedule: '30 2 * * *', timeZone: 'America/New_York' }, '2027-03-13T12:00:00Z', 2)).toEqual(['2027-03-15T06:30', '2027-03-16T06:30']);
  });

  it('hours count on without regard to them', () => {
    expect(local({ schedule: '@every 12h', timeZone: 'Europe/Berlin' }, '2027-03-27T12:00:00Z', 2)).toEqual(['2027-03-28T00:00', '2027-03-28T12:00']);
  });
});
