// Waiting with a bound, for the set-up of the cluster only. It never waits for ever.
import { setTimeout as sleep } from 'node:timers/promises';

// Short against what is awaited, long against the cost of one look.
const intervalMs = 50;

/** Calls `look` until it returns something; throws after `timeoutMs` with what was awaited and the last error. */
export async function until<T>(
  what: string,
  timeoutMs: number,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let reason = '';
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined) return found;
    } catch (error) {
      reason = error instanceof Error ? `: ${error.message}` : '';
    }
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs / 1000} s for ${what}${reason}`);
    await sleep(intervalMs);
  }
}
