// The dialect of Kubernetes CronJobs (robfig/cron v3, ParseStandard), read into sets of numbers. Knows no time.

export interface Fields {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly weekdays: ReadonlySet<number>;
  /** Day of the month and day of the week both say something: either is then enough. */
  readonly isEitherDay: boolean;
}

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Names of the values from `min` on. */
  readonly names?: readonly string[];
}

const fields = {
  minutes: { name: 'minute', min: 0, max: 59 },
  hours: { name: 'hour', min: 0, max: 23 },
  days: { name: 'day of the month', min: 1, max: 31 },
  months: { name: 'month', min: 1, max: 12, names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] },
  weekdays: { name: 'day of the week', min: 0, max: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
} as const satisfies Record<string, Field>;

const shortcuts = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
]);

/** What is wrong with the way it is written, as a sentence that begins with `must`; undefined when it can be read. */
export function syntaxProblem(schedule: string): string | undefined {
  return shapeProblem(schedule) ?? (schedule.startsWith('@') ? undefined : fieldsProblem(textsOf(schedule)));
}

/** The schedule must have no problem, and not begin with `@every`. */
export function fieldsOf(schedule: string): Fields {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = textsOf(shortcuts.get(schedule) ?? schedule);
  return {
    minutes: valuesOf(minute, fields.minutes),
    hours: valuesOf(hour, fields.hours),
    days: valuesOf(day, fields.days),
    months: valuesOf(month, fields.months),
    weekdays: valuesOf(weekday, fields.weekdays),
    isEitherDay: !isAny(day) && !isAny(weekday),
  };
}

// What a duration of Go holds, in which the CronJob controller counts.
const longestEveryMs = 2_562_047 * 3_600_000;

/** Of `@every`, in Go's duration syntax; undefined for every other schedule. */
export function everyMs(schedule: string): number | undefined {
  const text = /^@every (\S+)$/.exec(schedule)?.[1] ?? '';
  if (!/^(\d+(\.\d+)?(h|m|s|ms))+$/.test(text)) return undefined;
  const unitMs = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };
  let total = 0;
  for (const [, amount, , unit] of text.matchAll(/(\d+(\.\d+)?)(ms|h|m|s)/g)) total += Number(amount) * unitMs[unit as keyof typeof unitMs];
  return total >= 1_000 && total <= longestEveryMs ? total - (total % 1_000) : undefined;
}

function shapeProblem(schedule: string): string | undefined {
  if (/^(CRON_)?TZ=/.test(schedule)) return 'must not contain a time zone: Kubernetes refuses TZ= in a schedule; use timeZone';
  if (schedule.startsWith('@every')) return everyMs(schedule) === undefined ? 'must give @every a duration between 1s and 2562047h such as @every 12h' : undefined;
  if (schedule.startsWith('@')) return shortcuts.has(schedule) ? undefined : `must be one of ${[...shortcuts.keys()].join(', ')}, or @every 12h`;
  const given = textsOf(schedule).filter((field) => field !== '').length;
  return given === 5 ? undefined : `must have five fields (minute, hour, day, month, weekday) such as 0 3 * * 6, not ${given}`;
}

function textsOf(schedule: string): readonly string[] {
  return schedule.trim().split(/\s+/);
}

function fieldsProblem(texts: readonly string[]): string | undefined {
  for (const [index, field] of Object.values(fields).entries()) {
    const wrong = (texts[index] ?? '').split(',').find((part) => rangeOf(part, field) === undefined);
    if (wrong !== undefined) return `must have ${wordsOf(field)} as its ${field.name}, which “${wrong}” is not`;
  }
  return undefined;
}

interface Range {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

function rangeOf(part: string, field: Field): Range | undefined {
  const match = /^(\*|\?|[a-z0-9]+)(?:-([a-z0-9]+))?(?:\/(\d+))?$/.exec(part.toLowerCase());
  if (match === null) return undefined;
  const [, from = '', to, stepText = '1'] = match;
  const step = Number(stepText);
  if (step === 0) return undefined;
  if (from === '*' || from === '?') return to === undefined ? { first: field.min, last: field.max, step } : undefined;
  const first = valueOf(from, field);
  // `5/10` means `5-59/10`.
  const last = to !== undefined ? valueOf(to, field) : match[3] === undefined ? first : field.max;
  return first !== undefined && last !== undefined && first <= last ? { first, last, step } : undefined;
}

function valueOf(text: string, { min, max, names }: Field): number | undefined {
  const named = names?.indexOf(text) ?? -1;
  const value = named >= 0 ? named + min : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}

function wordsOf({ min, max, names }: Field): string {
  return names === undefined ? `${min}–${max}` : `${min}–${max} or ${names[0]}–${names.at(-1)}`;
}

function valuesOf(text: string, field: Field): ReadonlySet<number> {
  const values = new Set<number>();
  for (const range of text.split(',').map((part) => rangeOf(part, field))) {
    if (range === undefined) continue;
    for (let value = range.first; value <= range.last; value += range.step) values.add(value);
  }
  return values;
}

/** With a step of more than one a star no longer counts as one: robfig/cron's getRange. */
function isAny(text: string): boolean {
  return text.split(',').some((part) => /^[*?](\/0*1)?$/.test(part));
}
