// The numbers of one phase: what was counted, how long it took, and each violation with its story. It decides nothing.

import { describeTimes } from './percentile.ts';

export class Tally {
  readonly phase: string;
  readonly violations: string[] = [];
  readonly #counts = new Map<string, number>();
  readonly #times = new Map<string, number[]>();
  readonly #startedAt = Date.now();

  constructor(phase: string) {
    this.phase = phase;
  }

  count(what: string, by = 1): void {
    this.#counts.set(what, this.of(what) + by);
  }

  of(what: string): number {
    return this.#counts.get(what) ?? 0;
  }

  time(what: string, forMs: number): void {
    this.#times.set(what, [...this.timesOf(what), forMs]);
  }

  timesOf(what: string): readonly number[] {
    return this.#times.get(what) ?? [];
  }

  /** Told at once: a run of an hour must not keep it until the end. */
  violation(story: string): void {
    this.violations.push(story);
    console.log(`  VIOLATION (${this.phase}): ${story}`);
  }

  say(line: string): void {
    console.log(`  ${((Date.now() - this.#startedAt) / 1_000).toFixed(0).padStart(5)} s  ${line}`);
  }

  lines(): readonly string[] {
    const counts = [...this.#counts].map(([what, count]) => `  ${String(count).padStart(6)}  ${what}`);
    const times = [...this.#times].map(([what, values]) => `          ${what}: ${describeTimes(values)}`);
    return [...counts, ...times, `  ${String(this.violations.length).padStart(6)}  violations`];
  }
}
