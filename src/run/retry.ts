// Trying again what may succeed the second time. Only callers retry; a driver answers once.

import { failedWith, type DriverError, type FailureReason } from '../drivers/failure.ts';
import { ticksOf, type Clock, type Milliseconds } from './clock.ts';

export interface RetryOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Tries in all, the first one included. Default 5. */
  readonly attempts?: number;
  /** Instead of counting tries: for so long, and a last time at the end of it. For what there is nothing better to do than to wait for. */
  readonly forMs?: Milliseconds | undefined;
  /** What is tried again. Default: what passes by itself (no answer, 429, 5xx). */
  readonly passing?: readonly FailureReason[];
  /** Before the second try; doubles from there, up to 10 s. Default 250. */
  readonly firstPauseMs?: Milliseconds;
  /** Told of each failure after which it is tried again, and when: `leftMs` before it would be given up, where that goes by time. */
  readonly onRetry?: ((error: DriverError, again: { readonly afterMs: Milliseconds; readonly leftMs: Milliseconds }) => void) | undefined;
}

const longestPauseMs = 10_000;

/** Repeats `attempt` while it fails for reasons that pass. Every other error is thrown at once. */
export async function retry<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { clock, signal, attempts = 5, passing = ['unavailable', 'timeout'], firstPauseMs = 250 } = options;
  const startedAt = ticksOf(clock);
  for (let tried = 1; ; tried += 1) {
    try {
      return await attempt();
    } catch (error) {
      const leftMs = options.forMs === undefined ? Infinity : startedAt + options.forMs - ticksOf(clock);
      if (!failedWith(error, ...passing) || (options.forMs === undefined && tried >= attempts) || leftMs <= 0) throw error;
      const afterMs = Math.min(leftMs, pauseBefore(tried, error, firstPauseMs));
      options.onRetry?.(error, { afterMs, leftMs });
      await clock.sleep(afterMs, signal);
    }
  }
}

function pauseBefore(tried: number, error: DriverError, firstMs: Milliseconds): Milliseconds {
  return error.retryAfterMs ?? Math.min(longestPauseMs, firstMs * 2 ** (tried - 1));
}
