// Time zones: which names Kubernetes takes, and which one was meant.

import { describe, expect, it } from 'vitest';
import { fromLocal, offsetSeconds, timeZoneProblem } from '../../src/config/time-zone.ts';
import { timeZones } from '../../src/config/time-zones.ts';

describe('the name of a time zone', () => {
  it.each(['Europe/Berlin', 'Etc/UTC', 'UTC', 'US/Eastern', 'Asia/Calcutta', 'Europe/Kyiv', 'America/Argentina/Ushuaia', 'Etc/GMT+5'])('is fine when it is %s', (name) => {
    expect(timeZoneProblem(name)).toBeUndefined();
  });

  it.each([
    ['Europe/Berln', 'Europe/Berlin'],
    ['europe/berlin', 'Europe/Berlin'],
    ['Berlin', 'Europe/Berlin'],
    ['new york', 'America/New_York'],
    ['utc', 'Etc/UTC'],
    ['Etc/Utc', 'Etc/UTC'],
  ])('is told with the one that was meant: %s', (name, meant) => {
    expect(timeZoneProblem(name)).toBe(`must be a time zone of the IANA database such as Europe/Berlin; did you mean ${meant}?`);
  });

  it.each(['', '+01:00', 'Local', 'somewhere/else/entirely'])('is refused without a guess when none is near: “%s”', (name) => {
    expect(timeZoneProblem(name)).toBe('must be a time zone of the IANA database such as Europe/Berlin');
  });

  it('can be read by this program, whichever it is', () => {
    const january = Date.parse('2027-01-01T00:00:00Z') / 1_000;
    for (const name of timeZones) expect(Math.abs(offsetSeconds(name, january))).toBeLessThanOrEqual(14 * 3_600);
  });
});

describe('clocks', () => {
  const seconds = (text: string): number => Date.parse(text) / 1_000;

  it('are ahead of UTC by what the zone says at that instant', () => {
    expect(offsetSeconds('Europe/Berlin', seconds('2027-03-28T00:59:59Z'))).toBe(3_600);
    expect(offsetSeconds('Europe/Berlin', seconds('2027-03-28T01:00:00Z'))).toBe(7_200);
    expect(offsetSeconds('America/St_Johns', seconds('2027-01-01T00:00:00Z'))).toBe(-12_600);
  });

  it('give their instant back, also where they show a time twice or never', () => {
    expect(fromLocal('Europe/Berlin', seconds('2027-07-01T12:00:00Z'))).toBe(seconds('2027-07-01T10:00:00Z'));
    expect(fromLocal('America/New_York', seconds('2026-11-01T01:30:00Z'))).toBe(seconds('2026-11-01T05:30:00Z'));
    expect(fromLocal('America/New_York', seconds('2027-03-14T02:30:00Z'))).toBe(seconds('2027-03-14T06:30:00Z'));
  });
});
