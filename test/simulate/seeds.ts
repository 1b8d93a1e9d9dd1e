// Many seeds as one test: what they find is listed with the command that shows it again, and every kind of trouble must have been there.
// Each file takes its own share of them.

import { expect } from 'vitest';
import { replayOfSeed } from '../../sim/command/arguments.ts';
import { troubles, type Trouble } from '../../sim/met.ts';
import { runSeed, type Wanted } from '../../sim/seed.ts';

/** Of all files together; each takes one of four quarters. */
export const seedsInAll = 2_000;

export const patienceMs = 900_000;

/** In each share besides, days on which nothing is struck but watches: few come to an event that is skipped or repeated among all else. */
const daysOfWatches = 120;

/** Of each kind, in each share: what nobody meets is not tried. */
const leastMet = 2;

export async function expectQuarterClean(quarter: 0 | 1 | 2 | 3): Promise<void> {
  const share = seedsInAll / 4;
  const found: string[] = [];
  const met = new Map<Trouble, number>();
  let requests = 0;
  const first = 1 + quarter * share;
  const days: readonly Wanted[] = [
    ...Array.from({ length: share }, (_, index) => ({ seed: first + index })),
    ...Array.from({ length: daysOfWatches }, (_, index) => ({ seed: first + index, faults: ['watch'] as const })),
  ];
  for (const { seed, ...filter } of days) {
    const result = await runSeed({ seed, ...filter });
    requests += result.requests;
    for (const [trouble, times] of result.met) met.set(trouble, (met.get(trouble) ?? 0) + times);
    found.push(...result.violations.map(({ invariant, problem }) => `${invariant}: ${problem}   ${replayOfSeed(seed, filter)}`));
  }
  console.log(`${share} seeds, ${requests} requests, ${found.length} violations; ${troubles.map((trouble) => `${trouble}: ${met.get(trouble) ?? 0}`).join(', ')}`);
  expect(found).toEqual([]);
  expect(requests).toBeGreaterThan(share * 200);
  expect(troubles.filter((trouble) => (met.get(trouble) ?? 0) < leastMet)).toEqual([]);
}
