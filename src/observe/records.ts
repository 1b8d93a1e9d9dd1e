// Stored records, parsed. One that cannot be read is an error with a way out, never skipped: it may be an unfinished run.

import { Failure } from '../errors.ts';
import type { RecordReader, Stored } from '../drivers/store/store.ts';
import { runRecord, type RunRecord } from '../run/record.ts';

export interface StoredRecord {
  readonly record: RunRecord;
  readonly version: string;
}

/** Oldest first. Rejects with Failure 'RecordUnreadable', naming the record. */
export async function readRecords(store: RecordReader): Promise<readonly StoredRecord[]> {
  return (await store.list()).map(parseRecord);
}

function parseRecord(stored: Stored): StoredRecord {
  const parsed = runRecord.safeParse(parseJson(stored));
  if (parsed.success) return { record: parsed.data, version: stored.version };
  const [issue] = parsed.error.issues;
  throw unreadable(stored, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'it has another shape'}`);
}

function parseJson(stored: Stored): unknown {
  try {
    return JSON.parse(stored.body);
  } catch (error) {
    throw unreadable(stored, String(error));
  }
}

function unreadable(stored: Stored, reason: string): Failure {
  return new Failure('RecordUnreadable', { summary: `record of run ${stored.id} is damaged (${reason})`, object: `record ${stored.id}`, reason });
}
