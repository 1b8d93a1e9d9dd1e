// How far two clocks are apart is only told as far as it is certain: a slow answer is no wrong clock.

import { describe, expect, test } from 'vitest';
import { certainSkewMs, judgeClock } from '../../src/doctor/clock.ts';

const noon = Date.parse('2026-11-21T12:00:00Z');

describe('the clock', () => {
  test.each([
    ['the same', { askedAt: noon + 400, answeredAt: noon + 420, serverTime: noon }, 0],
    ['the same, across a second', { askedAt: noon + 990, answeredAt: noon + 1_010, serverTime: noon + 1_000 }, 0],
    ['the same, with an answer that took five seconds', { askedAt: noon, answeredAt: noon + 5_000, serverTime: noon + 4_000 }, 0],
    ['ten seconds ahead', { askedAt: noon + 10_500, answeredAt: noon + 10_520, serverTime: noon }, 9_500],
    ['ten seconds behind', { askedAt: noon - 9_500, answeredAt: noon - 9_480, serverTime: noon }, -9_480],
  ])('is %s', (_, reading, expected) => {
    expect(certainSkewMs(reading)).toBe(expected);
  });

  const apart = (seconds: number) => judgeClock({ askedAt: noon + seconds * 1_000, answeredAt: noon + seconds * 1_000 + 20, serverTime: noon });

  test.each([
    [0, 'ok'],
    [2.9, 'ok'],
    [3.1, 'warning'],
    [-2.1, 'warning'],
    [31.5, 'failed'],
    [-31, 'failed'],
  ])('%d s from the server’s is %s', (seconds, verdict) => {
    expect(apart(seconds).verdict).toBe(verdict);
  });

  test('says which of them is ahead, and what to do', () => {
    expect(apart(61)).toMatchObject({ found: ['this clock is at least 1 min ahead of the API server’s'], remedy: expect.stringContaining('NTP') });
    expect(apart(-60).found).toEqual(['this clock is at least 1 min behind the API server’s']);
  });
});
