// A lease that is held: renewed until it is given back, and told at once when it is lost or when its run shall be cancelled.

import { Failure } from '../errors.ts';
import { DriverError, failedWith } from '../drivers/failure.ts';
import type { Lease, LeaseStore } from '../drivers/store/store.ts';
import { moment, passedSince, type Clock, type Milliseconds, type Moment } from './clock.ts';
import { retry } from './retry.ts';

export interface HeldLease {
  readonly epoch: number;
  readonly holder: string;
  /** Aborts, with a Failure 'LockLost', when this runner must not write any more. */
  readonly lost: AbortSignal;
  /** Aborts, with a Failure 'Cancelled', when it is asked that this run be unwound. What was asked of another run is not meant. */
  cancelOf(run: string): AbortSignal;
  /** Throws Failure 'LockLost' unless the lease is certainly still ours; asks nobody. Call before every outside effect. */
  assertHeld(): void;
  /** Gives it back, so that the next run need not wait. */
  release(): Promise<void>;
  /**
   * After it ran out: takes it again, under a new epoch, if it is stored as this runner left it, since nobody can have done anything then.
   * Undefined when somebody has taken it, when it was not lost by running out, and when that cannot be found out.
   */
  retake(signal: AbortSignal): Promise<HeldLease | undefined>;
}

export interface KeepOptions {
  readonly store: LeaseStore;
  readonly clock: Clock;
  readonly durationMs: Milliseconds;
}

export interface StoredLease {
  readonly lease: Lease;
  readonly version: string;
}

/** Others may write on the lease too (`cancel`, `lock`), but hardly more often than this between a reading and a writing. */
const mostAttempts = 5;

/** An API server that was away for longer than the lease lasts may stay away a while yet; nothing is held meanwhile. */
const patienceInDurations = 4;

export function keepLease(taken: StoredLease, options: KeepOptions): HeldLease {
  return new KeptLease(taken, options);
}

class KeptLease implements HeldLease {
  readonly epoch: number;
  readonly holder: string;
  readonly #options: KeepOptions;
  readonly #lost = new AbortController();
  readonly #ended = new AbortController();
  readonly #cancels = new Map<string, AbortController>();
  readonly #renewing: Promise<void>;
  #present: StoredLease;
  #hasRunOut = false;
  // When the renewal was sent, not answered: another runner counts from when it was stored.
  #renewedAt: Moment;

  constructor(taken: StoredLease, options: KeepOptions) {
    this.epoch = taken.lease.epoch;
    this.holder = taken.lease.holder;
    this.#options = options;
    this.#present = taken;
    this.#renewedAt = sentAt(taken, options.clock);
    this.#adopt(taken);
    this.#renewing = this.#renewForever().catch(() => undefined);
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  cancelOf(run: string): AbortSignal {
    return this.#cancelling(run).signal;
  }

  assertHeld(): void {
    this.#loseWhatRanOut();
    this.lost.throwIfAborted();
  }

  async release(): Promise<void> {
    this.#ended.abort();
    await this.#renewing;
    if (!this.lost.aborted) await this.#write({ holder: '' }).catch(() => undefined);
  }

  async retake(signal: AbortSignal): Promise<HeldLease | undefined> {
    if (!this.#hasRunOut) return undefined;
    this.#ended.abort();
    await this.#renewing;
    const { store, clock, durationMs } = this.#options;
    try {
      const found = await retry(() => store.read(), { clock, signal, forMs: durationMs * patienceInDurations });
      if (!this.#isOwn(found)) return undefined;
      const now = clock.now();
      const lease = { ...found.lease, epoch: this.epoch + 1, durationMs, acquiredAt: now, renewedAt: now };
      return keepLease({ lease, version: await store.write(lease, found.version) }, this.#options);
    } catch {
      return undefined;
    }
  }

  #isOwn(found: StoredLease | undefined): found is StoredLease {
    return found?.lease.epoch === this.epoch && found.lease.holder === this.holder;
  }

  async #renewForever(): Promise<void> {
    const { clock, durationMs } = this.#options;
    while (!this.#ended.signal.aborted) {
      await clock.sleep(durationMs / 3, this.#ended.signal);
      // Who wakes up from a long pause asks nobody first: a Helm that it has started wakes up, too, and must be ended at once.
      if (this.#loseWhatRanOut()) return;
      const sent = moment(clock);
      try {
        await this.#write({ renewedAt: sent.at });
        this.#renewedAt = sent;
      } catch (error) {
        if (failedWith(error, 'conflict')) return this.#lose('another runner has taken it');
        // One failed renewal is not the end; a lease that ran out is.
        if (this.#hasPassed()) return this.#runOut('it could not be renewed in time');
      }
    }
  }

  /** Whoever else writes on a lease of ours only adds a request to it: that is heard, and then our own write is repeated. */
  async #write(change: Partial<Lease>): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const wanted = { ...this.#present.lease, ...change };
      const version = await this.#options.store.write(wanted, this.#present.version).catch(unlessConflict);
      if (version !== undefined) return this.#adopt({ lease: wanted, version });
      this.#adopt(await this.#readOwn(attempt));
    }
  }

  async #readOwn(attempt: number): Promise<StoredLease> {
    const { store } = this.#options;
    const attempted = `renew ${store.describe}`;
    const found = await store.read();
    if (!this.#isOwn(found)) throw new DriverError({ reason: 'conflict', attempted });
    if (attempt >= mostAttempts) throw new DriverError({ reason: 'unavailable', attempted, detail: 'it is written on all the time' });
    return found;
  }

  #adopt(found: StoredLease): void {
    this.#present = found;
    const { cancel } = found.lease;
    if (cancel !== undefined) this.#cancelling(cancel).abort(new Failure('Cancelled', { summary: 'somebody asked for it: changeover cancel' }));
  }

  #cancelling(run: string): AbortController {
    const found = this.#cancels.get(run) ?? new AbortController();
    this.#cancels.set(run, found);
    return found;
  }

  #loseWhatRanOut(): boolean {
    const ranOut = this.#hasPassed();
    if (ranOut) this.#runOut('this runner was held up for longer than the lease lasts');
    return ranOut;
  }

  #hasPassed(): boolean {
    const { clock, durationMs } = this.#options;
    return passedSince(this.#renewedAt, clock) >= durationMs;
  }

  #runOut(summary: string): void {
    this.#hasRunOut ||= !this.lost.aborted;
    this.#lose(summary);
  }

  #lose(summary: string): void {
    this.#lost.abort(new Failure('LockLost', { summary, object: this.#options.store.describe }));
  }
}

/** It was stamped when it was sent: what has gone by since then has gone by in ticks, too. */
function sentAt({ lease }: StoredLease, clock: Clock): Moment {
  const { at, ticks } = moment(clock);
  return { at: lease.renewedAt, ticks: ticks - Math.max(0, at - lease.renewedAt) };
}

function unlessConflict(error: unknown): undefined {
  if (!failedWith(error, 'conflict')) throw error;
}
