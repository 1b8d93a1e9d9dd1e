// How many requests commands make that nobody disturbs, and how many are enough for one that comes after faults: twice as many.

import { noFaults } from '../faults.ts';
import { counted } from '../invariants/scene.ts';
import type { Production } from '../production.ts';
import { carryOut, type Command } from './commands.ts';
import { begin, type Prepared } from './stage.ts';

/** By operation; of one that was asked for more than once, the most. */
export type UsualRequests = ReadonlyMap<string, number>;

/** They never take up a run that another process has left. */
const alone = new Set(['adopt', 'giveBack', 'lock', 'unlock', 'wrest', 'trigger']);

/** Whoever takes up another's run has that one's work to do, which may be the longest there is. Of an operation that was not measured nothing is known. */
export function enoughRequests(usual: UsualRequests): (operation: string) => number {
  const longest = Math.max(...usual.values());
  return (operation) => 2 * (alone.has(operation) ? (usual.get(operation) ?? Infinity) : longest);
}

export function requestsOf({ world, commands }: Production): UsualRequests {
  const processes = Map.groupBy(world.requests, ({ process }) => process);
  return most(commands.map(({ process, intent: { operation } }) => [operation, counted(processes.get(process) ?? [])]));
}

/** Each of them by itself, and the first thing that is asked for. */
export async function measured(prepared: Prepared, commands: readonly Command[]): Promise<UsualRequests> {
  const counts: (readonly [string, number])[] = [];
  for (const command of commands) {
    const stage = await begin(prepared);
    stage.production.world.faults = noFaults;
    await carryOut(stage, command, { calm: true }).catch(() => undefined);
    counts.push(...requestsOf(stage.production));
  }
  return most(counts);
}

export function most(counts: Iterable<readonly [operation: string, requests: number]>): UsualRequests {
  const found = new Map<string, number>();
  for (const [operation, requests] of counts) found.set(operation, Math.max(requests, found.get(operation) ?? 0));
  return found;
}
