// `lock` behind its options: looks, puts the lock on, or takes it off, and prints what holds then.

import { Failure, type ExitCode } from '../errors.ts';
import { print } from '../report/format.ts';
import { lockStateText } from '../report/lock.ts';
import { lockByHand, readLock, unlock, wrest, type LockSession, type LockState } from '../session/lock.ts';
import type { Host } from './io.ts';
import type { LockAction, LockOptions } from './lock.ts';
import { opening } from './opening.ts';

export async function lockCommand(action: LockAction, options: LockOptions, host: Host): Promise<ExitCode> {
  return opening({ host, options, words: `lock ${action}` }, async (session) => {
    const state = await act(action, options, session);
    host.io.stdout(print(state, options.output, (data) => lockStateText(data, host.io.now())));
    return 0;
  });
}

async function act(action: LockAction, { reason = '', force }: LockOptions, session: LockSession): Promise<LockState> {
  if (action === 'status') return readLock(session);
  if (action === 'acquire') {
    if (reason.trim() === '') throw new Failure('UsageInvalid', { summary: 'a lock needs a reason: whoever is refused wants to know it', next: 'Say why: changeover lock acquire --reason TEXT' });
    return lockByHand(session, reason.trim());
  }
  const before = await readLock(session);
  const state = await unlock(session);
  if (force === true && state.holder !== null) {
    session.say(`taking the lock from ${state.holder.holder}: if it is alive, it stops at its next renewal, and its run is left unfinished for the next one`);
    await wrest(session);
    return readLock(session);
  }
  if (before.locked === null && state.holder !== null) {
    throw new Failure('Locked', { summary: `nobody has locked it by hand; ${state.holder.holder} runs since ${new Date(state.holder.acquiredAt).toISOString()}`, object: session.drivers.lease.describe });
  }
  return state;
}
