// How often each name was really asked for at each server: a watch that sleeps sees nothing. Pure.

import { percentile } from './percentile.ts';

/** On the average, of each name at each server: ten questions a second. */
const goalMs = 100;
/** Of fewer nothing can be said on the average. */
const leastGaps = 50;

interface Sum {
  gaps: number;
  totalMs: number;
}

export class Pace {
  readonly #lastAt = new Map<string, number>();
  readonly #sums = new Map<string, Sum>();
  readonly #gaps: number[] = [];

  /** `what` is one name at one server; `at` in milliseconds. */
  asked(what: string, at: number): void {
    const lastAt = this.#lastAt.get(what);
    this.#lastAt.set(what, at);
    if (lastAt === undefined) return;
    const sum = this.#sums.get(what) ?? { gaps: 0, totalMs: 0 };
    this.#sums.set(what, { gaps: sum.gaps + 1, totalMs: sum.totalMs + at - lastAt });
    this.#gaps.push(at - lastAt);
  }

  /** Nobody is to ask for a while: the time until the next question is no gap. */
  paused(what: string): void {
    this.#lastAt.delete(what);
  }

  problems(): readonly string[] {
    const slow = [...this.#sums].filter(([, { gaps, totalMs }]) => gaps >= leastGaps && totalMs / gaps > goalMs);
    return slow.map(([what, { gaps, totalMs }]) => `${what} was asked for every ${(totalMs / gaps).toFixed(0)} ms on the average of ${gaps} times, and not every ${goalMs} ms`);
  }

  /** One line, of all of them. */
  describe(): string {
    const means = [...this.#sums.values()].filter(({ gaps }) => gaps >= leastGaps).map(({ gaps, totalMs }) => totalMs / gaps);
    const [p50, p99, longest] = [0.5, 0.99, 1].map((share) => `${percentile(this.#gaps, share)} ms`);
    return `p50 ${p50}, p99 ${p99}, longest ${longest}; of the slowest name ${percentile(means, 1).toFixed(0)} ms on the average (goal: ≤ ${goalMs} ms)`;
  }
}
