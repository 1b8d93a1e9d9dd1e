// What the doctor says of schedules: when they run next, and what clocks will do to them.

import { describe, expect, test } from 'vitest';
import { judgeSchedule } from '../../src/doctor/schedule.ts';
import { loadTestEnvironment } from '../../sim/environment.ts';

const summer = Date.parse('2026-07-01T12:00:00Z');
const judge = (more: Readonly<Record<string, unknown>>) => judgeSchedule(loadTestEnvironment(more), summer);

describe('the schedule', () => {
  test('is well, with the next three runs as the controller will start them, in UTC', () => {
    expect(judge({ schedule: '0 12 * * *', timeZone: 'Europe/Berlin' })).toEqual({
      check: 'schedule',
      verdict: 'ok',
      found: ['rebuild: next 2026-07-02 10:00:00 UTC, 2026-07-03 10:00:00 UTC, 2026-07-04 10:00:00 UTC (0 12 * * * Europe/Berlin)'],
    });
  });

  test('of each operation is told, in its own time zone or the common one', () => {
    const { found } = judge({ timeZone: 'Europe/Berlin', schedules: [{ operation: 'rehearse', schedule: '0 12 * * *' }, { operation: 'prune', schedule: '0 12 * * *', timeZone: 'Asia/Tokyo' }] });
    expect(found).toEqual([expect.stringContaining('rehearse: next 2026-07-02 10:00:00 UTC'), expect.stringContaining('prune: next 2026-07-02 03:00:00 UTC')]);
  });

  test.each([
    ['is doubled when clocks go back', { schedule: '30 1 * * *', timeZone: 'America/New_York' }, 'clocks go back, 01:30 on 2026-11-01 (America/New_York) comes twice; minInterval refuses the second'],
    ['is left out when clocks go forward', { schedule: '30 2 * * *', timeZone: 'Europe/Berlin' }, 'clocks go forward, 02:30 on 2027-03-28 (Europe/Berlin) is left out'],
  ])('that %s is a warning', (_, timing, expected) => {
    const { verdict, found, remedy } = judge(timing);
    expect(verdict).toBe('warning');
    expect(found.join('\n')).toContain(expected);
    expect(remedy).toContain('Etc/UTC');
  });

  test('whose runs are nearer than minInterval allows is a warning: some would be refused', () => {
    const { verdict, found } = judge({ schedule: '0 */6 * * *', minInterval: '12h' });
    expect([verdict, found[1]]).toEqual(['warning', 'rebuild: minInterval is 12 h, but the next runs are only 6 h apart: some will be refused']);
    expect(judge({ schedule: '0 */6 * * *', minInterval: '6h' }).verdict).toBe('ok');
  });

  test('that is suspended is a warning', () => {
    expect(judge({ schedule: '0 12 * * *', suspend: true })).toMatchObject({ verdict: 'warning', found: [expect.stringContaining('suspend'), expect.stringContaining('next')] });
  });

  test('may be none', () => {
    expect(judge({})).toEqual({ check: 'schedule', verdict: 'ok', found: ['none: runs are started by hand only'] });
  });
});
