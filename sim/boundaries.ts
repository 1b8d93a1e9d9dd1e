// Dies at every request of an operation, on each side of it, and judges what the next run makes of what is left. Exhaustive, not random.

import { isUnfinished } from '../src/run/record.ts';
import type { Death } from './faults.ts';
import { give, type Command, type Dying, type End, type Stage } from './boundaries/commands.ts';
import { takeInventory, type Inventory } from './boundaries/inventory.ts';
import { judge, type Finding } from './boundaries/judge.ts';
import { openLedger, type Ledger } from './boundaries/ledger.ts';
import { prepare, type Subject } from './boundaries/subjects.ts';

export const deaths: readonly Death[] = ['kill', 'killAfter', 'killHeard'];

/** An operation as it goes when nobody dies. */
export interface Undisturbed {
  readonly subject: Subject;
  /** Its requests in order, as people read them. */
  readonly requests: readonly string[];
  readonly inventory: Inventory;
}

export async function undisturbed(subject: Subject): Promise<Undisturbed> {
  const stage = await prepare(subject);
  const { world } = stage.production;
  const from = world.requests.length;
  await give(stage, subject.command);
  const requests = world.requests.slice(from).map(({ text }) => text);
  for (const command of subject.finish ?? []) await give(stage, command);
  await settle(stage);
  return { subject, requests, inventory: takeInventory(world, stage.production.releases()) };
}

/** Every boundary: each request on all three sides. */
export function boundariesOf({ requests }: Undisturbed): readonly Dying[] {
  return requests.flatMap((_, nth) => deaths.map((fault) => ({ nth, fault })));
}

export interface Crash {
  /** Where the command dies, and where each of its successors does. */
  readonly deaths: readonly Dying[];
  /** What is asked for next. Default: the same again. */
  readonly next?: Command;
}

/** What is wrong in the end; empty when all is as it should be. */
export async function crash(usual: Undisturbed, { deaths: [first, ...further], next }: Crash): Promise<readonly Finding[]> {
  const { subject } = usual;
  const stage = await prepare(subject);
  const ledger: Ledger = openLedger(stage.production);
  const finished = (await stage.production.records()).filter((record) => !isUnfinished(record)).map(({ id }) => id);
  await give(stage, subject.command, first);
  for (const dying of further) await give(stage, subject.command, dying);
  const ends: End[] = [];
  for (const command of [...(next === undefined ? [] : [next]), subject.command, ...(subject.finish ?? [])]) ends.push(await give(stage, command));
  await settle(stage);
  return judge({ stage, ledger, usual, ends, before: { finished } });
}

/** Pods end, and namespaces go, a while after the run that wanted it. */
async function settle({ production: { world } }: Stage): Promise<void> {
  await world.clock.sleep(120_000);
}
