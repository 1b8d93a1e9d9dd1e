// For how long something has held without a break. For what may pass within seconds and is only worth a word if it does not.

import type { Clock, Milliseconds } from '../run/clock.ts';

export class Persistence {
  readonly #clock: Clock;
  #since: Milliseconds | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Tells what is the case now; returns for how long it has been so, undefined while it is not. */
  tell({ holds }: { readonly holds: boolean }): Milliseconds | undefined {
    this.#since = holds ? (this.#since ?? this.#clock.now()) : undefined;
    return this.#since === undefined ? undefined : this.#clock.now() - this.#since;
  }
}
