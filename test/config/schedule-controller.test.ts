// Next runs against the answers of robfig/cron itself, which test/chart-tools/cron.test.ts asks for where Go is there.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nextRuns } from '../../src/config/schedule.ts';
import { syntaxProblem } from '../../src/config/schedule-fields.ts';
import { cases, compact } from './schedule-cases.ts';

const answers = readFileSync(new URL('schedule-runs.txt', import.meta.url), 'utf8').trimEnd().split('\n');

describe('the next runs', () => {
  it(`are those of the CronJob controller, for ${answers.length} schedules in many zones around changes of clocks`, { timeout: 30_000 }, () => {
    const wrong = cases(answers.length).flatMap(({ schedule, timeZone, from, count }, index) => {
      const seconds = syntaxProblem(schedule) === undefined ? nextRuns({ schedule, timeZone }, from * 1_000, count).map((ms) => ms / 1_000) : null;
      const ours = compact(from, seconds);
      return ours === answers[index] ? [] : [`${schedule} in ${timeZone} from ${new Date(from * 1_000).toISOString()}: ${ours} instead of ${answers[index]}`];
    });
    expect(answers.length).toBeGreaterThanOrEqual(4_000);
    expect(wrong).toEqual([]);
  });
});
