// Tries out the plants whose numbers are given, one after another, and prints a line of JSON for each: what found it, and what was
// found in the same run without it.

import { undisturbed, type Undisturbed } from '../../sim/boundaries.ts';
import type { Finding } from '../../sim/boundaries/judge.ts';
import { findSubject } from '../../sim/boundaries/subjects.ts';
import { plantable } from './hooks.ts';
import type { Plant, Trial } from './plant.ts';
import { plants } from './plants.ts';
import { tryOut } from './try-out.ts';

plantable(plants);

export interface TriedOut {
  readonly name: string;
  readonly found: readonly Finding[];
  readonly foundWithout: readonly Finding[];
  /** Why it could not be planted: the sources have changed since. */
  readonly rotten?: string;
}

const subjects = new Map<string, Promise<Undisturbed>>();
const without = new Map<string, Promise<readonly Finding[]>>();

for (const number of process.argv.slice(2)) {
  const plant = plants[Number(number)];
  if (plant !== undefined) console.log(JSON.stringify(await triedOut(plant)));
}

async function triedOut({ name, trial }: Plant): Promise<TriedOut> {
  const usual = await once(subjects, trial.subject, () => undisturbed(findSubject(trial.subject)));
  const foundWithout = await once(without, JSON.stringify(trial), () => tryOut(trial, usual));
  try {
    const planted = (await import(`./try-out.ts?plant=${encodeURIComponent(name)}`)) as { readonly tryOut: typeof tryOut };
    return { name, found: await planted.tryOut(trial, usual).catch(broken(trial)), foundWithout };
  } catch (error) {
    return { name, found: [], foundWithout, rotten: String(error) };
  }
}

/** It is caught where it breaks the program, too. */
function broken({ subject }: Trial): (error: unknown) => readonly Finding[] {
  return (error) => [{ invariant: 'L1', problem: `${subject} came to no end: ${String(error)}` }];
}

function once<T>(made: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const found = made.get(key) ?? make();
  made.set(key, found);
  return found;
}
