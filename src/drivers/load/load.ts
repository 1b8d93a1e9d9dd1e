// Load jobs behind one interface, whatever runs them. Answers once: waiting and retrying are the load step's.

import type { Json } from '../../run/step.ts';

/** Which release, run and try a job belongs to: a result of any other one is not a result. */
export interface LoadTarget {
  readonly release: string;
  readonly namespace: string;
  readonly runId: string;
  /** Name of the step that wants it: jobs that load and jobs that check may have the same name. */
  readonly step: string;
  /** 1 for the first try. */
  readonly attempt: number;
}

export interface LoadFailure {
  /** The job's name or description as its own system calls it. */
  readonly job: string;
  readonly reason: string;
  /** `Pod prod-2hpwr/countries-x7k2p-1-ab3de`, `list 7 at http://…`: where there is one to look at. */
  readonly object?: string;
  /** ISO 8601; where its own system says so. */
  readonly since?: string;
  readonly logTail?: string;
}

export type LoadState =
  | { readonly state: 'running'; readonly message: string }
  | { readonly state: 'succeeded'; readonly message: string }
  /** Ended, and not well: also missing, foreign, forgotten or unreadable results. */
  | { readonly state: 'failed'; readonly failures: readonly LoadFailure[] };

/**
 * `Job` is the validated configuration of one entry of `load`. Every method may be called again by a later process
 * after this one was killed at any point. All reject with a DriverError; 'unavailable' and 'timeout' are worth another try.
 */
export interface LoadDriver<Job> {
  /**
   * Finds what this same target prepared before, or submits it. The handle is what `start`, `poll` and `cancel` need;
   * it goes into the record before `start` is called (no secrets in it). Data may be loading from here on only where a
   * second call is certain to find the first one's work.
   */
  prepare(job: Job, target: LoadTarget): Promise<Json>;
  /** Sees to it that the prepared job runs; looks first, so that no job is started twice. */
  start(job: Job, target: LoadTarget, handle: Json): Promise<void>;
  poll(job: Job, target: LoadTarget, handle: Json): Promise<LoadState>;
  /**
   * Ends it if it still runs, where its system can do that; resolves also when it is gone or has ended. Without a handle nobody heard
   * what came of `prepare`: what that made for this target is ended, if data may be loading because of it.
   */
  cancel(job: Job, target: LoadTarget, handle: Json | undefined): Promise<void>;
}
