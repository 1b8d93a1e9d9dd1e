// One process of the runner as the outside sees it: alive, stopped for a while, or dead; with a clock that may be wrong. Sends nothing.

import type { Clock, Milliseconds } from '../src/run/clock.ts';
import type { VirtualClock } from './clock.ts';

export class SimulatedProcess {
  readonly number: number;
  /** The process's own: it reads what its machine believes, and nothing wakes the dead. */
  readonly clock: Clock;
  readonly #world: VirtualClock;
  readonly #death = new AbortController();
  #aheadMs: Milliseconds = 0;
  #suspendedMs: Milliseconds = 0;
  #stopped: PromiseWithResolvers<void> | undefined;
  #isDoomed = false;
  /** What cancels each of them. */
  readonly #sleeps = new Set<() => void>();

  constructor(number: number, world: VirtualClock) {
    this.number = number;
    this.#world = world;
    this.clock = { now: () => world.now() + this.#aheadMs - this.#suspendedMs, ticks: () => world.now() - this.#suspendedMs, sleep: (ms, signal) => this.#sleep(ms, signal) };
  }

  /** Aborts when it dies. */
  get died(): AbortSignal {
    return this.#death.signal;
  }

  get isDead(): boolean {
    return this.#death.signal.aborted;
  }

  get isDoomed(): boolean {
    return this.#isDoomed;
  }

  /** As by SIGKILL: also when it is stopped. */
  kill(): void {
    this.#death.abort();
    for (const cancel of this.#sleeps) cancel();
  }

  /** Its next request, or the next moment that passes, is its end. */
  doom(): void {
    this.#isDoomed = true;
    this.#world.after(0, () => this.kill());
  }

  /** As by SIGSTOP: time goes on, answers come in, and it notices nothing of it. */
  stop(): void {
    this.#stopped ??= Promise.withResolvers<void>();
  }

  /** As by SIGCONT: what should have woken it meanwhile wakes it now. */
  continue(): void {
    this.#stopped?.resolve();
    this.#stopped = undefined;
  }

  stopFor(ms: Milliseconds): void {
    this.stop();
    this.#world.after(ms, () => this.continue());
  }

  /** Its machine's time is set; its sleeps last as long as before. */
  setClockBy(ms: Milliseconds): void {
    this.#aheadMs += ms;
  }

  /** Its machine has stood still for so long, and everything that it counts time by. */
  suspendedFor(ms: Milliseconds): void {
    this.#suspendedMs += ms;
  }

  /** Whatever reaches the process passes here: resolves when it runs, never when it is dead. */
  async awake(): Promise<void> {
    while (this.#stopped !== undefined && !this.isDead) await Promise.race([this.#stopped.promise, death(this.died)]);
    if (this.isDead) await new Promise(() => undefined);
  }

  get isStopped(): boolean {
    return this.#stopped !== undefined;
  }

  #sleep(ms: Milliseconds, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const whenAwake = (action: () => void): void => {
        if (this.isStopped) void this.awake().then(action);
        else if (!this.isDead) action();
      };
      this.#slept(ms, signal).then(() => whenAwake(resolve), (error: unknown) => whenAwake(() => reject(error)));
    });
  }

  /** As the world's clock does it, but that the dead leave no timer behind. */
  #slept(ms: Milliseconds, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (signal?.aborted === true || this.isDead) {
      if (!this.isDead) reject(signal?.reason);
      return promise;
    }
    const end = (action: () => void): void => {
      this.#sleeps.delete(cancel);
      signal?.removeEventListener('abort', stop);
      action();
    };
    const stop = (): void => {
      cancel();
      end(() => reject(signal?.reason));
    };
    const cancel = this.#world.after(ms, () => end(resolve), (reason) => end(() => reject(reason)));
    signal?.addEventListener('abort', stop, { once: true });
    this.#sleeps.add(cancel);
    return promise;
  }
}

function death(died: AbortSignal): Promise<void> {
  return new Promise((resolve) => died.addEventListener('abort', () => resolve(), { once: true }));
}
