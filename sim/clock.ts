// Time that passes by itself: as soon as nothing is left to do now, it jumps to the next timer. Never looks at a real clock.

import type { Clock, Milliseconds } from '../src/run/clock.ts';

interface Timer {
  readonly dueAt: Milliseconds;
  readonly fire: () => void;
  readonly refuse: (reason: unknown) => void;
}

export interface VirtualClockOptions {
  /** Milliseconds since 1970. Default: 2026-01-01T00:00:00Z. */
  readonly startAt?: Milliseconds;
  /** Virtual time after which every sleep is refused, so that nothing runs for ever. Default: 60 days. */
  readonly limitMs?: Milliseconds;
}

/** Timers fire one at a time, in order of their due time and then of their creation; everything each one causes is done before the next. */
export class VirtualClock implements Clock {
  readonly #endAt: Milliseconds;
  #now: Milliseconds;
  #timers: Timer[] = [];
  #turning = false;

  constructor(options: VirtualClockOptions = {}) {
    this.#now = options.startAt ?? Date.UTC(2026, 0, 1);
    this.#endAt = this.#now + (options.limitMs ?? 60 * 86_400_000);
  }

  now(): Milliseconds {
    return this.#now;
  }

  sleep(ms: Milliseconds, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason);
      const cancel = (): void => {
        this.#remove(timer);
        reject(signal?.reason);
      };
      const fire = (): void => {
        signal?.removeEventListener('abort', cancel);
        resolve();
      };
      const timer = this.#add({ dueAt: this.#now + Math.max(0, ms), fire, refuse: reject });
      signal?.addEventListener('abort', cancel, { once: true });
    });
  }

  /** Calls `action` after `ms`. Returns what cancels it. */
  after(ms: Milliseconds, action: () => void): () => void {
    const timer = this.#add({ dueAt: this.#now + Math.max(0, ms), fire: action, refuse: () => undefined });
    return () => this.#remove(timer);
  }

  #add(timer: Timer): Timer {
    const later = this.#timers.findIndex(({ dueAt }) => dueAt > timer.dueAt);
    this.#timers.splice(later === -1 ? this.#timers.length : later, 0, timer);
    this.#turn();
    return timer;
  }

  #remove(timer: Timer): void {
    this.#timers = this.#timers.filter((other) => other !== timer);
  }

  #turn(): void {
    if (this.#turning) return;
    this.#turning = true;
    afterEverythingElse(() => {
      this.#turning = false;
      this.#fireNext();
      if (this.#timers.length > 0) this.#turn();
    });
  }

  #fireNext(): void {
    const timer = this.#timers.shift();
    if (timer === undefined) return;
    if (timer.dueAt > this.#endAt) return timer.refuse(new Error('the simulated time is over: something waits for ever'));
    this.#now = timer.dueAt;
    timer.fire();
  }
}

// Requests of Node that may still lead to something: a real file that is being read must not cost virtual hours.
const unfinished = /^(FSReq|CloseReq|FileHandleCloseReq|ProcessWrap|GetAddrInfoReq)/i;

/** One turn of the event loop runs all promise reactions; two are enough for what uses setImmediate itself. */
function afterEverythingElse(action: () => void): void {
  setImmediate(() => {
    setImmediate(() => {
      if (process.getActiveResourcesInfo().some((resource) => unfinished.test(resource))) return afterEverythingElse(action);
      action();
    });
  });
}
