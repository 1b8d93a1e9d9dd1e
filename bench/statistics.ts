// Numbers of several rounds as one: best, median, 99th percentile, worst. Pure.

export interface Statistics {
  readonly rounds: number;
  readonly best: number;
  readonly median: number;
  /** By nearest rank: with fewer than a hundred rounds this is the worst. */
  readonly p99: number;
  /** The largest, and `best` the smallest: everything that is measured here is better when it is less. */
  readonly worst: number;
}

/** Rejects an empty list: nothing measured is not zero. */
export function statisticsOf(values: readonly number[]): Statistics {
  const sorted = values.toSorted((left, right) => left - right);
  const [best] = sorted;
  const worst = sorted.at(-1);
  if (best === undefined || worst === undefined) throw new RangeError('nothing was measured');
  return { rounds: sorted.length, best, median: medianOf(sorted), p99: nearestRank(sorted, 0.99), worst };
}

function medianOf(sorted: readonly number[]): number {
  const middle = sorted.slice(Math.floor((sorted.length - 1) / 2), Math.floor(sorted.length / 2) + 1);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}

/** The smallest value that at least this share of all values does not exceed. */
function nearestRank(sorted: readonly number[], share: number): number {
  return sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
}
