// A schedule in words, for `validate`. Apart from schedule.ts, so that a run does not load what it never says.

import cronstrue from 'cronstrue';

/** `At 03:00, only on Saturday`; the schedule must have no problem. */
export function scheduleWords(schedule: string): string {
  const every = /^@every (\S+)$/.exec(schedule)?.[1];
  if (every !== undefined) return `Every ${every}`;
  // `?` means `*` to Kubernetes, and nothing to cronstrue in most fields.
  return cronstrue.toString(schedule.replaceAll('?', '*'), { use24HourTimeFormat: true, verbose: true });
}
