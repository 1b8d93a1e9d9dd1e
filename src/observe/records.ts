// Stored records, parsed. One that cannot be read is an error with a way out, never skipped: it may be an unfinished run.

import * as z from 'zod';
import { Failure } from '../errors.ts';
import type { RecordReader, Stored } from '../drivers/store/store.ts';
import { format, runRecord, type RunRecord } from '../run/record.ts';

export interface StoredRecord {
  readonly record: RunRecord;
  readonly version: string;
  /** For messages: the object that it is kept in. */
  readonly describe: string;
}

/** Oldest first. Rejects with Failure 'RecordUnreadable', naming the record. */
export async function readRecords(store: RecordReader): Promise<readonly StoredRecord[]> {
  return (await store.list()).map(parseRecord);
}

/** What a later version of this program has written. */
const newerRecord = z.object({ version: z.int().min(format + 1) });

function parseRecord(stored: Stored): StoredRecord {
  const { version, describe } = stored;
  const json = parseJson(stored);
  const newer = newerRecord.safeParse(json).data;
  if (newer !== undefined) throw tooNew(stored, newer.version);
  const parsed = runRecord.safeParse(json);
  if (!parsed.success) throw damaged(stored, describeIssue(parsed.error));
  if (parsed.data.id !== stored.id) throw damaged(stored, `it says that it is of run ${parsed.data.id}`);
  return { record: parsed.data, version, describe };
}

function parseJson(stored: Stored): unknown {
  if (stored.body.trim() === '') throw damaged(stored, 'it is empty');
  try {
    return JSON.parse(stored.body);
  } catch {
    // The parser's own message repeats the text, which is a whole plan.
    throw damaged(stored, `it is no JSON: it may have been cut short after ${stored.body.length} characters`);
  }
}

function describeIssue({ issues: [issue] }: z.ZodError): string {
  if (issue === undefined) return 'it has another shape';
  return issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`;
}

function damaged({ id, describe }: Stored, reason: string): Failure {
  return unreadableRecord({ id, describe }, reason);
}

/** With the commands by which the run is looked at, and given up. `describe`: the object that it is kept in, `ConfigMap NAMESPACE/NAME`. */
export function unreadableRecord({ id, describe }: Pick<Stored, 'id' | 'describe'>, reason: string): Failure {
  return new Failure('RecordUnreadable', { summary: `the record of run ${id} is damaged: ${reason}`, object: describe, next: `See what is in it (${byHand('get', describe)} -o yaml). ${givenUp(describe)}` });
}

function tooNew({ id, describe }: Stored, version: number): Failure {
  const summary = `the record of run ${id} was written by a later version of changeover (format ${version}; this one knows ${format})`;
  return new Failure('RecordUnreadable', { summary, object: describe, next: `Use that version, or a later one. ${givenUp(describe)}` });
}

/** What comes after the last colon is shown as a line of its own, to be copied. */
function givenUp(describe: string): string {
  return `To give that run up, so that the next one clears away what it made and keeps what it was to retire: ${byHand('delete', describe)}`;
}

function byHand(verb: 'get' | 'delete', describe: string): string {
  const [kind = '', namespace = '', name = ''] = describe.split(/[ /]/);
  return `kubectl ${verb} ${kind.toLowerCase()} ${name} -n ${namespace}`;
}
