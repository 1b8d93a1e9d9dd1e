// Who keeps an environment from being worked on, as text.

import { describeLock } from '../plan/lock.ts';
import type { LockState } from '../session/lock.ts';
import { describeDuration, describeTime } from './text.ts';

/** `now`: milliseconds since 1970. */
export function lockStateText({ environment, locked, holder }: LockState, now: number): string {
  const hand = locked === null ? `${environment} is not locked by hand` : `${environment} is locked: every run is refused. ${describeLock(locked)}`;
  const lines = [hand, holder === null ? 'nobody runs' : `${holder.holder} runs since ${describeTime(holder.acquiredAt)}, renewed ${describeDuration(now - holder.renewedAt)} ago${locked === null ? '' : '; it is not disturbed'}`];
  return [...lines, ...(locked === null ? [] : ['To allow runs again: changeover lock release'])].join('\n');
}
