// How one seed's day goes: a rough part with faults, deaths and other people; a calm one in which everything must come to an end; and
// the judgement. What happens is the cast's choice.

import { Failure } from '../src/errors.ts';
import { pick, type Actor, type Play } from './actors/play.ts';
import { carryOut, type Command, type End, type Stage } from './boundaries/commands.ts';
import { noFaults } from './faults.ts';
import { inflict } from './hardships.ts';
import type { Violation } from './invariants/index.ts';
import { Meetings, troubleOf, type Met, type Trouble } from './met.ts';
import { describeFault, faultsOf } from './mix.ts';
import { storyOf } from './observer.ts';
import type { Random } from './random.ts';
import type { Fault } from './requests.ts';
import type { ActorName } from './scenarios/scenario.ts';
import type { Cast } from './seed.ts';
import { cast as spellsOf } from './spells.ts';
import type { Transcript } from './transcript.ts';

export interface DayOptions {
  readonly stage: Stage;
  readonly cast: Cast;
  readonly random: Random;
  /** For what was added to days that are known: they stay as they were. */
  readonly further: Random;
  readonly transcript: Transcript;
}

const ordinarySpanMs = 150_000;

/** Longer than a lease lasts, a server lags and a namespace goes. */
const settlingMs = 900_000;

export class Day {
  readonly #options: DayOptions;
  readonly #spanMs: number;
  readonly #running = new Set<Promise<End>>();
  readonly #meetings = new Meetings();
  #isRough = true;
  #relieve: () => void = () => undefined;

  constructor(options: DayOptions) {
    this.#options = options;
    this.#spanMs = options.cast.scenario.spanMs ?? ordinarySpanMs;
    const { production } = options.stage;
    production.onTell((text) => this.#note(text));
  }

  /** The command under test, and the ones after it, while everything may go wrong. */
  async rough(actorOf: (name: ActorName) => Actor): Promise<void> {
    const { stage, cast, random, further, transcript } = this.#options;
    const { world } = stage.production;
    const spells = spellsOf(this.#play(), cast.mix);
    this.#relieve = inflict(this.#play(further), cast.hardships);
    const faults = faultsOf(cast.mix, random);
    const struck = new Map<number, Fault>();
    this.#meetings.watch(stage.production, ({ index }) => struck.get(index));
    world.faults = (request) => {
      const fault = spells.faults(request) ?? faults(request);
      if (fault === undefined) return undefined;
      struck.set(request.index, fault);
      transcript.struck(request, describeFault(fault));
      this.#met(troubleOf(fault, request, stage.environment.runner.leaseDuration));
      return fault;
    };
    for (const name of cast.actors) actorOf(name)(this.#play());
    for (let attempt = 1; attempt <= cast.attempts; attempt += 1) {
      const end = await this.#start(attempt === 1 ? cast.scenario.subject.command : this.#next(), spells.stop());
      if (end.type === 'ended' && end.outcome === 'succeeded') break;
      await world.clock.sleep(cast.pauseMs);
    }
    this.#isRough = false;
    world.faults = noFaults;
    spells.end();
    this.#relieve();
    this.#note('from here on no fault strikes any more');
  }

  /** Everybody comes to his end, and then the next command, as by schedule; once more where the first one only cleared up. */
  async calm(): Promise<readonly End[]> {
    const { world } = this.#options.stage.production;
    const ends: End[] = [];
    while (this.#running.size > 0) await Promise.all(this.#running);
    this.#relieve();
    while (this.#running.size > 0) await Promise.all(this.#running);
    // A load balancer, a namespace, a lagging server: each comes to rest before a schedule would start the next.
    await world.clock.sleep(settlingMs);
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      ends.push(await this.#start(this.#next()));
      if (this.#isFine(ends.at(-1))) break;
    }
    await world.clock.sleep(settlingMs);
    return ends;
  }

  async judge(ends: readonly End[]): Promise<readonly Violation[]> {
    const { stage, cast } = this.#options;
    const { production, watched } = stage;
    const { allows } = cast.scenario.subject;
    const found = watched.settle().filter(({ problem }) => allows?.test(problem) !== true);
    const last = ends.at(-1);
    if (last === undefined || this.#isFine(last) || this.#isOthersDoing(last)) return found;
    const problem = `with no fault left the last command ${describeEnd(last)}`;
    return [...found, { invariant: 'L1', at: production.world.clock.now(), problem, story: storyOf(production.world) }];
  }

  /** What it has met, so far. */
  get met(): Met {
    return this.#meetings.met;
  }

  #isFine(end: End | undefined): boolean {
    const { outcomes = ['succeeded'], mayBeRefused, subject } = this.#options.cast.scenario;
    if (end?.type === 'refused') return (mayBeRefused ?? subject.mayBeRefused) === true && end.error instanceof Failure && end.error.code === 'GuardFailed';
    return end?.type === 'ended' && outcomes.includes(end.outcome);
  }

  /** A name that somebody else has given another address is his, and a run that finds it so refuses; so is a release that he works on. */
  #isOthersDoing(end: End): boolean {
    const { names, others, publicReleases } = this.#options.stage.production;
    const hasSplit = new Set(publicReleases()).size > 1 || publicReleases().includes(undefined);
    return end.type !== 'killed' && hasSplit && names.some((name) => others.hasEdited(name));
  }

  #play(random = this.#options.random): Play {
    const { stage } = this.#options;
    return {
      stage,
      random,
      spanMs: this.#spanMs,
      note: (text) => this.#note(text),
      met: (trouble) => this.#met(trouble),
      sometime: (act) => {
        stage.production.world.clock.after(random.between(0, this.#spanMs), () => {
          if (this.#isRough) void act();
        });
      },
      start: (command) => this.#start(command),
    };
  }

  #next(): Command {
    const { random, cast: { scenario } } = this.#options;
    return pick(random, scenario.next ?? []) ?? { type: 'perform', intent: { operation: 'rebuild' } };
  }

  #start(command: Command, stop?: AbortSignal): Promise<End> {
    const { stage } = this.#options;
    stage.commands += 1;
    const name = `${command.type === 'perform' ? command.intent.operation : command.type} (pod-${stage.commands})`;
    this.#note(`${name} is started`);
    const work = carryOut(stage, command, { calm: !this.#isRough, ...(stop === undefined ? {} : { stop }) });
    const ended = work.then(
      (outcome): End => (outcome === undefined ? { type: 'killed' } : { type: 'ended', outcome }),
      (error: unknown): End => ({ type: 'refused', error }),
    ).then((end) => {
      this.#running.delete(ended);
      this.#note(`${name} ${describeEnd(end)}`);
      return end;
    });
    this.#running.add(ended);
    return ended;
  }

  #met(trouble: Trouble | undefined): void {
    if (trouble !== undefined) this.#meetings.add(trouble);
  }

  #note(text: string): void {
    const { stage, transcript } = this.#options;
    transcript.note(stage.production.world.clock.now(), text);
  }
}

function describeEnd(end: End): string {
  if (end.type === 'killed') return 'was killed';
  return end.type === 'ended' ? `ended: ${end.outcome}` : `was refused: ${end.error instanceof Failure ? `${end.error.code}, ${end.error.facts.summary}` : String(end.error)}`;
}
