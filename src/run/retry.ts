// Trying again what may succeed the second time. Only callers retry; a driver answers once.

import { DriverError } from '../drivers/failure.ts';
import type { Clock, Milliseconds } from './clock.ts';

export interface RetryOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Tries in all, the first one included. Default 5. */
  readonly attempts?: number;
  /** Before the second try; doubles from there, up to 10 s. Default 250. */
  readonly firstPauseMs?: Milliseconds;
  /** Told of each failure after which it is tried again. */
  readonly onRetry?: (error: DriverError) => void;
}

const longestPauseMs = 10_000;

/** Repeats `attempt` while it fails for reasons that pass (no answer, 429, 5xx). Every other error is thrown at once. */
export async function retry<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const attempts = options.attempts ?? 5;
  for (let tried = 1; ; tried += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (tried >= attempts || !isPassing(error)) throw error;
      options.onRetry?.(error);
      await options.clock.sleep(pauseBefore(tried, error, options.firstPauseMs ?? 250), options.signal);
    }
  }
}

function isPassing(error: unknown): error is DriverError {
  return error instanceof DriverError && (error.reason === 'unavailable' || error.reason === 'timeout');
}

function pauseBefore(tried: number, error: DriverError, firstMs: Milliseconds): Milliseconds {
  return error.retryAfterMs ?? Math.min(longestPauseMs, firstMs * 2 ** (tried - 1));
}
