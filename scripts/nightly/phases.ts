// What the nightly simulation is made of: pure data, from the day. Runs nothing.

export interface Phase {
  readonly name: string;
  /** Of `npm run simulate`. */
  readonly words: readonly string[];
  /** Slower than this is a failure. */
  readonly mostMs?: number;
}

const seeds = 10_000;
const pairs = 20_000;

/** Each night its own days, and no night those of another: seeds are counted from 1970 on. */
export function firstSeedOf(day: Date): number {
  return Math.floor(day.getTime() / 86_400_000) * Math.max(seeds, pairs);
}

export function phasesOf(firstSeed: number): readonly Phase[] {
  const from = ['--from', String(firstSeed)];
  return [
    { name: 'seeds', words: ['--seeds', String(seeds), ...from], mostMs: 600_000 },
    { name: 'every crash', words: ['--every-crash'] },
    { name: 'two days', words: ['--two-days'] },
    { name: 'double crashes', words: ['--double-crashes', String(pairs), ...from] },
  ];
}

export interface Ended extends Phase {
  readonly exitCode: number;
  readonly tookMs: number;
}

/** A line for each, and what is wrong with it. */
export function summaryOf({ name, exitCode, tookMs, mostMs = Infinity }: Ended): string {
  const problem = problemOf({ exitCode, isLate: tookMs > mostMs, mostMs });
  return `${problem === undefined ? 'passed' : 'FAILED'}  ${name.padEnd(14)} ${String(Math.round(tookMs / 1_000)).padStart(5)} s${problem === undefined ? '' : `  ${problem}`}`;
}

export function isGood({ exitCode, tookMs, mostMs = Infinity }: Ended): boolean {
  return exitCode === 0 && tookMs <= mostMs;
}

function problemOf({ exitCode, isLate, mostMs }: { readonly exitCode: number; readonly isLate: boolean; readonly mostMs: number }): string | undefined {
  if (exitCode === 1) return 'what is above must not be';
  if (exitCode !== 0) return `it ended with exit code ${exitCode}`;
  return isLate ? `longer than ${mostMs / 1_000} s` : undefined;
}
