// `schedule`, `schedules`, `timeZone`, `minInterval`, `suspend`: when runs start by themselves. Knows no clock.

import { z } from 'zod';
import { scheduleProblem } from '../schedule.ts';
import { duration } from '../values.ts';

export const schedule = z.string().superRefine((text, context) => {
  const problem = scheduleProblem(text);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

/** As Go knows it, which is what a CronJob is given to: a name of the IANA database in its exact spelling, never an offset. */
export const timeZone = z
  .string()
  .regex(/^[A-Z][A-Za-z0-9+_-]*(\/[A-Za-z0-9+_-]+)*$/, { error: timeZoneWords, abort: true })
  .refine(isTimeZone, { error: timeZoneWords })
  .meta({ typeName: 'time zone' });

export const minInterval = duration;

const scheduled = z.strictObject({
  operation: z.enum(['rehearse', 'prune']).describe('What runs; the rebuild’s own schedule is the top-level `schedule`'),
  schedule: schedule.describe('When, in the dialect of Kubernetes CronJobs'),
  timeZone: timeZone.optional().describe('Default: the top-level `timeZone`'),
  minInterval: minInterval.optional().describe('Default: from this schedule, as the top-level one from its own'),
});

export const schedules = z.array(scheduled);

function timeZoneWords(): string {
  return 'must be a time zone of the IANA database such as Europe/Berlin';
}

function isTimeZone(text: string): boolean {
  try {
    const { timeZone: canonical } = new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions();
    // Intl does not mind the case, Go does. Of a name that is only an alias the right spelling is not told.
    return canonical === text || canonical.toLowerCase() !== text.toLowerCase();
  } catch {
    return false;
  }
}
