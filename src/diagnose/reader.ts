// Reading for a diagnosis: every question may fail by itself, and then it is noted what is not known.

import { DriverError } from '../drivers/failure.ts';
import { retry, type RetryOptions } from '../run/retry.ts';
import type { Unread } from './diagnosis.ts';

export class Reader {
  readonly unread: Unread[] = [];
  readonly #options: RetryOptions;

  constructor(options: Pick<RetryOptions, 'clock' | 'signal'>) {
    this.#options = { ...options, attempts: 3 };
  }

  /** The answer, or undefined when it could not be had; throws only what is no driver's error. */
  async ask<T>(what: string, question: () => Promise<T>): Promise<T | undefined> {
    try {
      return await retry(question, this.#options);
    } catch (error) {
      if (!(error instanceof DriverError)) throw error;
      this.unread.push({ what, reason: error.message });
      return undefined;
    }
  }
}
