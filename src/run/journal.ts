// Keeps one run's record: every change is durable before the next thing happens. Decides nothing.

import { Failure } from '../errors.ts';
import { failedWith } from '../drivers/failure.ts';
import type { RecordStore } from '../drivers/store/store.ts';
import type { Clock } from './clock.ts';
import { timestamp } from './clock.ts';
import type { ReportedFailure, Outcome } from './events.ts';
import type { RunRecord, StepRecord } from './record.ts';
import { retry } from './retry.ts';
import { shorten } from './shorten.ts';
import type { Json } from './step.ts';

export interface Journal {
  /** As this process means it to be. */
  readonly record: RunRecord;
  /** As it is known to be stored: what others may be told. */
  readonly durable: RunRecord;
  step(name: string): StepRecord;
  begin(name: string): Promise<void>;
  note(name: string, intent: Json): Promise<void>;
  complete(name: string, output: Json | undefined): Promise<void>;
  skip(name: string, reason: string): Promise<void>;
  /** From here on the run is being unwound, and a later process goes on unwinding, unless `outcome` says that it ends here. */
  fail(name: string, failure: ReportedFailure, outcome: 'running' | 'needsHuman'): Promise<void>;
  undoing(name: string): Promise<void>;
  undone(name: string): Promise<void>;
  undoFailed(name: string): Promise<void>;
  warn(message: string): void;
  end(outcome: Outcome): Promise<void>;
}

export interface JournalOptions {
  readonly store: RecordStore;
  readonly clock: Clock;
  /** Aborts when the lease is lost: nothing may be written any more. */
  readonly lost: AbortSignal;
}

// What steps return and note repeats what is planned at most twice more (the names: found, and intended).
const growth = 3;
// For what must be written however full it is: how the run ended and why, and the warnings until then.
const reservedBytes = 128 * 1_024;
const mostWarnings = 100;
const longestWarning = 500;
const longestText = 2_000;

/** Begins a new record. Rejects with the store's 'conflict' when the id is taken, and with RecordFull when it could outgrow the store. */
export async function createJournal(record: RunRecord, options: JournalOptions): Promise<Journal> {
  const bytes = sizeOf(JSON.stringify(record));
  if (bytes * growth > options.store.maxBytes - reservedBytes) {
    throw new Failure('RecordFull', { summary: `the plan of this run has ${bytes} bytes, and what is recorded of it may become ${growth} times that` });
  }
  const version = await options.store.create(record.id, JSON.stringify(record));
  return journal(record, version, options);
}

/** Goes on with a stored record, under a new epoch; the first write proves that nobody else does. */
export async function continueJournal(stored: { readonly record: RunRecord; readonly version: string }, options: JournalOptions): Promise<Journal> {
  const continued = journal(stored.record, stored.version, options);
  await continued.end('running');
  return continued;
}

function journal(initial: RunRecord, initialVersion: string, options: JournalOptions): Journal {
  let record = initial;
  let durable = initial;
  let version = initialVersion;
  // Notes of parallel work inside one step arrive together; each write needs the version that the one before got.
  let tail: Promise<void> = Promise.resolve();

  function write(change: (before: RunRecord) => RunRecord, reserved = reservedBytes): Promise<void> {
    const changed = change(record);
    const body = JSON.stringify(changed);
    // Before it counts as written: the failure that follows must find room.
    if (sizeOf(body) > options.store.maxBytes - reserved) return Promise.reject(full(record));
    record = changed;
    const written = tail.then(async () => {
      version = await replaceRecord({ id: record.id, body, version }, options);
      durable = changed;
    });
    tail = written.catch(() => undefined);
    return written;
  }

  const now = (): string => timestamp(options.clock);
  const update = (name: string, change: Partial<StepRecord>): Promise<void> => write((before) => withStep(before, name, change));
  const updateAtLast = (name: string, change: Partial<StepRecord>): Promise<void> => write((before) => withStep(before, name, change), 0);

  return {
    get record() {
      return record;
    },
    get durable() {
      return durable;
    },
    step: (name) => findStep(record, name),
    begin: (name) => update(name, { state: 'running', startedAt: now() }),
    note: (name, intent) => update(name, { noted: intent }),
    complete: (name, output) => update(name, { state: 'done', endedAt: now(), ...(output === undefined ? {} : { output }) }),
    skip: (name, reason) => update(name, { state: 'skipped', reason, endedAt: now() }),
    fail: (name, failure, outcome) => write((before) => ended(withStep({ ...before, failure: stored(name, failure) }, name, { state: 'failed', endedAt: now() }), outcome, now()), 0),
    undoing: (name) => updateAtLast(name, { state: 'undoing' }),
    undone: (name) => updateAtLast(name, { state: 'undone' }),
    undoFailed: (name) => updateAtLast(name, { state: 'undoFailed' }),
    // Written with the next change of a step: a warning alone is not worth a request.
    warn: (message) => {
      record = { ...record, warnings: [...record.warnings, shorten(message, longestWarning)].slice(-mostWarnings) };
    },
    end: (outcome) => write((before) => ended(before, outcome, now()), 0),
  };
}

function sizeOf(body: string): number {
  return Buffer.byteLength(body);
}

function full({ id }: RunRecord): Failure {
  return new Failure('RecordFull', { summary: `what is to be noted of run ${id} does not fit into its record any more` });
}

function ended(before: RunRecord, outcome: Outcome, at: string): RunRecord {
  const { endedAt: _, ...rest } = before;
  return outcome === 'running' ? { ...rest, outcome } : { ...rest, outcome, endedAt: at };
}

function findStep(record: RunRecord, name: string): StepRecord {
  return record.steps.find((step) => step.name === name) ?? { name, state: 'pending' };
}

function withStep(record: RunRecord, name: string, change: Partial<StepRecord>): RunRecord {
  const known = record.steps.some((step) => step.name === name);
  const steps = known ? record.steps : [...record.steps, { name, state: 'pending' as const }];
  return { ...record, steps: steps.map((step) => (step.name === name ? { ...step, ...change } : step)) };
}

function stored(step: string, { code, facts }: ReportedFailure): NonNullable<RunRecord['failure']> {
  const { summary, object, reason, since } = facts;
  return {
    step,
    code,
    summary: shorten(summary, longestText),
    ...(object === undefined ? {} : { object }),
    ...(reason === undefined ? {} : { reason: shorten(reason, longestText) }),
    ...(since === undefined ? {} : { since }),
  };
}

interface Write {
  readonly id: string;
  readonly body: string;
  readonly version: string;
}

async function replaceRecord(wanted: Write, options: JournalOptions): Promise<string> {
  const { store, clock, lost } = options;
  lost.throwIfAborted();
  return retry(
    async () => {
      try {
        return await store.replace(wanted.id, wanted.body, wanted.version);
      } catch (error) {
        if (failedWith(error, 'conflict')) return ownEarlierWrite(wanted, store);
        throw error;
      }
    },
    { clock, signal: lost },
  );
}

/** A conflict may be our own write whose answer was lost; anybody else's ends this runner's right to write. */
async function ownEarlierWrite(wanted: Write, store: RecordStore): Promise<string> {
  const present = await store.read(wanted.id);
  if (present?.body === wanted.body) return present.version;
  throw new Failure('LockLost', { summary: `the record of run ${wanted.id} was changed by somebody else` });
}
