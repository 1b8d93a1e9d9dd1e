// `schedule`, `schedules`, `timeZone`, `minInterval`, `suspend`: when runs start by themselves. Knows no clock.

import * as z from 'zod';
import { scheduleProblem } from '../schedule.ts';
import { timeZoneProblem } from '../time-zone.ts';
import { duration } from '../values.ts';

export const schedule = z.string().superRefine((text, context) => {
  const problem = scheduleProblem(text);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

/** As Go knows it, which is what a CronJob is given to: a name of the IANA database in its exact spelling, never an offset. */
export const timeZone = z
  .string()
  .regex(/^[A-Z][A-Za-z0-9+_-]*(\/[A-Za-z0-9+_-]+)*$/, { error: timeZoneWords, abort: true })
  .refine((text) => timeZoneProblem(text) === undefined, { error: timeZoneWords })
  .meta({ typeName: 'time zone' });

export const minInterval = duration;

const scheduled = z.strictObject({
  operation: z.enum(['rehearse', 'prune']).describe('What runs; the rebuild’s own schedule is the top-level `schedule`'),
  schedule: schedule.describe('When, in the dialect of Kubernetes CronJobs'),
  timeZone: timeZone.optional().describe('Default: the top-level `timeZone`'),
  minInterval: minInterval.optional().describe('Default: from this schedule, as the top-level one from its own'),
});

export const schedules = z.array(scheduled);

function timeZoneWords({ input }: { readonly input?: unknown }): string | undefined {
  return timeZoneProblem(String(input));
}
