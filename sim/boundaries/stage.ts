// Where an operation is tried again and again: a settled world, made once and copied for each try, with every invariant watched.

import type { Environment } from '../../src/config/environment.ts';
import { watchInvariants, type WatchOptions } from '../invariants/index.ts';
import { prepared, type PreparedWorld } from '../prepared.ts';
import { environmentWith, production } from '../production.ts';
import type { Scenario } from '../world.ts';
import type { Stage } from './commands.ts';
import { plantedSecret, type Subject } from './subjects.ts';

/** Servers that lag for seconds are asked again and again, which makes many boundaries of one kind. */
const quick: Scenario = {
  zones: [
    { id: 'example-org', origin: 'example.org.', lagsMs: [0, 150] },
    { id: 'second-org', origin: 'second.org.', lagsMs: [0, 50] },
  ],
  cluster: { timing: { reachableAfterMs: 150 } },
};

export interface Prepared {
  readonly subject: Subject;
  readonly from: PreparedWorld;
}

export async function prepare(subject: Subject): Promise<Prepared> {
  const stage = await stageOf({ ...subject, environment: { ...subject.environment, ...subject.environmentBefore } });
  await subject.before?.(stage);
  return { subject, from: await prepared(stage.production.world) };
}

/** A production as it is when the command is about to be given. */
export async function begin({ subject, from }: Prepared, { seed, ...options }: BeginOptions = {}): Promise<Stage> {
  const stage = await stageOf(subject, { from, seed, options: { secrets: [plantedSecret], ...options } });
  await subject.arrange?.(stage.production);
  return stage;
}

export interface BeginOptions extends WatchOptions {
  /** Of the names, delays and uids that are still to come. */
  readonly seed?: number;
}

interface Beginning {
  readonly from: PreparedWorld;
  readonly seed: number | undefined;
  readonly options: WatchOptions;
}

async function stageOf({ scenario = {}, environment: keys = {} }: Subject, beginning?: Beginning): Promise<Stage> {
  const environment: Environment = environmentWith({ drain: { soak: '5s', every: '5s' }, ...keys });
  const made = await production({ ...quick, ...scenario, ...(beginning === undefined ? {} : { from: beginning.from, ...(beginning.seed === undefined ? {} : { seed: beginning.seed }) }) }, { environment });
  // From the very beginning: what a process took before is not known.
  return { production: made, environment, watched: watchInvariants(made, beginning?.options), commands: 0 };
}
