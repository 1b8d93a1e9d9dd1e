// Dies at every request of an operation, on each side of it, and judges what the next run makes of what is left. Exhaustive, not random.

import { isUnfinished } from '../src/run/record.ts';
import { give, nextProcess, type Command, type Dying, type End, type Stage } from './boundaries/commands.ts';
import { takeInventory, type Inventory } from './boundaries/inventory.ts';
import { judge, type Finding } from './boundaries/judge.ts';
import { openLedger } from './boundaries/ledger.ts';
import { watchMoments, type Moment } from './boundaries/moments.ts';
import { begin, prepare, type Prepared } from './boundaries/stage.ts';
import type { Subject } from './boundaries/subjects.ts';
import { enoughRequests, measured, most, requestsOf, type UsualRequests } from './boundaries/usual.ts';
import type { Death } from './faults.ts';
import { describeWorld } from './leftover.ts';
import { describeFault } from './mix.ts';
import { storyOf } from './observer.ts';
import { Transcript } from './transcript.ts';

export const deaths: readonly Death[] = ['kill', 'killAfter', 'killHeard'];

/** An operation as it goes when nobody dies. */
export interface Undisturbed extends Prepared {
  /** Its requests in order, as people read them. */
  readonly requests: readonly string[];
  /** What is there when all of its commands have ended. */
  readonly inventory: Inventory;
  /** Of all of its commands. */
  readonly usualRequests: UsualRequests;
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
  return {
    ...made,
    requests: world.requests.filter(({ process }) => process === own).map(({ text }) => text),
    inventory: takeInventory(world, stage.production.releases()),
    usualRequests: requestsOf(stage.production),
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

/** How one crash and what came after it went. */
export interface Crashing {
  /** What is wrong in the end; empty when all is as it should be. */
  readonly findings: readonly Finding[];
  readonly transcript: Transcript;
  /** What is there in the end, as people list it. */
  readonly world: readonly string[];
}

/** What is wrong in the end; empty when all is as it should be. */
export async function crash(usual: Undisturbed, places: Crash): Promise<readonly Finding[]> {
  return (await crashed(usual, places)).findings;
}

/** The same, with what people need to understand it. */
export async function crashed(usual: Undisturbed, { deaths: places, next }: Crash): Promise<Crashing> {
  const { subject } = usual;
  const stage = await begin(usual, { mostRequests: enoughRequests(await usualWith(usual, next)) });
  const transcript = transcriptOf(stage);
  const ledger = openLedger(stage.production);
  const finished = (await stage.production.records()).filter((record) => !isUnfinished(record)).map(({ id }) => id);
  for (const dying of places) {
    transcript.note(stage.production.world.clock.now(), `a process begins that dies at its request ${dying.nth}, the first being 0: ${describeFault(dying.fault)}`);
    await die(stage, subject, dying);
  }
  transcript.note(stage.production.world.clock.now(), 'from here on nobody dies any more');
  const ends: End[] = [];
  for (const command of [...(next === undefined ? [] : [next]), subject.command, ...(subject.finish ?? [])]) ends.push(await give(stage, command));
  await settle(stage);
  const findings = await judge({ stage, ledger, usual, ends, before: { finished } });
  const last = storyOf(stage.production.world);
  return { findings: findings.map((finding) => ({ story: last, ...finding })), transcript, world: describeWorld(stage.production) };
}

const known = new WeakMap<Undisturbed, Map<string, Promise<UsualRequests>>>();

/** Measured once for all the places at which the operation may have died. */
function usualWith(usual: Undisturbed, next: Command | undefined): Promise<UsualRequests> {
  const others = known.get(usual) ?? new Map<string, Promise<UsualRequests>>();
  known.set(usual, others);
  const key = JSON.stringify(next ?? null);
  const found = others.get(key) ?? measured(usual, next === undefined ? [] : [next]).then((more) => most([...usual.usualRequests, ...more]));
  others.set(key, found);
  return found;
}

function transcriptOf({ production }: Stage): Transcript {
  const { clock, requests } = production.world;
  const transcript = new Transcript({ requests, startedAt: clock.now() });
  production.onTell((line) => transcript.note(clock.now(), line));
  return transcript;
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
