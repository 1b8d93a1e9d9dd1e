// Time as a driver: everything that waits or stamps takes this, so that a test can run two days in a second.

export type Milliseconds = number;

export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): Milliseconds;
  /** Resolves after `ms`; rejects with the signal's reason as soon as the signal aborts. */
  sleep(ms: Milliseconds, signal?: AbortSignal): Promise<void>;
}

export function timestamp(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}
