// Who keeps an environment from being worked on, as text.

import { describeLock } from '../plan/lock.ts';
import type { LockState } from '../session/lock.ts';
import { commandLine, type Invocation } from './commands.ts';
import { describeDuration, describeTime } from './text.ts';

export interface LockTextOptions {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly invocation: Invocation;
}

export function lockStateText({ environment, locked, holder }: LockState, { now, invocation }: LockTextOptions): string {
  const hand = locked === null ? `${environment} is not locked by hand` : `${environment} is locked: every run is refused. ${describeLock(locked)}`;
  const lines = [hand, holder === null ? 'nobody runs' : `${holder.holder} runs since ${describeTime(holder.acquiredAt)}, renewed ${describeDuration(now - holder.renewedAt)} ago${locked === null ? '' : '; it is not disturbed'}`];
  return [...lines, ...(locked === null ? [] : [`To allow runs again: ${commandLine('lock release', invocation)}`])].join('\n');
}
