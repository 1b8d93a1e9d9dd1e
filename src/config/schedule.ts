// When a schedule fires, as Kubernetes' CronJob controller fires it (robfig/cron v3), in its time zone. Knows no clock.
// Ours, since every npm parser differs from it where clocks change: a fixture of robfig/cron's own answers holds it.

import { everyMs, fieldsOf, syntaxProblem, type Fields } from './schedule-fields.ts';
import { fromLocal, offsetSeconds } from './time-zone.ts';

export interface Timing {
  readonly schedule: string;
  /** IANA name; `Etc/UTC` when it is not given. */
  readonly timeZone?: string | undefined;
}

/** What a Kubernetes CronJob would not accept about it, as a sentence that begins with `must`; undefined when it is fine. */
export function scheduleProblem(schedule: string): string | undefined {
  const problem = syntaxProblem(schedule);
  if (problem !== undefined) return problem;
  return nextRuns({ schedule }, 0, 1).length === 1 ? undefined : 'must name a day that exists: this one never comes';
}

/**
 * The next `count` times after `fromMs`, in milliseconds since 1970; fewer when none comes within five years. Neither schedule
 * nor zone may have a problem. Where clocks go forward a time in the gap is left out, where they go back one in the doubled
 * hour comes twice; a gap at midnight (Cairo, Beirut) confuses robfig/cron about the day, and so it does here.
 */
export function nextRuns({ schedule, timeZone = 'Etc/UTC' }: Timing, fromMs: number, count: number): readonly number[] {
  const intervalMs = everyMs(schedule);
  // robfig/cron counts from the moment it is started, cut to the second.
  const startMs = fromMs - (fromMs % 1_000);
  if (intervalMs !== undefined) return Array.from({ length: count }, (_, index) => startMs + intervalMs * (index + 1));
  const fields = fieldsOf(schedule);
  const runs: number[] = [];
  let last: number | undefined = startMs / 1_000;
  while (runs.length < count) {
    last = next({ fields, timeZone }, last);
    if (last === undefined) break;
    runs.push(last * 1_000);
  }
  return runs;
}

/** What clocks on the wall show. */
interface Wall {
  readonly local: number;
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
}

export function wallAt(timeZone: string, at: number): Wall {
  const local = at + offsetSeconds(timeZone, at);
  const date = new Date(local * 1_000);
  return {
    local,
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    weekday: date.getUTCDay(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
  };
}

export function isDay({ days, weekdays, isEitherDay }: Fields, { day, weekday }: Pick<Wall, 'day' | 'weekday'>): boolean {
  return isEitherDay ? days.has(day) || weekdays.has(weekday) : days.has(day) && weekdays.has(weekday);
}

interface Clock {
  readonly fields: Fields;
  readonly timeZone: string;
}

/** Moves on unit by unit, from the largest, and starts over when a smaller one has carried into a larger: SpecSchedule.Next. */
function next({ fields, timeZone }: Clock, after: number): number | undefined {
  let at = after + 1;
  let hasMoved = false;
  const lastYear = wallAt(timeZone, at).year + 5;
  const carries = (unit: Unit): boolean => {
    while (!unit.matches(fields, wallAt(timeZone, at))) {
      if (!hasMoved) at = unit.begin(timeZone, at);
      hasMoved = true;
      at = unit.advance(timeZone, at);
      if (unit.isFirst(wallAt(timeZone, at))) return true;
    }
    return false;
  };
  while (wallAt(timeZone, at).year <= lastYear) {
    if (!units.some(carries)) return at;
  }
  return undefined;
}

/** Where the order of steps looks odd, it is robfig/cron's: the order decides what happens where clocks change. */
interface Unit {
  readonly matches: (fields: Fields, wall: Wall) => boolean;
  readonly begin: (timeZone: string, at: number) => number;
  readonly advance: (timeZone: string, at: number) => number;
  readonly isFirst: (wall: Wall) => boolean;
}

const units: readonly Unit[] = [
  {
    matches: ({ months }, { month }) => months.has(month),
    begin: (timeZone, at) => {
      const { year, month } = wallAt(timeZone, at);
      return fromLocal(timeZone, Date.UTC(year, month - 1) / 1_000);
    },
    advance: (timeZone, at) => {
      const { year, month, day, local } = wallAt(timeZone, at);
      return fromLocal(timeZone, Date.UTC(year, month, day) / 1_000 + (local % 86_400));
    },
    isFirst: ({ month }) => month === 1,
  },
  {
    matches: isDay,
    begin: (timeZone, at) => {
      const { local } = wallAt(timeZone, at);
      return fromLocal(timeZone, local - (local % 86_400));
    },
    advance: (timeZone, at) => {
      const tomorrow = fromLocal(timeZone, wallAt(timeZone, at).local + 86_400);
      const { hour } = wallAt(timeZone, tomorrow);
      // Midnight may not exist.
      return tomorrow + (hour > 12 ? 24 - hour : -hour) * 3_600;
    },
    isFirst: ({ day }) => day === 1,
  },
  {
    matches: ({ hours }, { hour }) => hours.has(hour),
    begin: (timeZone, at) => {
      const { local } = wallAt(timeZone, at);
      return fromLocal(timeZone, local - (local % 3_600));
    },
    advance: (_timeZone, at) => at + 3_600,
    isFirst: ({ hour }) => hour === 0,
  },
  {
    matches: ({ minutes }, { minute }) => minutes.has(minute),
    begin: (_timeZone, at) => at - (at % 60),
    advance: (_timeZone, at) => at + 60,
    isFirst: ({ minute }) => minute === 0,
  },
  {
    matches: (_fields, { local }) => local % 60 === 0,
    begin: (_timeZone, at) => at,
    advance: (_timeZone, at) => at + 60 - (at % 60),
    isFirst: () => true,
  },
];
