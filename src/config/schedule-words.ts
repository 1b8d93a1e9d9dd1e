// A schedule in words, its times as clocks show them, and what changes of clocks do to it. Apart from schedule.ts, so that a run
// does not load what it never says.

import cronstrue from 'cronstrue';
import type { DaylightSavingWarning } from './schedule-daylight.ts';
import { wallAt } from './schedule.ts';

/** `At 03:00, only on Saturday`; the schedule must have no problem. */
export function scheduleWords(schedule: string): string {
  const every = /^@every (\S+)$/.exec(schedule)?.[1];
  if (every !== undefined) return `Every ${every}`;
  // `?` means `*` to Kubernetes, and nothing to cronstrue in most fields.
  return cronstrue.toString(schedule.replaceAll('?', '*'), { use24HourTimeFormat: true, verbose: true });
}

/** `2026-11-28 03:00 Europe/Berlin (02:00 UTC)`; the date again where it differs. */
export function timeWords(ms: number, timeZone: string): string {
  const at = Math.floor(ms / 1_000);
  const { local } = wallAt(timeZone, at);
  const [there, utc] = [dateAndTime(local), dateAndTime(at)];
  if (utcNames.has(timeZone)) return `${utc.date} ${utc.time} UTC`;
  return `${there.date} ${there.time} ${timeZone} (${utc.date === there.date ? '' : `${utc.date} `}${utc.time} UTC)`;
}

/** `on 2027-03-28 clocks go forward: nothing starts at 02:30`. */
export function daylightSavingWords({ effect, date, times }: DaylightSavingWarning): string {
  const at = times.length <= 3 ? times.join(', ') : `${times[0]} … ${times.at(-1)} (${times.length} times)`;
  if (effect === 'skipped') return `on ${date} clocks go forward: nothing starts at ${at}`;
  if (effect === 'twice') return `on ${date} clocks go back: ${at} comes twice, and minInterval decides about the second start`;
  return `on ${date} clocks go forward at midnight, which misleads the CronJob controller: it starts at ${at}, too`;
}

const utcNames = new Set(['Etc/UTC', 'UTC', 'Etc/UCT', 'UCT', 'Zulu', 'Etc/Zulu', 'Universal', 'Etc/Universal']);

function dateAndTime(seconds: number): { readonly date: string; readonly time: string } {
  const text = new Date(seconds * 1_000).toISOString();
  return { date: text.slice(0, 10), time: text.slice(11, seconds % 60 === 0 ? 16 : 19) };
}
