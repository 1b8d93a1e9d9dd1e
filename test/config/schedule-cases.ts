// Thousands of schedules, zones and moments near changes of clocks, the same ones each time. Knows no answers.

import { seeded } from '../../sim/random.ts';

export interface Case {
  readonly schedule: string;
  readonly timeZone: string;
  /** Seconds since 1970. */
  readonly from: number;
  readonly count: number;
}

// What happens to clocks in each is the reason that it is here: half an hour, two hours, at midnight, on a Saturday, in spring
// of the south, twice more for Ramadan, or never. Neither Morocco nor Cuba, whose rules
// changed too lately for two copies of the database to agree.
const timeZones = [
  'Etc/UTC',
  'America/New_York',
  'Europe/Berlin',
  'Europe/London',
  'Europe/Dublin',
  'Australia/Lord_Howe',
  'Africa/Cairo',
  'Asia/Beirut',
  'Atlantic/Azores',
  'America/Santiago',
  'Pacific/Chatham',
  'Pacific/Auckland',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'America/St_Johns',
  'America/Nuuk',
  'Antarctica/Troll',
  'Asia/Jerusalem',
  'Pacific/Easter',
  'US/Pacific',
  'Asia/Gaza',
  'Asia/Tehran',
];

const minutes = ['0', '0', '30', '30', '15', '45', '7', '59', '*/15', '*/20', '0,30', '5-50/20', '50/5', '*'];
const hours = ['0', '0', '1', '1', '2', '2', '3', '3', '4', '5', '12', '22', '23', '0,2', '1-3', '22-23', '0-5/2', '1/5', '*/2', '*/6', '?', '*'];
const days = ['*', '*', '*', '*', '*', '?', '1', '13', '29', '31', '1-7', '25-31', '*/2', '1,15', '?/1', '28/1'];
const months = ['*', '*', '*', '*', '*', '*', '*', 'mar', 'OCT-nov', '4', '*/3', 'jan-apr', '9,10', '?', '2'];
const weekdays = ['*', '*', '*', '*', 'sun', 'SAT', '5', '4', '1-5', 'mon-wed/2', '*/2', '?', '0,6', 'fri-sat'];
const shortcuts = ['@daily', '@midnight', '@hourly', '@weekly', '@monthly', '@yearly', '@every 1h30m', '@every 90s', '@every 12h'];
const refused = ['60 * * * *', '0 24 * * *', '0 0 0 * *', '0 0 * * 7', '0 0 L * *', '0 0 * * 5#2', '* * * *', '@reboot', '0 5-3 * * *', '*/0 * * * *', '0 0 * * * *', '0 0 * * mo'];
const odd = [...shortcuts, ...refused];

export function cases(amount: number): readonly Case[] {
  const random = seeded(4);
  const one = (list: readonly string[]): string => list[random.between(0, list.length - 1)] ?? '*';
  return Array.from({ length: amount }, () => {
    const fields = [minutes, hours, days, months, weekdays].map(one).join(' ');
    const schedule = random.between(0, 19) === 0 ? one(odd) : fields;
    return { schedule, timeZone: one(timeZones), from: moment(random.between), count: 5 };
  });
}

/** Clocks change at the ends of weeks around the ends of these months; up to two days before and one after. */
function moment(between: (min: number, max: number) => number): number {
  const year = between(2026, 2031);
  const month = [3, 3, 4, 4, 9, 10, 10, 11, 11, 7][between(0, 9)] ?? 7;
  const day = Date.UTC(year, month - 1, between(1, 31)) / 1_000;
  // 1 January 1970 was a Thursday.
  const weekday = (day / 86_400 + 4) % 7;
  return day - weekday * 86_400 + between(-48 * 3_600, 24 * 3_600);
}

/** One line per case: minutes from `from`, rounded up, to the first run, and then from run to run. */
export function compact(from: number, runs: readonly number[] | null): string {
  if (runs === null) return 'refused';
  return runs.map((run, index) => Math.ceil((run - (runs[index - 1] ?? from)) / 60).toString(36)).join(' ');
}
