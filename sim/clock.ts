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
  readonly #timers: Timer[] = [];
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

  /** Calls `action` after `ms`, or `refuse` when the time is over before that. Returns what cancels it. */
  after(ms: Milliseconds, action: () => void, refuse: (reason: unknown) => void = () => undefined): () => void {
    const timer = this.#add({ dueAt: this.#now + Math.max(0, ms), fire: action, refuse });
    return () => this.#remove(timer);
  }

  /** When everything that is still to come is due. */
  due(): readonly Milliseconds[] {
    return this.#timers.map(({ dueAt }) => dueAt);
  }

  #add(timer: Timer): Timer {
    // Most are due later than most others, so the place is looked for from the end.
    const before = this.#timers.findLastIndex(({ dueAt }) => dueAt <= timer.dueAt);
    this.#timers.splice(before + 1, 0, timer);
    this.#turn();
    return timer;
  }

  #remove(timer: Timer): void {
    const place = this.#timers.indexOf(timer);
    if (place !== -1) this.#timers.splice(place, 1);
  }

  #turn(): void {
    if (this.#turning) return;
    this.#turning = true;
    eachAfterEverythingElse(timersATurn, () => this.#fireNext(), () => {
      this.#turning = false;
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

/** A turn of the event loop costs as much as what most timers cause, so that many of them share one. */
const timersATurn = 16;

// Requests of Node that may still lead to something: a real file that is being read must not cost virtual hours.
const unfinished = /^(FSReq|CloseReq|FileHandleCloseReq|ProcessWrap|GetAddrInfoReq)/i;

/** Between two callbacks of setImmediate, Node runs all promise reactions: each action finds everything done that the one before it caused. */
function eachAfterEverythingElse(times: number, action: () => void, end: () => void): void {
  let isBusy = false;
  for (let time = 0; time < times; time += 1) {
    setImmediate(() => {
      isBusy ||= process.getActiveResourcesInfo().some((resource) => unfinished.test(resource));
      if (!isBusy) action();
    });
  }
  setImmediate(end);
}
