// What the schedules will do: their next runs, and what a change of clocks does to them. Pure.

import type { Environment } from '../config/environment.ts';
import { daylightSavingWarnings, type DaylightSavingWarning } from '../config/schedule-daylight.ts';
import { nextRuns, type Timing } from '../config/schedule.ts';
import { describeDuration, describeTime } from '../report/text.ts';
import { ok, trouble, type Finding } from './finding.ts';

type Scheduled = Pick<Environment, 'schedule' | 'schedules' | 'timeZone' | 'suspend' | 'minInterval'>;

interface Own extends Timing {
  readonly operation: string;
  readonly minInterval: number | undefined;
}

const runsShown = 3;

/** `now`: milliseconds since 1970. The schedules themselves were checked when the configuration was read. */
export function judgeSchedule(environment: Scheduled, now: number): Finding {
  const all = timingsOf(environment);
  if (all.length === 0) return ok('schedule', 'none: runs are started by hand only');
  const plans = all.map((own) => nextText(own, now));
  if (environment.suspend) {
    return trouble('schedule', { verdict: 'warning', found: ['nothing starts by schedule: `suspend` is true', ...plans], remedy: 'To let runs start again: suspend: false' });
  }
  const warnings = all.flatMap((own) => [...skippedByInterval(own, now), ...daylightSavingWarnings(own, now).map((warning) => warningText(own, warning))]);
  if (warnings.length === 0) return ok('schedule', ...plans);
  return trouble('schedule', { verdict: 'warning', found: [...plans, ...warnings], remedy: 'Choose a time that no change of clocks touches, a time zone without one (Etc/UTC), or another minInterval, unless this is meant' });
}

function timingsOf({ schedule, schedules, timeZone, minInterval }: Scheduled): readonly Own[] {
  const rebuild = schedule === undefined ? [] : [{ operation: 'rebuild', schedule, timeZone, minInterval }];
  return [...rebuild, ...schedules.map((own) => ({ ...own, timeZone: own.timeZone ?? timeZone, minInterval: own.minInterval }))];
}

function nextText({ operation, ...timing }: Own, now: number): string {
  const runs = nextRuns(timing, now, runsShown);
  if (runs.length === 0) return `${operation}: never within five years (${timing.schedule} ${timing.timeZone})`;
  return `${operation}: next ${runs.map(describeTime).join(', ')} (${timing.schedule} ${timing.timeZone})`;
}

/** Said only of the next runs: further away the times between them repeat. */
function skippedByInterval({ operation, minInterval, ...timing }: Own, now: number): readonly string[] {
  if (minInterval === undefined) return [];
  const runs = nextRuns(timing, now, runsShown);
  const shortest = Math.min(...runs.slice(1).map((run, index) => run - (runs[index] ?? run)));
  if (shortest >= minInterval) return [];
  return [`${operation}: minInterval is ${describeDuration(minInterval)}, but the next runs are only ${describeDuration(shortest)} apart: some will be refused`];
}

function warningText({ operation, timeZone }: Own, { effect, date, times }: DaylightSavingWarning): string {
  const at = `${times.join(', ')} on ${date} (${timeZone})`;
  if (effect === 'skipped') return `${operation}: clocks go forward, ${at} is left out`;
  return effect === 'twice' ? `${operation}: clocks go back, ${at} comes twice; minInterval refuses the second` : `${operation}: Kubernetes also runs it at ${at}, where midnight does not exist`;
}
