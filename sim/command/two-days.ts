// How long a rebuild of two days takes here: by the clock on the wall, and of the processor alone, which does not depend on who else works.

import { findScenario } from '../scenarios/scenarios.ts';
import { runSeed } from '../seed.ts';

export interface Taken {
  /** Of one rebuild. */
  readonly wallMs: number;
  readonly processorMs: number;
  /** To everything outside, ours and other people's: the same in every run. */
  readonly requests: number;
  /** Simulated time in which it went on. */
  readonly virtualMs: number;
  readonly violations: number;
}

/** A quiet day with two rebuilds: the one under test, and the next one. */
const rebuilds = 2;

const goalMs = 2_000;
const scenario = 'two-days';

/** One after another, each of them alone. What is prepared once, and the program itself, are loaded before. */
export async function timeTwoDays({ times }: { readonly times: number }): Promise<readonly Taken[]> {
  await runSeed({ seed: 1, scenario, faults: [] });
  const taken: Taken[] = [];
  for (let left = times; left > 0; left -= 1) taken.push(await timeOnce());
  return taken;
}

async function timeOnce(): Promise<Taken> {
  const begun = performance.now();
  const before = process.cpuUsage();
  const { virtualMs, violations, requests } = await runSeed({ seed: 1, scenario, faults: [] });
  const { user, system } = process.cpuUsage(before);
  return { wallMs: (performance.now() - begun) / rebuilds, processorMs: (user + system) / 1_000 / rebuilds, requests: requests / rebuilds, virtualMs: virtualMs / rebuilds, violations: violations.length };
}

/** The median is what counts: a machine that is busy elsewhere for a moment says nothing. */
export function isInTime(taken: readonly Taken[]): boolean {
  return median(taken.map(({ wallMs }) => wallMs)) <= goalMs && taken.every(({ violations }) => violations === 0);
}

export function describeTwoDays(taken: readonly Taken[]): string {
  const wall = taken.map(({ wallMs }) => wallMs);
  const violations = taken.reduce((sum, { violations: found }) => sum + found, 0);
  const lines = taken.map(({ wallMs, processorMs }, index) => `  ${index + 1}  ${seconds(wallMs)} of wall time, ${seconds(processorMs)} of the processor`);
  const { virtualMs = 0, requests = 0 } = taken[0] ?? {};
  return [
    `A rebuild with ${findScenario(scenario)?.description}; ${(virtualMs / 3_600_000).toFixed(0)} hours of simulated time, ${requests} requests:`,
    ...lines,
    `Median ${seconds(median(wall))} of wall time (of the processor ${seconds(median(taken.map(({ processorMs }) => processorMs)))}); wanted: at most ${seconds(goalMs)}. ${violations} violations`,
    '',
  ].join('\n');
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}
