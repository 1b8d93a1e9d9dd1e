// A seed is a day that can be had again: to the byte, in any process; and the days on which something was found stay.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { timeTwoDays } from '../../sim/command/two-days.ts';
import { runSeed } from '../../sim/seed.ts';
import { scenarios } from '../../sim/scenarios/scenarios.ts';

const patienceMs = 300_000;
const hourMs = 3_600_000;
/** Each costs 25 µs on an idle machine of today. */
const mostRequests = 45_000;
const root = join(import.meta.dirname, '..', '..');

async function printed(...words: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(root, 'sim', 'main.ts'), ...words], { cwd: root, maxBuffer: 64 * 1_024 * 1_024 });
  return stdout;
}

describe('the same seed', () => {
  test.each([7, 72, 3240])('%i gives the same transcript in two processes, whatever was simulated before', { timeout: patienceMs }, async (seed) => {
    await runSeed({ seed: seed + 1 });
    const here = await runSeed({ seed });
    const there = await printed('--seed', String(seed));
    expect(there.startsWith(here.transcript.text())).toBe(true);
    expect(there).toContain(`sha256:${here.transcript.hash()}`);
  });

  test('another seed is another day', { timeout: patienceMs }, async () => {
    expect((await runSeed({ seed: 7 })).transcript.hash()).not.toBe((await runSeed({ seed: 8 })).transcript.hash());
  });
});

/** Where the simulator found something that was then mended, with a test of its own; the scenario is what it was found in. */
const found = [
  { what: 'the public is led to a release that an operator took our label off', seed: 54, scenario: 'rebuild-that-is-taken-back' },
  { what: 'the same, after a death', seed: 3240, scenario: 'job-list' },
  { what: 'a record is begun after a pause that outlasted the lease', seed: 10192, scenario: 'job-list' },
  { what: 'the previous release goes too early, by a clock that was behind', seed: 10589, scenario: 'job-list' },
  { what: 'the same, with everything that can be loaded and checked', seed: 12157, scenario: 'rebuild-with-everything' },
  { what: 'an operator takes our label off while a name server is asked, and Helm uninstalls the release all the same', seed: 107233, scenario: 'prune' },
  { what: 'the record of an overtaken run comes late, and the next one goes on with its plan', seed: 104554, scenario: 'prune' },
] as const;

test.each(found)('seed $seed, on which it was found that $what, is clean', { timeout: patienceMs }, async ({ seed, scenario }) => {
  const result = await runSeed({ seed });
  expect(result.scenario).toBe(scenario);
  expect(result.violations).toEqual([]);
});

// How many seconds that is depends on the machine, and on who else works on it: `npm run simulate -- --two-days` measures it, each night too.
test('a rebuild of two days makes few enough requests to be simulated in two seconds', { timeout: patienceMs }, async () => {
  const [taken] = await timeTwoDays({ times: 1 });
  expect(taken?.violations).toBe(0);
  expect(Number(taken?.virtualMs) / hourMs).toBeGreaterThanOrEqual(47);
  expect(Number(taken?.requests)).toBeLessThan(mostRequests);
});

test('every scenario can be had by its name, and goes well when nobody disturbs it', { timeout: patienceMs }, async () => {
  for (const { name } of scenarios.filter((scenario) => scenario.name !== 'two-days')) {
    const { scenario, violations, faults } = await runSeed({ seed: 3, scenario: name, faults: [] });
    expect({ scenario, violations, faults }).toEqual({ scenario: name, violations: [], faults: 0 });
  }
});
