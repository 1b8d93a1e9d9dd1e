// The one wait loop: bounded, on an injected clock, with a reminder of what is still awaited.

import { ticksOf, type Clock, type Milliseconds } from './clock.ts';

export type Look<T> =
  | { readonly done: true; readonly value: T }
  /** `awaited`: what is missing, one line each; shown as the reminder and when time is up. */
  | { readonly done: false; readonly awaited: readonly string[] };

export interface WaitOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly timeoutMs: Milliseconds;
  /** Pause before the next look, given how long it has been waiting. */
  readonly pauseMs: (elapsedMs: Milliseconds) => Milliseconds;
  /** Called after each look that is not done. */
  readonly remind?: (awaited: readonly string[], elapsedMs: Milliseconds) => void;
}

/** Time is up; carries what was still awaited. */
export class WaitTimeout extends Error {
  override readonly name = 'WaitTimeout';
  readonly awaited: readonly string[];

  constructor(timeoutMs: Milliseconds, awaited: readonly string[]) {
    super(`still waiting after ${timeoutMs / 1000} s for ${awaited.join(', ')}`);
    this.awaited = awaited;
  }
}

/** Looks until done. Rejects WaitTimeout, or with the signal's reason, or with what `look` threw. */
export async function waitFor<T>(look: (elapsedMs: Milliseconds) => Promise<Look<T>>, options: WaitOptions): Promise<T> {
  const { clock, signal, timeoutMs } = options;
  const startedAt = ticksOf(clock);
  for (;;) {
    signal.throwIfAborted();
    const seen = await look(ticksOf(clock) - startedAt);
    if (seen.done) return seen.value;
    const elapsedMs = ticksOf(clock) - startedAt;
    options.remind?.(seen.awaited, elapsedMs);
    if (elapsedMs >= timeoutMs) throw new WaitTimeout(timeoutMs, seen.awaited);
    await clock.sleep(Math.min(options.pauseMs(elapsedMs), timeoutMs - elapsedMs), signal);
  }
}

/** A pause that grows with the waiting: `share` of the elapsed time, between the bounds. */
export function proportionalPause(share: number, minMs: Milliseconds, maxMs: Milliseconds): (elapsedMs: Milliseconds) => Milliseconds {
  return (elapsedMs) => Math.min(maxMs, Math.max(minMs, elapsedMs * share));
}
