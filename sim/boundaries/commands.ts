// What an operator or a schedule can ask for, each as a process of the simulated production that may be killed on its way.

import type { Environment } from '../../src/config/environment.ts';
import { adopt, giveBack } from '../../src/session/adopt.ts';
import { cancelRun } from '../../src/session/cancel.ts';
import type { Intent } from '../../src/session/intend.ts';
import { lockByHand, unlock, wrest } from '../../src/session/lock.ts';
import type { Session } from '../../src/session/session.ts';
import type { Watched } from '../invariants/index.ts';
import { noFaults } from '../faults.ts';
import type { Production } from '../production.ts';
import type { Fault, Faults } from '../requests.ts';
import { trigger } from './trigger.ts';

export type Command =
  | { readonly type: 'perform'; readonly intent: Intent; readonly fresh?: boolean }
  | { readonly type: 'adopt' | 'giveBack'; readonly release: string }
  | { readonly type: 'lock'; readonly reason: string }
  | { readonly type: 'cancel' | 'unlock' | 'wrest' | 'trigger' };

export type End =
  | { readonly type: 'killed' }
  | { readonly type: 'refused'; readonly error: unknown }
  /** `outcome`: of the run that was the answer to the command, where it is about a run. */
  | { readonly type: 'ended'; readonly outcome: string };

/** Where a process dies, or is struck otherwise: at which of its own requests, from 0, and on which side of it. */
export interface Dying {
  readonly nth: number;
  readonly fault: Fault;
  /** Only requests that begin so are counted. Default: all. */
  readonly text?: string;
}

export interface Stage {
  readonly production: Production;
  readonly environment: Environment;
  readonly watched: Watched;
  /** As many as there were commands: each is a pod of its own. */
  commands: number;
}

/** Runs it to its end, or until it dies. Never rejects. */
export async function give(stage: Stage, command: Command, { dying }: { readonly dying?: Dying | undefined } = {}): Promise<End> {
  const { production } = stage;
  stage.commands += 1;
  production.world.faults = dying === undefined ? noFaults : dyingAt(dying, nextProcess(stage));
  try {
    const outcome = await carryOut(stage, command, { calm: dying === undefined });
    return outcome === undefined ? { type: 'killed' } : { type: 'ended', outcome };
  } catch (error) {
    return { type: 'refused', error };
  } finally {
    production.world.faults = noFaults;
  }
}

/** The number that the next process bears. */
export function nextProcess({ production: { world } }: Stage): number {
  return 1 + world.requests.reduce((highest, { process }) => Math.max(highest, process), 0);
}

function dyingAt({ nth, fault, text = '' }: Dying, process: number): Faults {
  let seen = 0;
  return (request): Fault | undefined => {
    if (request.process !== process || !request.text.startsWith(text)) return undefined;
    seen += 1;
    return seen === nth + 1 ? fault : undefined;
  };
}

export interface CarryOutOptions {
  readonly calm: boolean;
  /** Aborts as on SIGTERM. */
  readonly stop?: AbortSignal;
}

/** Under the faults that are in force. Rejects when it is refused; undefined when it was killed. */
export async function carryOut({ production, environment, commands }: Stage, command: Command, more: CarryOutOptions): Promise<string | undefined> {
  const options = { environment, ...more, holder: `pod-${commands}/1` };
  if (command.type !== 'perform') return production.session({ operation: command.type, act: (session) => act(session, command) }, options);
  return (await production.command(command.intent, { ...options, fresh: command.fresh ?? false }))?.outcome;
}

async function act(session: Session, command: Exclude<Command, { type: 'perform' }>): Promise<string> {
  if (command.type === 'adopt') await adopt(command.release, session);
  if (command.type === 'giveBack') await giveBack(command.release, session);
  if (command.type === 'lock') await lockByHand(session, command.reason);
  if (command.type === 'unlock') await unlock(session);
  if (command.type === 'wrest') await wrest(session);
  if (command.type === 'trigger') return trigger(session);
  if (command.type === 'cancel') return (await cancelRun(session, { wait: true })).kind;
  return 'done';
}
