// `lock` behind its options: looks, puts the lock on, or takes it off, and prints what holds then.

import { Failure, type ExitCode } from '../errors.ts';
import { print } from '../report/format.ts';
import { lockStateText } from '../report/lock.ts';
import { lockByHand, readLock, unlock, wrest, type LockSession, type LockState } from '../session/lock.ts';
import { invocationOf } from './invocation.ts';
import type { Host } from './io.ts';
import type { LockAction, LockOptions } from './lock.ts';
import { opening } from './opening.ts';

export async function lockCommand(action: LockAction, options: LockOptions, host: Host): Promise<ExitCode> {
  assertMeant(action, options);
  return opening({ host, options, words: `lock ${action}` }, async (session) => {
    const state = await act(action, options, session);
    host.io.stdout(print(state, options.output, (data) => lockStateText(data, { now: host.io.now(), invocation: invocationOf(options, host) })));
    return 0;
  });
}

/** What is given for another action is a slip: `lock --reason TEXT` would only look, and whoever typed it would go on without a lock. */
function assertMeant(action: LockAction, { reason, force }: LockOptions): void {
  const usage = (summary: string, next: string): Failure => new Failure('UsageInvalid', { summary, next });
  if (action === 'acquire' && (reason ?? '').trim() === '') throw usage('a lock needs a reason: whoever is refused wants to know it', 'Say why: changeover lock acquire --reason TEXT');
  if (action !== 'acquire' && reason !== undefined) throw usage(`--reason is for lock acquire, and this is lock ${action}`, 'To lock: changeover lock acquire --reason TEXT');
  if (action !== 'release' && force === true) throw usage(`--force is for lock release, and this is lock ${action}`, 'To take the lock from a runner that hangs: changeover lock release --force');
}

async function act(action: LockAction, { reason = '', force }: LockOptions, session: LockSession): Promise<LockState> {
  if (action === 'status') return readLock(session);
  if (action === 'acquire') return lockByHand(session, reason.trim());
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
