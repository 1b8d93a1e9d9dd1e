// Asks, before a scheduled run begins, whether there was one just now. Reads only.

import type { Environment } from '../config/environment.ts';
import { defaultMinIntervalMs } from '../config/schedule-daylight.ts';
import { readRecords } from '../observe/records.ts';
import type { RunRecord } from '../run/record.ts';
import { retry } from '../run/retry.ts';
import type { Session } from './session.ts';
import { judgeInterval, tooSoon } from './too-soon.ts';

/** The run that has done already what this process was started for, or undefined when one may begin. Rejects with Failure 'TooSoon'. */
export async function assertInterval(session: Session, operation: string): Promise<RunRecord | undefined> {
  const { environment, drivers, clock, stop, identities, say } = session;
  const records = (await retry(() => readRecords(drivers.records), { clock, signal: stop })).map(({ record }) => record);
  const verdict = judgeInterval(records, { operation, holder: identities.holder, now: clock.now(), minIntervalMs: minIntervalMs(environment, operation) });
  if (verdict.kind === 'tooSoon') throw tooSoon(verdict);
  if (verdict.kind === 'begin') return undefined;
  say(`run ${verdict.record.id} went well: a pod of this same Job did it, and was replaced before it could say so`);
  return verdict.record;
}

/** As configured, or by the operation's own schedule. Undefined where there is neither: nothing can come too soon then. */
export function minIntervalMs(environment: Pick<Environment, 'schedule' | 'schedules' | 'timeZone' | 'minInterval'>, operation: string): number | undefined {
  const own = operation === 'rebuild' ? environment : environment.schedules.find((scheduled) => scheduled.operation === operation);
  return own?.minInterval ?? (own?.schedule === undefined ? undefined : defaultMinIntervalMs(own.schedule));
}
