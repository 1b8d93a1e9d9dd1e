// Percentiles by nearest rank. Pure.

/** NaN of nothing: nothing measured is not zero. `share` 1 is the largest. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** `p50 5.4 s, p95 6.1 s, longest 6.3 s (n = 200)` */
export function describeTimes(valuesMs: readonly number[]): string {
  if (valuesMs.length === 0) return 'nothing measured';
  const [p50, p95, longest] = [0.5, 0.95, 1].map((share) => `${(percentile(valuesMs, share) / 1_000).toFixed(2)} s`);
  return `p50 ${p50}, p95 ${p95}, longest ${longest} (n = ${valuesMs.length})`;
}
