// Writes cities in batches, as slowly as asked: a load of a second can stand for one of two days.
import type { City } from './cities.ts';
import type { Database } from './database.ts';

export interface LoadOptions {
  database: Pick<Database, 'saveCities'>;
  /** How long the load shall take at least, spread evenly over the batches. */
  stretchMs: number;
  pause: (ms: number) => Promise<void>;
}

// Small enough that a stretched load moves on every few seconds, large enough that a fast one takes less than one.
const batchRows = 500;

export async function loadCities(cities: readonly City[], { database, stretchMs, pause }: LoadOptions): Promise<number> {
  for (let start = 0; start < cities.length; start += batchRows) {
    const batch = cities.slice(start, start + batchRows);
    await database.saveCities(batch);
    if (stretchMs > 0) await pause((stretchMs * batch.length) / cities.length);
  }
  return cities.length;
}

export async function realPause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
