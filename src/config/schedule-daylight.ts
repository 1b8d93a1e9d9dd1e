// What a change of clocks does to a schedule, and how far apart its runs are otherwise. Knows no clock.

import { everyMs, fieldsOf, type Fields } from './schedule-fields.ts';
import { isDay, nextRuns, wallAt, type Timing } from './schedule.ts';
import { fromLocal, offsetSeconds } from './time-zone.ts';

export interface DaylightSavingWarning {
  /** `extra`: robfig/cron takes a day whose midnight does not exist for the one before. */
  readonly effect: 'skipped' | 'twice' | 'extra';
  /** Local, `2027-03-28`. */
  readonly date: string;
  /** Local, `02:30`. */
  readonly times: readonly string[];
}

const secondsPerDay = 86_400;
const mostRunsPerDay = 24;

/**
 * What goes wrong within the 53 weeks after `fromMs`, earliest first. Nothing is said about schedules that fire in every hour or more
 * than 24 times a day: the next run is near anyway.
 */
export function daylightSavingWarnings({ schedule, timeZone = 'Etc/UTC' }: Timing, fromMs: number): readonly DaylightSavingWarning[] {
  if (everyMs(schedule) !== undefined) return [];
  const fields = fieldsOf(schedule);
  if (fields.hours.size === 24 || fields.hours.size * fields.minutes.size > mostRunsPerDay) return [];
  return midnightsOfChange(timeZone, Math.floor(fromMs / 1_000)).flatMap((midnight) => warningsOf({ fields, schedule, timeZone, midnight }));
}

/** Half of the shortest regular interval, at most two hours: it keeps the second run of a doubled hour away, and no other. */
export function defaultMinIntervalMs(schedule: string): number {
  return Math.min(7_200_000, (everyMs(schedule) ?? shortestMs(fieldsOf(schedule))) / 2);
}

/** Local midnights, as if UTC, of the days that a change of clocks touches: two when it happens at midnight. */
function midnightsOfChange(timeZone: string, from: number): readonly number[] {
  const midnights = new Set<number>();
  for (let day = 0; day < 53 * 7; day += 1) {
    const [start, end] = [from + day * secondsPerDay, from + (day + 1) * secondsPerDay];
    if (offsetSeconds(timeZone, start) === offsetSeconds(timeZone, end)) continue;
    const change = firstAfterChange(timeZone, start, end);
    for (const local of [wallAt(timeZone, change - 1).local, wallAt(timeZone, change).local]) midnights.add(local - (local % secondsPerDay));
  }
  return [...midnights].sort((left, right) => left - right);
}

function firstAfterChange(timeZone: string, start: number, end: number): number {
  const before = offsetSeconds(timeZone, start);
  let change = Math.ceil(start / 900) * 900;
  while (change < end && offsetSeconds(timeZone, change) === before) change += 900;
  return change;
}

interface Day extends Timing {
  readonly timeZone: string;
  readonly fields: Fields;
  readonly midnight: number;
}

function warningsOf(day: Day): readonly DaylightSavingWarning[] {
  const date = new Date(day.midnight * 1_000);
  const wanted = wantedTimes(day.fields, date);
  const actual = actualTimes(day);
  const skipped = wanted.filter((time) => !actual.includes(time));
  const twice = wanted.filter((time) => actual.indexOf(time) !== actual.lastIndexOf(time));
  const extra = actual.filter((time) => !wanted.includes(time));
  const found = { skipped, twice, extra };
  return (['skipped', 'twice', 'extra'] as const)
    .filter((effect) => found[effect].length > 0)
    .map((effect) => ({ effect, date: date.toISOString().slice(0, 10), times: found[effect] }));
}

function wantedTimes({ hours, minutes, ...fields }: Fields, date: Date): readonly string[] {
  const isRightMonth = fields.months.has(date.getUTCMonth() + 1);
  if (!isRightMonth || !isDay({ hours, minutes, ...fields }, { day: date.getUTCDate(), weekday: date.getUTCDay() })) return [];
  const ascending = (values: ReadonlySet<number>): readonly number[] => [...values].sort((left, right) => left - right);
  return ascending(hours).flatMap((hour) => ascending(minutes).map((minute) => clockTime(hour, minute)));
}

/** Begun on the day before, since the controller goes from one run to the next. */
function actualTimes({ midnight, timeZone, schedule }: Day): readonly string[] {
  const times: string[] = [];
  let at = fromLocal(timeZone, midnight - secondsPerDay) - 1;
  // Bounded: in the doubled hour of Chatham, robfig/cron goes back to times that have passed, again and again.
  for (let run = 0; run < 6 * mostRunsPerDay; run += 1) {
    const [next] = nextRuns({ schedule, timeZone }, at * 1_000, 1);
    if (next === undefined) break;
    at = next / 1_000;
    const { local, hour, minute } = wallAt(timeZone, at);
    if (local >= midnight + secondsPerDay) break;
    if (local >= midnight) times.push(clockTime(hour, minute));
  }
  return times;
}

function clockTime(hour: number, minute: number): string {
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}

/** On a calendar without changes of clocks. Days further apart than neighbours never have the shortest interval that matters. */
function shortestMs(fields: Fields): number {
  const times = [...fields.hours].flatMap((hour) => [...fields.minutes].map((minute) => hour * 60 + minute)).sort((left, right) => left - right);
  const overnight = hasNeighbouringDays(fields) ? [1_440 + (times[0] ?? 0)] : [];
  const following = [...times.slice(1), ...overnight];
  return Math.min(1_440, ...following.map((time, index) => time - (times[index] ?? 0))) * 60_000;
}

function hasNeighbouringDays(fields: Fields): boolean {
  const day = (index: number): boolean => {
    const date = new Date(index * secondsPerDay * 1_000);
    return fields.months.has(date.getUTCMonth() + 1) && isDay(fields, { day: date.getUTCDate(), weekday: date.getUTCDay() });
  };
  // Four years hold each pair of dates, also around 29 February.
  return Array.from({ length: 1_461 }, (_, index) => index).some((index) => day(index) && day(index + 1));
}
