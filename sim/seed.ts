// One seed: chooses a scenario, a mix of faults and who interferes; lets it happen; lets the faults stop; runs the next command as a
// schedule would; judges. The same seed is the same day to the byte.

import { actorNames, type ActorName, type SimulatedScenario } from './scenarios/scenario.ts';
import { scenarios } from './scenarios/scenarios.ts';
import { canceller } from './actors/canceller.ts';
import { operator } from './actors/operator.ts';
import type { Actor } from './actors/play.ts';
import { secondRunner } from './actors/second-runner.ts';
import { thirdParty } from './actors/third-party.ts';
import { begin, prepare, type Prepared } from './boundaries/stage.ts';
import { enoughRequests, measured, type UsualRequests } from './boundaries/usual.ts';
import { Day } from './day.ts';
import { chooseHardships, hardshipKinds, type HardshipKind } from './hardships.ts';
import type { Violation } from './invariants/index.ts';
import { describeWorld } from './leftover.ts';
import type { Met } from './met.ts';
import { chooseMix, faultKinds, type FaultKind, type Mix } from './mix.ts';
import { seeded, type Random } from './random.ts';
import { Transcript } from './transcript.ts';

export type TroubleKind = FaultKind | HardshipKind;

export const troubleKinds: readonly TroubleKind[] = [...faultKinds, ...hardshipKinds];

export interface Wanted {
  readonly seed: number;
  /** Only scenarios of this name, or of this operation. */
  readonly scenario?: string | undefined;
  readonly operation?: string | undefined;
  /** Only these kinds strike; an empty list is a day on which nobody interferes either. */
  readonly faults?: readonly TroubleKind[] | undefined;
}

export interface SeedResult {
  readonly seed: number;
  readonly scenario: string;
  readonly violations: readonly Violation[];
  readonly requests: number;
  readonly faults: number;
  readonly virtualMs: number;
  readonly transcript: Transcript;
  /** What has been there of the troubles that seeds must meet. */
  readonly met: Met;
  /** Answers that clients held on to in vain who hold them for longer than a drain waits, by kind. */
  readonly letDown: ReadonlyMap<string, number>;
  /** What is there in the end, as people list it. */
  readonly world: readonly string[];
}

const actors: Readonly<Record<ActorName, Actor>> = { secondRunner, operator, thirdParty, canceller };

/** What a seed has chosen. */
export interface Cast {
  readonly scenario: SimulatedScenario;
  readonly mix: Mix;
  readonly actors: readonly ActorName[];
  readonly hardships: readonly HardshipKind[];
  /** From the end of one command to the next. */
  readonly pauseMs: number;
  /** Commands under faults, the first included. */
  readonly attempts: number;
}

/** Throws when no scenario is wanted. */
export async function runSeed(wanted: Wanted): Promise<SeedResult> {
  const random = seeded(Math.imul(wanted.seed, 0x9e3779b1));
  const cast = chooseCast(random, wanted);
  const { scenario } = cast;
  const { prepared, usualRequests } = await preparedFor(scenario);
  const stage = await begin(prepared, { seed: wanted.seed, mostRequests: enoughRequests(usualRequests) });
  const { world } = stage.production;
  const transcript = new Transcript({ requests: world.requests, startedAt: world.clock.now() });
  const startedAt = world.clock.now();
  transcript.note(startedAt, describe(wanted.seed, cast));
  const day = new Day({ stage, cast, random, further: seeded(Math.imul(wanted.seed, 0x85ebca6b)), transcript });
  await day.rough((actor) => actors[actor]);
  const ends = await day.calm();
  const violations = await day.judge(ends);
  for (const { invariant, at, problem } of violations) transcript.note(at, `VIOLATION ${invariant}: ${problem}`);
  return {
    seed: wanted.seed,
    scenario: scenario.name,
    violations,
    requests: world.requests.length,
    faults: transcript.faults,
    virtualMs: world.clock.now() - startedAt,
    transcript,
    met: day.met,
    letDown: stage.watched.letDown,
    world: describeWorld(stage.production),
  };
}

/** Chance of their own: `further` is what becomes of them, this is whether. */
function hardshipsOf(seed: number): Random {
  return seeded(Math.imul(seed, 0xc2b2ae35));
}

export function chooseCast(random: Random, { seed, scenario: name, operation, faults }: Wanted): Cast {
  const wanted = scenarios.filter((scenario) => (name ?? scenario.name) === scenario.name && (operation ?? scenario.operation) === scenario.operation);
  const scenario = chosen(wanted, random.next());
  if (scenario === undefined) throw new Error(`no scenario is called ${name ?? 'so'}${operation === undefined ? '' : ` and is about ${operation}`}`);
  const allowed = (scenario.faults ?? faultKinds).filter((kind) => faults === undefined || faults.includes(kind));
  const mix = chooseMix(random, allowed);
  // A quiet day is quiet.
  const there = faults?.length === 0 ? [] : (scenario.actors ?? actorNames);
  return {
    scenario,
    mix: faults === undefined ? mix : { ...mix, kinds: allowed },
    actors: there.filter(() => random.next() < 0.2),
    hardships: scenario.faults === undefined ? chooseHardships(hardshipsOf(seed), faults) : [],
    pauseMs: random.between(0, 120_000),
    attempts: random.between(1, 3),
  };
}

/** `share`: in [0, 1). */
function chosen(from: readonly SimulatedScenario[], share: number): SimulatedScenario | undefined {
  let left = share * from.reduce((sum, { weight = 1 }) => sum + weight, 0);
  return from.find(({ weight = 1 }) => (left -= weight) < 0);
}

function describe(seed: number, { scenario, mix, hardships, actors: cast }: Cast): string {
  const kinds = mix.share === 0 ? 'none' : `${(mix.share * 100).toFixed(1)} % (${mix.kinds.join(', ') || 'none'}), ${mix.most} at most`;
  const deaths = mix.deaths.map(({ nth, fault }) => `${fault} at request ${nth}`).join(', ') || 'none';
  return `seed ${seed}: ${scenario.name}, ${scenario.description}. Faults: ${kinds}. Deaths: ${deaths}.${hardships.length === 0 ? '' : ` Besides: ${hardships.join(', ')}.`} Others: ${cast.join(', ') || 'nobody'}.`;
}

interface Usual {
  readonly prepared: Prepared;
  /** Of the commands that may be asked for in the end. */
  readonly usualRequests: UsualRequests;
}

const usual = new Map<string, Promise<Usual>>();

/** Once for all seeds of a process: it depends on the scenario alone. */
function preparedFor(scenario: SimulatedScenario): Promise<Usual> {
  const found = usual.get(scenario.name) ?? measure(scenario);
  usual.set(scenario.name, found);
  return found;
}

async function measure({ subject, next = [{ type: 'perform', intent: { operation: 'rebuild' } }] }: SimulatedScenario): Promise<Usual> {
  const prepared = await prepare(subject);
  return { prepared, usualRequests: await measured(prepared, [subject.command, ...next]) };
}
