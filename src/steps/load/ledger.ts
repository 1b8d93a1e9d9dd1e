// Keeps the notes of all jobs of a step: each change writes the whole, and nothing is written once the step must stop.

import type { Json, StepContext } from '../../run/step.ts';
import { readNotes, type JobNote } from './result.ts';

export interface Ledger {
  of(name: string): JobNote | undefined;
  /** Durable when it resolves. */
  write(name: string, note: JobNote): Promise<void>;
}

export function openLedger(context: Pick<StepContext<unknown, unknown>, 'noted' | 'note' | 'signal'>): Ledger {
  const notes = new Map(readNotes(context.noted));
  return {
    of: (name) => notes.get(name),
    write: async (name, note) => {
      notes.set(name, note);
      // The work of a stopped step runs out in the background; its notes would collide with those of whoever resumes it.
      context.signal.throwIfAborted();
      await context.note({ jobs: Object.fromEntries(notes) } as unknown as Json);
    },
  };
}
