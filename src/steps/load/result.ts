// What became of one load job, and what the record keeps of one that is under way. Data and its checking only.

import * as z from 'zod';
import { Failure, type FailureFacts } from '../../errors.ts';
import type { Json } from '../../run/step.ts';

const jobFailure = z.object({
  job: z.string(),
  reason: z.string(),
  object: z.string().optional(),
  /** ISO 8601; when it was seen, where nobody says since when it is so. */
  since: z.string().optional(),
  logTail: z.string().optional(),
});
export type JobFailure = z.infer<typeof jobFailure>;

export const jobResult = z.object({
  name: z.string(),
  state: z.enum(['succeeded', 'failed']),
  attempts: z.int(),
  /** From the first try to the end of the last, pauses of the runner included. */
  durationMs: z.number(),
  /** Empty when it succeeded. */
  failures: z.array(jobFailure),
});
export type JobResult = z.infer<typeof jobResult>;

const jobNote = z.object({
  attempt: z.int(),
  /** Of the first try; milliseconds since 1970. */
  startedAt: z.number(),
  /** Set before the job is started: whoever comes next can find it. */
  handle: z.json().optional(),
  started: z.boolean(),
  result: jobResult.optional(),
});
export type JobNote = Omit<z.infer<typeof jobNote>, 'handle'> & { readonly handle?: Json | undefined };

const jobNotes = z.object({ jobs: z.record(z.string(), jobNote) });

/** What an earlier process noted about its jobs. Rejects with RecordUnreadable rather than start them all again. */
export function readNotes(noted: Json | undefined): ReadonlyMap<string, JobNote> {
  if (noted === undefined) return new Map();
  const read = jobNotes.safeParse(noted);
  if (!read.success) throw new Failure('RecordUnreadable', { summary: 'what the earlier process noted about its jobs cannot be read', cause: read.error });
  return new Map(Object.entries(read.data.jobs) as [string, JobNote][]);
}

export function failed(results: readonly JobResult[]): readonly JobResult[] {
  return results.filter(({ state }) => state === 'failed');
}

/** `countries: cities ended with ERROR`; the entry's name is left out where it says nothing new. */
export function failureLines({ name, failures }: JobResult): readonly string[] {
  return failures.map(({ job, reason }) => (job === name ? `${name}: ${reason}` : `${name}: ${job}: ${reason}`));
}

/** What the last words tell of the failed jobs: of the first failure, and the log of the first one that has a log. */
export function failureFacts(bad: readonly JobResult[]): Pick<FailureFacts, 'object' | 'reason' | 'since' | 'logTail'> {
  const failures = bad.flatMap((result) => result.failures);
  const [first] = failures;
  const logTail = failures.find((failure) => failure.logTail !== undefined)?.logTail;
  return {
    ...(first?.object !== undefined && { object: first.object }),
    ...(first !== undefined && { reason: first.reason }),
    ...(first?.since !== undefined && { since: first.since }),
    ...(logTail !== undefined && { logTail }),
  };
}
