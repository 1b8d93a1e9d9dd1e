// Asking a driver until it gives an answer, for a bounded time: what passes is waited out, what does not is a failure.

import { DriverError, failedWith } from '../../drivers/failure.ts';
import { timestamp, type Clock, type Milliseconds } from '../../run/clock.ts';
import { proportionalPause, waitFor, WaitTimeout } from '../../run/wait.ts';

interface Patience {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export type Asked<T> = { readonly answered: true; readonly value: T } | { readonly answered: false; readonly reason: string; readonly since: string };

/** How long the other side may be silent without a break; enough for a pod to be rescheduled and to start. */
const patienceMs: Milliseconds = 5 * 60_000;

/** Rejects only with the signal's reason, or with what is no DriverError. */
export async function askPatiently<T>(ask: () => Promise<T>, { clock, signal }: Patience): Promise<Asked<T>> {
  const askedAt = timestamp(clock);
  try {
    const value = await waitFor(() => look(ask), { clock, signal, timeoutMs: patienceMs, pauseMs: proportionalPause(0.5, 500, 10_000) });
    return { answered: true, value };
  } catch (error) {
    if (error instanceof WaitTimeout) return { answered: false, reason: `no readable answer for ${patienceMs / 60_000} min: ${error.awaited.join()}`, since: askedAt };
    if (error instanceof DriverError) return { answered: false, reason: error.message, since: timestamp(clock) };
    throw error;
  }
}

async function look<T>(ask: () => Promise<T>): Promise<{ done: true; value: T } | { done: false; awaited: readonly string[] }> {
  try {
    return { done: true, value: await ask() };
  } catch (error) {
    if (failedWith(error, 'unavailable', 'timeout')) return { done: false, awaited: [error.message] };
    throw error;
  }
}
