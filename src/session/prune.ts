// Keeps the number of records bounded: the oldest finished ones go.

import { isUnfinished } from '../run/record.ts';
import { readRecords } from '../observe/records.ts';
import type { Session } from './session.ts';

export async function pruneRecords({ environment, drivers, say }: Pick<Session, 'environment' | 'drivers' | 'say'>): Promise<void> {
  try {
    const all = await readRecords(drivers.records);
    const finished = all.filter(({ record }) => !isUnfinished(record));
    const surplus = finished.slice(0, Math.max(0, finished.length - environment.runner.keepRecords));
    for (const { record, version } of surplus) await drivers.records.remove(record.id, version);
  } catch (error) {
    // The run is over and its result stands; the next run tries again.
    say(`old records could not be removed: ${String(error)}`);
  }
}
