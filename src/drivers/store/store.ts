// Where records and the lease live: opaque texts under compare-and-swap. Knows nothing of what a record means.

export interface Stored {
  readonly id: string;
  /** For messages: `ConfigMap changeover/changeover-prod-20261121-141500-2hpwr`. */
  readonly describe: string;
  readonly body: string;
  /** Opaque; changes with every write. */
  readonly version: string;
}

export interface RecordReader {
  read(id: string): Promise<Stored | undefined>;
  /** All records of this environment, oldest first. */
  list(): Promise<readonly Stored[]>;
}

export interface RecordStore extends RecordReader {
  /** Of one body, in UTF-8; longer ones are rejected 'invalid'. */
  readonly maxBytes: number;
  /** Rejects 'conflict' when the id is taken. Returns the version. */
  create(id: string, body: string): Promise<string>;
  /** Rejects 'conflict' unless `version` is the present one. Returns the new version. */
  replace(id: string, body: string, version: string): Promise<string>;
  remove(id: string, version: string): Promise<void>;
}

export interface Lease {
  /** Who runs, for people: `host/pid` or the pod's name. Empty when released. */
  readonly holder: string;
  /** Rises by one with every acquisition (`spec.leaseTransitions`). */
  readonly epoch: number;
  readonly durationMs: number;
  /** Milliseconds since 1970. */
  readonly acquiredAt: number;
  readonly renewedAt: number;
  /** Id of the run that its holder, or whoever comes next, is asked to unwind (annotation `changeover.dev/cancel`). */
  readonly cancel?: string | undefined;
  /** Why nobody may begin a run, as it was written (annotation `changeover.dev/locked`); any text counts as locked. */
  readonly locked?: string | undefined;
}

export interface LeaseReader {
  read(): Promise<{ readonly lease: Lease; readonly version: string } | undefined>;
  /** For messages: `Lease changeover/changeover-prod`. */
  readonly describe: string;
}

export interface LeaseStore extends LeaseReader {
  /**
   * Creates it (version undefined) or replaces it with all that is in it: what is left out of `cancel` and `locked` is removed.
   * Rejects 'conflict' when somebody else was faster.
   */
  write(lease: Lease, version: string | undefined): Promise<string>;
}
