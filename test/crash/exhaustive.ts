// Every boundary of some operations as one test each: what is wrong is listed with the command that shows it again.

import { beforeAll, describe, expect, test } from 'vitest';
import { boundariesOf, crash, helmBoundariesOf, undisturbed, type Undisturbed } from '../../sim/boundaries.ts';
import { classesOf, type Class } from '../../sim/boundaries/classes.ts';
import { others, replayOf, type NamedCrash } from '../../sim/boundaries/notation.ts';
import { findSubject } from '../../sim/boundaries/subjects.ts';
import { leastRequests } from './counts.ts';

const patienceMs = 600_000;

export interface Scope {
  readonly operations: readonly string[];
  /** What is asked for after some of the deaths, instead of the same again: keys of `others`. */
  readonly next?: readonly (keyof typeof others)[];
}

/** From one class of deaths after which something else is asked for to the next one. */
const sampledEvery = 5;

export function describeCrashes({ operations, next = [] }: Scope): void {
  describe.each(operations)('%s', (name) => {
    let usual: Undisturbed;
    let classes: readonly Class[];
    beforeAll(async () => {
      usual = await undisturbed(findSubject(name));
      classes = await classesOf(usual);
    }, patienceMs);

    test('when nobody is killed, it ends well', async () => {
      expect(await crash(usual, { deaths: [] })).toEqual([]);
    });

    test('killed at any request, before it is sent, before its answer is heard, or before the next one: the next run ends well', { timeout: patienceMs }, async () => {
      const all = boundariesOf(usual).map((dying) => replayOf({ subject: name, deaths: [dying] }));
      expect(classes.flat().map((dying) => replayOf({ subject: name, deaths: [dying] })).toSorted()).toEqual(all.toSorted());
      expect(await failures(usual, classes.map(([dying]) => ({ subject: name, deaths: [dying] })))).toEqual([]);
      console.log(`${name}: ${usual.requests.length} requests, died at each before it, after it, and of its answer: ${all.length} boundaries, which leave ${classes.length} different worlds`);
      // A request fewer may be an improvement: then the number is lowered here, by hand and with a reason.
      expect(usual.requests.length).toBeGreaterThanOrEqual(leastRequests[name] ?? Infinity);
    });

    test('killed within Helm, or Helm alone, after any object that it creates or deletes: the next run ends well', { timeout: patienceMs }, async () => {
      const all = helmBoundariesOf(usual).map((dying) => ({ subject: name, deaths: [dying] }));
      expect(await failures(usual, all)).toEqual([]);
      if (all.length > 0) console.log(`${name}: ${all.length} boundaries within Helm`);
    });

    test.each(next)('killed, and then %s: that ends well, and so does the next run', { timeout: patienceMs }, async (other) => {
      const places = classes.filter((_, place) => place % sampledEvery === next.indexOf(other));
      expect(await failures(usual, places.map(([dying]) => ({ subject: name, deaths: [dying], next: other })))).toEqual([]);
    });
  });
}

async function failures(usual: Undisturbed, crashes: readonly NamedCrash[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const one of crashes) {
    const { next, deaths } = one;
    const problems = await crash(usual, { deaths, ...(next === undefined ? {} : { next: others[next] }) });
    const [first] = deaths;
    if (problems.length > 0) found.push([`${replayOf(one)}  (${usual.requests[first?.nth ?? 0]})`, ...problems.map(({ invariant, problem }) => `${invariant}: ${problem}`)].join('\n    '));
  }
  return found;
}
