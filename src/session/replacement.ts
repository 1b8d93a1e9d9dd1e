// A pod that replaces a lost one of the same Job: whether the run that the Job was made for has been cancelled meanwhile. Reads only.

import { Failure } from '../errors.ts';
import { readRecords } from '../observe/records.ts';
import { endOf } from '../run/ends.ts';
import { retry } from '../run/retry.ts';
import { orStopped } from '../run/stop.ts';
import type { Session } from './session.ts';
import { isPod, isReplaced } from './too-soon.ts';
import type { Performed } from './unfinished.ts';

/** Its result, so that nobody who cancelled a run sees it begin anew; undefined: there is nothing of the kind. */
export async function cancelledBefore({ drivers, clock, stop, identities }: Pick<Session, 'drivers' | 'clock' | 'stop' | 'identities'>): Promise<Performed | undefined> {
  if (!isPod(identities.holder)) return undefined;
  const records = await orStopped(retry(() => readRecords(drivers.records), { clock, signal: stop }), stop);
  // Only the very last run can be what this Job was made for.
  const record = records.at(-1)?.record;
  if (record?.failure?.code !== 'Cancelled' || !isReplaced(record.holder, identities.holder)) return undefined;
  const failure = new Failure('Cancelled', { summary: `run ${record.id}, for which this Job was made, was cancelled after its pod had been lost` });
  return { ...endOf(record), failure, record };
}
