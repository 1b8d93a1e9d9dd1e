// Load jobs behind one interface, whatever runs them. Answers once: waiting and retrying are the load step's.

import type { Json } from '../../run/step.ts';

/** Which release and run a job belongs to: a result of any other run is not a result. */
export interface LoadTarget {
  readonly release: string;
  readonly namespace: string;
  readonly runId: string;
  /** 1 for the first try. */
  readonly attempt: number;
}

export interface LoadFailure {
  /** The job's name or description as its own system calls it. */
  readonly job: string;
  readonly reason: string;
  readonly logTail?: string;
}

export type LoadState =
  | { readonly state: 'running'; readonly message: string }
  | { readonly state: 'succeeded'; readonly message: string }
  /** Ended, and not well: also missing, foreign, forgotten or unreadable results. */
  | { readonly state: 'failed'; readonly failures: readonly LoadFailure[] };

/** `Job` is the validated configuration of one entry of `load`. */
export interface LoadDriver<Job> {
  /**
   * Begins the job, or finds the one that this same target began before. The handle is what a later process needs to
   * find it again; it is written to the record (no secrets in it).
   */
  start(job: Job, target: LoadTarget): Promise<Json>;
  poll(job: Job, target: LoadTarget, handle: Json): Promise<LoadState>;
  /** Ends it if it still runs; resolves also when it is gone. */
  cancel(job: Job, target: LoadTarget, handle: Json): Promise<void>;
}
