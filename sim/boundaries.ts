// Dies at every request of an operation, on each side of it, and judges what the next run makes of what is left. Exhaustive, not random.

import { isUnfinished } from '../src/run/record.ts';
import { give, nextProcess, type Command, type Dying, type End, type Stage } from './boundaries/commands.ts';
import { takeInventory, type Inventory } from './boundaries/inventory.ts';
import { judge, type Finding } from './boundaries/judge.ts';
import { openLedger } from './boundaries/ledger.ts';
import { watchMoments, type Moment } from './boundaries/moments.ts';
import { begin, prepare, type Prepared } from './boundaries/stage.ts';
import type { Subject } from './boundaries/subjects.ts';
import type { Death } from './faults.ts';

export const deaths: readonly Death[] = ['kill', 'killAfter', 'killHeard'];

/** An operation as it goes when nobody dies. */
export interface Undisturbed extends Prepared {
  /** Its requests in order, as people read them. */
  readonly requests: readonly string[];
  /** What is there when all of its commands have ended. */
  readonly inventory: Inventory;
  /** Requests of its longest command. */
  readonly longest: number;
  /** Where it stood at each boundary, in the order of time. */
  readonly moments: readonly Moment[];
}

export async function undisturbed(subject: Subject): Promise<Undisturbed> {
  const made = await prepare(subject);
  const stage = await begin(made);
  const { world } = stage.production;
  const own = nextProcess(stage);
  const moments = watchMoments(world, own);
  for (const command of [subject.command, ...(subject.finish ?? [])]) await give(stage, command);
  await settle(stage);
  const processes = Map.groupBy(world.requests, ({ process }) => process);
  return {
    ...made,
    requests: (processes.get(own) ?? []).map(({ text }) => text),
    inventory: takeInventory(world, stage.production.releases()),
    longest: Math.max(...[...processes.values()].map(({ length }) => length)),
    moments,
  };
}

/** Every boundary: each request on all three sides. */
export function boundariesOf({ requests }: Pick<Undisturbed, 'requests'>): readonly Dying[] {
  return requests.flatMap((_, nth) => deaths.map((fault) => ({ nth, fault })));
}

/** Within Helm: after each object that it creates or deletes, alone or with the process that has started it. */
export function helmBoundariesOf({ requests, from }: Pick<Undisturbed, 'requests' | 'from'>): readonly Dying[] {
  const objects = from.charts.get('/chart')?.objects.length ?? 0;
  const places = requests.flatMap((text, nth) => (/^helm\.(install|uninstall)/.test(text) ? [nth] : []));
  const moments = Array.from({ length: objects + 1 }, (_, made) => made);
  return places.flatMap((nth) => moments.flatMap((made) => (['killAtObject', 'helmKilledAtObject'] as const).map((fault) => ({ nth, fault: { fault, objects: made } }))));
}

export interface Crash {
  /** Where the command dies, and where each of its successors does. */
  readonly deaths: readonly Dying[];
  /** What is asked for next. Default: the same again. */
  readonly next?: Command;
}

/** To watch for whether somebody lives, to unwind one run, and to look once more. */
const extraRequests = 150;

/** What is wrong in the end; empty when all is as it should be. */
export async function crash(usual: Undisturbed, { deaths: places, next }: Crash): Promise<readonly Finding[]> {
  const { subject } = usual;
  // Twice what a run takes that nobody disturbs, for what follows the last death. Anything else that is asked for has its own measure.
  const stage = await begin(usual, next === undefined ? { mostRequests: 2 * usual.longest + extraRequests } : {});
  const ledger = openLedger(stage.production);
  const finished = (await stage.production.records()).filter((record) => !isUnfinished(record)).map(({ id }) => id);
  for (const dying of places) await die(stage, subject, dying);
  const ends: End[] = [];
  for (const command of [...(next === undefined ? [] : [next]), subject.command, ...(subject.finish ?? [])]) ends.push(await give(stage, command));
  await settle(stage);
  return judge({ stage, ledger, usual, ends, before: { finished } });
}

/** The production when a process has died there, and the next one is about to begin. */
export async function leftBy(usual: Undisturbed, dying: Dying): Promise<Stage> {
  const stage = await begin(usual);
  await die(stage, usual.subject, dying);
  return stage;
}

async function die(stage: Stage, { command }: Subject, dying: Dying): Promise<void> {
  const { clock } = stage.production.world;
  await give(stage, command, { dying });
  await clock.sleep(restartedAt(clock.now()) - clock.now());
}

/** A Job does not start the next pod within the same moment; nothing of the dead one is on its way any more. */
export function restartedAt(diedAt: number): number {
  return Math.ceil((diedAt + 100) / restartEveryMs) * restartEveryMs;
}

const restartEveryMs = 1_000;

/** Pods end, and namespaces go, a while after the run that wanted it. */
async function settle({ production: { world } }: Stage): Promise<void> {
  await world.clock.sleep(120_000);
}
