// Many seeds as one test: what they find is listed with the command that shows it again. Each file takes its own share of them.

import { expect } from 'vitest';
import { replayOfSeed } from '../../sim/command/arguments.ts';
import { runSeed } from '../../sim/seed.ts';

/** Of all files together; each takes one of four quarters. */
export const seedsInAll = 2_000;

export const patienceMs = 900_000;

export async function expectQuarterClean(quarter: 0 | 1 | 2 | 3): Promise<void> {
  const share = seedsInAll / 4;
  const found: string[] = [];
  let requests = 0;
  for (let seed = 1 + quarter * share; seed <= (quarter + 1) * share; seed += 1) {
    const result = await runSeed({ seed });
    requests += result.requests;
    found.push(...result.violations.map(({ invariant, problem }) => `${invariant}: ${problem}   ${replayOfSeed(seed, {})}`));
  }
  console.log(`${share} seeds, ${requests} requests, ${found.length} violations`);
  expect(found).toEqual([]);
  expect(requests).toBeGreaterThan(share * 200);
}
