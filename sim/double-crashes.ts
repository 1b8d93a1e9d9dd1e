// Runs that die, and whose successors die as well: pairs of boundaries drawn by seed, over all operations. Too many to try them all.

import { boundariesOf, crashed, deaths, undisturbed, type Crashing, type Undisturbed } from './boundaries.ts';
import type { Dying } from './boundaries/commands.ts';
import { replayOf } from './boundaries/notation.ts';
import { subjects } from './boundaries/subjects.ts';
import { seeded, type Random } from './random.ts';

export interface CrashesOptions {
  readonly count: number;
  /** The first seed. Default 1. */
  readonly from?: number;
  /** Told after each. */
  readonly progress?: (done: Crashed) => unknown;
}

export interface Crashed extends Crashing {
  /** Which one it is. */
  readonly seed: number;
  /** The command that shows it again. */
  readonly replay: string;
}

/** Those that did not end well. */
export async function doubleCrashes({ count, from = 1, progress }: CrashesOptions): Promise<readonly Crashed[]> {
  const all: Undisturbed[] = [];
  for (const subject of subjects) all.push(await undisturbed(subject));
  const failed: Crashed[] = [];
  for (let seed = from; seed < from + count; seed += 1) {
    const done = await tryOne(seed, all);
    if (done.findings.length > 0) failed.push(done);
    await progress?.(done);
  }
  return failed;
}

async function tryOne(seed: number, all: readonly Undisturbed[]): Promise<Crashed> {
  const random = seeded(seed);
  const usual = drawn(random, all);
  const places = [firstPlace(random, usual), secondPlace(random, usual)];
  return { seed, ...(await crashed(usual, { deaths: places })), replay: replayOf({ subject: usual.subject.name, deaths: places }) };
}

/** Each by the number of its requests: every first boundary is as likely as every other. */
function drawn(random: Random, all: readonly Undisturbed[]): Undisturbed {
  let left = random.between(0, all.reduce((sum, { requests }) => sum + requests.length, 0) - 1);
  const found = all.find(({ requests }) => {
    left -= requests.length;
    return left < 0;
  });
  if (found === undefined) throw new Error('there is no operation to die in');
  return found;
}

function firstPlace(random: Random, usual: Undisturbed): Dying {
  const places = boundariesOf(usual);
  return places[random.between(0, places.length - 1)] as Dying;
}

/** The second run first watches whether the first one lives, about once a second; it may have less left to do, and then outlives this. */
const watching = 40;

function secondPlace(random: Random, { requests }: Undisturbed): Dying {
  return { nth: random.between(0, requests.length + watching), fault: deaths[random.between(0, deaths.length - 1)] ?? 'kill' };
}
