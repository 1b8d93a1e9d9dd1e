// When a schedule fires, in the dialect of Kubernetes CronJobs (robfig/cron v3, ParseStandard), in UTC. Knows no clock.
// cron-parser accepts more than that dialect, so everything passes the gate below first.

import { CronExpressionParser } from 'cron-parser';

const shortcuts = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
]);

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Names of the values from `min` on. */
  readonly names?: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const fields: readonly Field[] = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of the month', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12, names: months },
  { name: 'day of the week', min: 0, max: 6, names: weekdays },
];

/** What a Kubernetes CronJob would not accept about it, as a sentence that begins with `must`; undefined when it is fine. */
export function scheduleProblem(schedule: string): string | undefined {
  return shapeProblem(schedule) ?? fieldsProblem(schedule);
}

/** The next `count` times after `fromMs`, in milliseconds since 1970. The schedule must have no problem. */
export function nextRuns(schedule: string, fromMs: number, count: number): readonly number[] {
  const intervalMs = everyMs(schedule);
  if (intervalMs !== undefined) {
    // robfig/cron counts from the moment it is started, cut to the second.
    const startMs = fromMs - (fromMs % 1_000);
    return Array.from({ length: count }, (_, index) => startMs + intervalMs * (index + 1));
  }
  const times = CronExpressionParser.parse(expression(schedule), { currentDate: new Date(fromMs), tz: 'UTC' });
  return Array.from({ length: count }, () => times.next().getTime());
}

function shapeProblem(schedule: string): string | undefined {
  if (/^(CRON_)?TZ=/.test(schedule)) return 'must not contain a time zone: Kubernetes refuses TZ= in a schedule';
  if (schedule.startsWith('@every')) return everyMs(schedule) === undefined ? 'must give @every a duration of at least 1s such as @every 12h' : undefined;
  if (schedule.startsWith('@')) return shortcuts.has(schedule) ? undefined : `must be one of ${[...shortcuts.keys()].join(', ')}, or @every 12h`;
  const given = schedule.trim().split(/\s+/).filter((field) => field !== '').length;
  return given === 5 ? undefined : `must have five fields (minute, hour, day, month, weekday) such as 0 3 * * 6, not ${given}`;
}

function fieldsProblem(schedule: string): string | undefined {
  if (schedule.startsWith('@')) return undefined;
  const texts = schedule.trim().split(/\s+/);
  for (const [index, field] of fields.entries()) {
    const wrong = (texts[index] ?? '').split(',').find((part) => !isRange(part.toLowerCase(), field));
    if (wrong !== undefined) return `must have ${wordsOf(field)} as its ${field.name}, which “${wrong}” is not`;
  }
  return comesEver(schedule) ? undefined : 'must name a day that exists: this one never comes';
}

function isRange(part: string, field: Field): boolean {
  const match = /^(\*|\?|[a-z0-9]+)(?:-([a-z0-9]+))?(?:\/(\d+))?$/.exec(part);
  if (match === null) return false;
  const [, from = '', to, step] = match;
  if (step !== undefined && Number(step) === 0) return false;
  if (from === '*' || from === '?') return to === undefined;
  const first = valueOf(from, field);
  const last = to === undefined ? first : valueOf(to, field);
  return first !== undefined && last !== undefined && first <= last;
}

function valueOf(text: string, { min, max, names }: Field): number | undefined {
  const named = names?.indexOf(text) ?? -1;
  const value = named >= 0 ? named + min : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}

function wordsOf({ min, max, names }: Field): string {
  return names === undefined ? `${min}–${max}` : `${min}–${max} or ${names[0]}–${names.at(-1)}`;
}

/** 31 February passes every field and never comes. */
function comesEver(schedule: string): boolean {
  try {
    return nextRuns(schedule, 0, 1).length === 1;
  } catch {
    return false;
  }
}

/** Five plain fields for cron-parser, which does not know `N/step` to mean `N-max/step`, nor `?` everywhere. */
function expression(schedule: string): string {
  const texts = (shortcuts.get(schedule) ?? schedule).trim().toLowerCase().split(/\s+/);
  return texts.map((text, index) => text.split(',').map((part) => plainRange(part, fields[index])).join(',')).join(' ');
}

function plainRange(part: string, field: Field | undefined): string {
  if (part === '?') return '*';
  return part.replace(/^\?\//, '*/').replace(/^([a-z0-9]+)\/(\d+)$/, `$1-${field?.max}/$2`);
}

/** Go's duration syntax, as `@every` takes it. */
function everyMs(schedule: string): number | undefined {
  const text = /^@every (\S+)$/.exec(schedule)?.[1] ?? '';
  if (!/^(\d+(\.\d+)?(h|m|s|ms))+$/.test(text)) return undefined;
  const unitMs = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };
  let total = 0;
  for (const [, amount, , unit] of text.matchAll(/(\d+(\.\d+)?)(ms|h|m|s)/g)) total += Number(amount) * unitMs[unit as keyof typeof unitMs];
  return total >= 1_000 ? total - (total % 1_000) : undefined;
}
