// What a driver noted of a job before it was started, as it comes back from a record that somebody may have edited.

import type * as z from 'zod';
import { DriverError } from '../failure.ts';

/** Rejects 'unreadable': to start it again could load twice, to take it for done would be worse. */
export function notedHandle<Handle>(schema: z.ZodType<Handle>, noted: unknown, job: string): Handle {
  const read = schema.safeParse(noted);
  if (read.success) return read.data;
  throw new DriverError({ reason: 'unreadable', attempted: `find load job ${job} again`, detail: 'what the record says of it cannot be read', cause: read.error });
}
