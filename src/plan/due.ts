// What an earlier run had decided to remove, and could not: it is still due, unless somebody has used it since. Pure.

import { isUnfinished, type RunRecord } from '../run/record.ts';
import type { ObservedRelease } from './observed.ts';
import { plan, type ReleaseIdentity } from './plan.ts';

/**
 * Whoever leads the public to a release, or back to it, writes on it under a later epoch: then nobody's older decision holds any more. One
 * of which that cannot be read is not due.
 */
export function isDue({ uid, epoch }: ObservedRelease, records: readonly RunRecord[]): boolean {
  return epoch > 0 && records.some((record) => !isUnfinished(record) && epoch <= record.epoch && decidedToRemove(record).some(({ namespaceUid }) => namespaceUid === uid));
}

/**
 * The release before only when it had come so far: until then the public was on it, or could come back to it. Its leftovers, as they may
 * be what a run before it was to retire; not those of a pruning, which somebody asked for once and may have cancelled.
 */
function decidedToRemove({ plan: stored, steps }: RunRecord): readonly ReleaseIdentity[] {
  const { success, data } = plan.safeParse(stored);
  if (!success) return [];
  const { operation, previous, deletePrevious, leftovers } = data;
  const isRetired = deletePrevious && steps.some(({ name, startedAt }) => name === 'retirePrevious' && startedAt !== undefined);
  return [...(operation === 'rebuild' ? leftovers : []), ...(isRetired && previous !== undefined ? [previous] : [])];
}
