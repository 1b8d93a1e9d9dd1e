// Makes steps that write down what was called, and runs an operation of them on stores in memory.

import type { RunResult } from '../../src/run/ends.ts';
import { runOperation, type EngineOptions } from '../../src/run/engine.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { continueJournal, createJournal } from '../../src/run/journal.ts';
import type { RunRecord } from '../../src/run/record.ts';
import type { Json, Operation, Step, StepContext } from '../../src/run/step.ts';
import { VirtualClock } from '../../sim/clock.ts';
import { memoryRecords, type MemoryRecords } from './memory-stores.ts';

export type Trace = string[];
type Context = StepContext<object, unknown>;

export interface Behaviour {
  readonly output?: Json;
  readonly act?: (context: Context) => Promise<void>;
  readonly undo?: (context: Context) => Promise<void>;
}

export function makeStep<Name extends string>(name: Name, trace: Trace, behaviour: Behaviour = {}): Step<object, Name, unknown, Json | void> {
  return {
    name,
    title: `Do ${name}`,
    async act(context) {
      trace.push(name);
      await behaviour.act?.(context);
      return behaviour.output;
    },
    async undo(context) {
      trace.push(`undo ${name}`);
      await behaviour.undo?.(context);
    },
  };
}

export function newRecord(): RunRecord {
  return {
    version: 1,
    id: 'run-1',
    operation: 'try',
    environment: 'prod',
    epoch: 1,
    holder: 'test/1',
    startedAt: '2026-01-01T00:00:00.000Z',
    outcome: 'running',
    planHash: 'hash',
    plan: {},
    steps: [],
    warnings: [],
  };
}

export interface AttemptOptions {
  /** Goes on with this record; default: a new one. */
  readonly record?: RunRecord;
  readonly stop?: AbortSignal;
  readonly lost?: AbortSignal;
  readonly cancel?: AbortSignal;
  readonly withStore?: (store: { -readonly [K in keyof MemoryRecords]: MemoryRecords[K] }) => void;
  readonly run?: (options: EngineOptions<object>) => Promise<RunResult>;
}

export async function attempt(operation: Operation<object>, options: AttemptOptions = {}) {
  const store = memoryRecords();
  options.withStore?.(store);
  const never = new AbortController().signal;
  const { stop = never, lost = never, cancel = never } = options;
  const clock = new VirtualClock();
  const journalOptions = { store, clock, lost };
  const record = options.record ?? { ...newRecord(), steps: operation.steps.map(({ name }) => ({ name, state: 'pending' as const })) };
  const journal =
    options.record === undefined
      ? await createJournal(record, journalOptions)
      : await continueJournal({ record, version: await store.create(record.id, JSON.stringify(record)) }, journalOptions);
  const events: RunEvent[] = [];
  const run = options.run ?? runOperation;
  const result = await run({ operation, world: () => ({}), journal, clock, stop, cancel, lost, report: (event) => events.push(event) });
  const stored = await store.read(record.id);
  return { result, record: JSON.parse(stored?.body ?? '{}') as RunRecord, events, store };
}
