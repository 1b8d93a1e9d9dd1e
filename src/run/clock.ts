// Time as a driver: everything that waits or stamps takes this, so that a test can run two days in a second.

export type Milliseconds = number;

export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): Milliseconds;
  /** Since some beginning of its own: goes on as before when the time is set. Default: `now`. */
  ticks?(): Milliseconds;
  /** Resolves after `ms`; rejects with the signal's reason as soon as the signal aborts. */
  sleep(ms: Milliseconds, signal?: AbortSignal): Promise<void>;
}

/** What has been noted of a moment, to know later how long ago it was. */
export interface Moment {
  readonly at: Milliseconds;
  readonly ticks: Milliseconds;
}

export function moment(clock: Clock): Moment {
  return { at: clock.now(), ticks: ticksOf(clock) };
}

/** At the most: the time may have been set back meanwhile, and the ticks may stand still while the machine does. */
export function passedSince({ at, ticks }: Moment, clock: Clock): Milliseconds {
  return Math.max(clock.now() - at, ticksOf(clock) - ticks);
}

/** For how long something lasts on this machine: to set its time neither ends a wait nor prolongs it. */
export function ticksOf(clock: Clock): Milliseconds {
  return clock.ticks?.() ?? clock.now();
}

export function timestamp(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}
