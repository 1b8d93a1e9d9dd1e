// How long a scheduled run keeps away from the last one that went well: as configured, or by its own schedule.

import { expect, it } from 'vitest';
import { minIntervalMs } from '../../src/session/interval.ts';

const environment = { schedule: '0 3 * * *', schedules: [{ operation: 'prune' as const, schedule: '@hourly' }], timeZone: 'Europe/Berlin', minInterval: undefined };
const minutes = 60_000;

it('is half the shortest regular interval where none is configured, at most two hours', () => {
  expect(minIntervalMs(environment, 'rebuild')).toBe(120 * minutes);
  expect(minIntervalMs(environment, 'prune')).toBe(30 * minutes);
});

it('is what is configured, each operation for itself', () => {
  expect(minIntervalMs({ ...environment, minInterval: 6 * 60 * minutes }, 'rebuild')).toBe(360 * minutes);
  expect(minIntervalMs({ ...environment, minInterval: 6 * 60 * minutes }, 'prune')).toBe(30 * minutes);
  expect(minIntervalMs({ ...environment, schedules: [{ operation: 'prune', schedule: '@hourly', minInterval: minutes }] }, 'prune')).toBe(minutes);
});

it('is none for what has no schedule', () => {
  expect(minIntervalMs({ ...environment, schedule: undefined }, 'rebuild')).toBeUndefined();
  expect(minIntervalMs(environment, 'rehearse')).toBeUndefined();
});
