// Deaths that leave the very same world behind: whatever is done next goes the same way after each of them, so that one stands for all.

import { boundariesOf, leftBy, restartedAt, type Undisturbed } from '../boundaries.ts';
import type { Dying } from './commands.ts';
import { frozen } from './frozen.ts';

/** In the order of time. The first one is died at: there, those who watch have seen the least that might excuse anything. */
export type Class = readonly [Dying, ...Dying[]];

/**
 * Every boundary in exactly one class. What two deaths leave is compared as a whole, at the moment when the next process may begin. In one
 * class between them nobody else is looked at: a version, and what chance has given, never come back to what they were, so that those who
 * died in between have changed nothing either.
 */
export async function classesOf(usual: Undisturbed): Promise<readonly Class[]> {
  const known = new Map<Dying, Promise<string>>();
  const left = (dying: Dying): Promise<string> => {
    const found = known.get(dying) ?? leftBy(usual, dying).then(({ production }) => frozen(production));
    known.set(dying, found);
    return found;
  };
  const classes: Class[] = [];
  for (const alike of guessed(usual)) classes.push(...(await proven(alike, left)));
  return classes;
}

/** Those that died before the same restart, having changed as much. */
function guessed(usual: Undisturbed): readonly Class[] {
  const inTime = usual.moments.map((moment) => ({ key: `${restartedAt(moment.at)} ${moment.effects}`, dying: { nth: moment.nth, fault: moment.fault } }));
  const reached = new Set(inTime.map(({ dying }) => textOf(dying)));
  const alone = boundariesOf(usual).filter((dying) => !reached.has(textOf(dying)));
  const together = [...Map.groupBy(inTime, ({ key }) => key).values()].map((alike) => alike.map(({ dying }) => dying));
  return [...together, ...alone.map((dying) => [dying])].flatMap(([first, ...others]) => (first === undefined ? [] : [[first, ...others] as const]));
}

function textOf({ nth, fault }: Dying): string {
  return JSON.stringify([nth, fault]);
}

async function proven(alike: Class, left: (dying: Dying) => Promise<string>): Promise<readonly Class[]> {
  const [first, ...others] = alike;
  const last = others.at(-1);
  if (last === undefined || (await left(first)) === (await left(last))) return [alike];
  const middle = Math.floor(others.length / 2);
  const [second, ...rest] = others.slice(middle);
  const later = second === undefined ? [] : await proven([second, ...rest], left);
  return [...(await proven([first, ...others.slice(0, middle)], left)), ...later];
}
