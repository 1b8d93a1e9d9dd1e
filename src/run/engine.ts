// Turns the crank: runs the steps of an operation in order, records each, undoes in reverse when one fails.

import { catalogue, Failure, type ExitCode } from '../errors.ts';
import { asFailure } from '../drivers/failure.ts';
import type { Clock } from './clock.ts';
import type { Outcome, ReportedFailure, Reporter } from './events.ts';
import type { Journal } from './journal.ts';
import type { Json, Operation, Step, StepContext } from './step.ts';

export interface EngineOptions<World> {
  readonly operation: Operation<World>;
  readonly world: World;
  readonly journal: Journal;
  readonly clock: Clock;
  /** Aborts when the run shall stop in an orderly way (SIGTERM): a later run resumes it. */
  readonly stop: AbortSignal;
  /** Aborts when the lease is lost: nothing may be written any more. */
  readonly lost: AbortSignal;
  readonly report: Reporter;
}

export interface RunResult {
  readonly outcome: Outcome;
  readonly exitCode: ExitCode;
  readonly failure: Failure | undefined;
}

type EngineStep<World> = Step<World, string, never, Json | void>;

/** Runs, or goes on with, the operation from where its journal stands. Never rejects: every end is a result. */
export async function runOperation<World>(options: EngineOptions<World>): Promise<RunResult> {
  const startedAt = options.clock.now();
  announce(options, { unwinding: false });
  return tellEnd(await settle(options), startedAt, options);
}

function tellEnd<World>(result: RunResult, startedAt: number, options: EngineOptions<World>): RunResult {
  const failure = result.failure === undefined ? undefined : reported(result.failure);
  const durationMs = options.clock.now() - startedAt;
  options.report({ at: options.clock.now(), type: 'runEnded', outcome: result.outcome, exitCode: result.exitCode, durationMs, failure });
  return result;
}

/** Undoes an unfinished run completely, as if its present step had failed. */
export async function unwindOperation<World>(options: EngineOptions<World>, reason: string): Promise<RunResult> {
  const { journal } = options;
  const present = [...journal.record.steps].reverse().find((step) => step.state !== 'pending' && step.state !== 'skipped');
  if (present === undefined) {
    await journal.end('failed');
    return { outcome: 'failed', exitCode: 0, failure: undefined };
  }
  const startedAt = options.clock.now();
  announce(options, { unwinding: true });
  return tellEnd(await unwindFrom(present.name, new Failure('Interrupted', { summary: reason }), options), startedAt, options);
}

async function unwindFrom<World>(step: string, failure: Failure, options: EngineOptions<World>): Promise<RunResult> {
  try {
    if (options.journal.record.failure === undefined) await options.journal.fail(step, reported(failure));
    return await unwind(options, failure);
  } catch (error) {
    return stopWriting(error);
  }
}

async function settle<World>(options: EngineOptions<World>): Promise<RunResult> {
  const { journal } = options;
  try {
    const earlier = journal.record.failure;
    if (earlier !== undefined) return await unwind(options, new Failure('Interrupted', { summary: earlier.summary }));
    const failed = await forward(options);
    if (failed === undefined) {
      await journal.end('succeeded');
      return { outcome: 'succeeded', exitCode: 0, failure: undefined };
    }
    return await handle(failed, options);
  } catch (error) {
    return stopWriting(error);
  }
}

/** The lease or the record is lost: whoever has them now goes on, and this process must not touch anything. */
function stopWriting(error: unknown): RunResult {
  const failure = asFailure(error);
  return { outcome: 'failed', exitCode: failure.exitCode, failure };
}

interface FailedStep<World> {
  readonly step: EngineStep<World>;
  readonly error: unknown;
}

async function forward<World>(options: EngineOptions<World>): Promise<FailedStep<World> | undefined> {
  for (const step of options.operation.steps) {
    const state = options.journal.step(step.name).state;
    if (state === 'done' || state === 'skipped') continue;
    try {
      await runStep(step, options);
    } catch (error) {
      return { step, error };
    }
  }
  return undefined;
}

async function runStep<World>(step: EngineStep<World>, options: EngineOptions<World>): Promise<void> {
  const { journal, clock, report } = options;
  const { name: stepName, title } = step;
  const reason = step.skip?.(options.world);
  if (reason !== undefined) {
    await journal.skip(stepName, reason);
    report({ at: clock.now(), type: 'stepSkipped', step: stepName, title, reason });
    return;
  }
  options.stop.throwIfAborted();
  await journal.begin(stepName);
  const startedAt = clock.now();
  report({ at: startedAt, type: 'stepStarted', step: stepName, title });
  const signal = step.uninterruptible === true ? options.lost : AbortSignal.any([options.stop, options.lost]);
  const output = await step.act(context(step, signal, options) as StepContext<World, never>);
  await journal.complete(stepName, output ?? undefined);
  report({ at: clock.now(), type: 'stepDone', step: stepName, title, durationMs: clock.now() - startedAt });
}

function context<World>(step: EngineStep<World>, signal: AbortSignal, options: EngineOptions<World>): StepContext<World, unknown> {
  const { journal, clock, report, world } = options;
  const { id, operation, epoch } = journal.record;
  return {
    world,
    results: Object.fromEntries(journal.record.steps.filter((past) => past.state === 'done').map((past) => [past.name, past.output])),
    run: { id, operation, epoch },
    clock,
    signal,
    report: (progress) => report({ at: clock.now(), type: 'stepProgress', step: step.name, ...progress }),
    warn: (message) => {
      journal.warn(`${step.name}: ${message}`);
      report({ at: clock.now(), type: 'warning', step: step.name, message });
    },
    note: (intent) => journal.note(step.name, intent),
    noted: journal.step(step.name).noted,
  };
}

async function handle<World>({ step, error }: FailedStep<World>, options: EngineOptions<World>): Promise<RunResult> {
  const { journal, lost, stop } = options;
  if (lost.aborted) return stopWriting(lost.reason);
  if (error instanceof Failure && error.code === 'LockLost') return stopWriting(error);
  if (stop.aborted && step.uninterruptible !== true) {
    await journal.end('interrupted');
    return { outcome: 'interrupted', exitCode: 1, failure: new Failure('Interrupted', { summary: `it was asked to stop while it was to ${lowerFirst(step.title)}` }) };
  }
  const failure = asFailure(error);
  options.report({ at: options.clock.now(), type: 'stepFailed', step: step.name, title: step.title, failure: reported(failure) });
  await journal.fail(step.name, reported(failure));
  if (step.onFailure === 'leave') {
    await journal.end('needsHuman');
    return { outcome: 'needsHuman', exitCode: failure.exitCode, failure };
  }
  return unwind(options, failure);
}

/** Undoes in reverse. The first undo that fails ends it: what comes before relies on what comes after being undone. */
async function unwind<World>(options: EngineOptions<World>, failure: Failure): Promise<RunResult> {
  const { journal, operation } = options;
  const wasPublic = operation.steps.some((step) => step.affectsPublic === true && hasEnded(journal, step.name));
  for (const step of [...operation.steps].reverse()) {
    const { state } = journal.step(step.name);
    if (state === 'pending' || state === 'skipped' || state === 'undone' || step.undo === undefined) continue;
    const undoFailure = await undoStep(step, options);
    if (undoFailure === undefined) continue;
    await journal.end('needsHuman');
    return { outcome: 'needsHuman', exitCode: 4, failure: undoFailure };
  }
  const outcome = wasPublic ? 'restored' : 'failed';
  await journal.end(outcome);
  return { outcome, exitCode: wasPublic ? 3 : failure.exitCode, failure };
}

/** Whether the step's effect was confirmed once, also when its undo was begun by a process that died. */
function hasEnded(journal: Journal, name: string): boolean {
  const { state, output } = journal.step(name);
  return state === 'done' || (output !== undefined && state !== 'pending' && state !== 'skipped');
}

async function undoStep<World>(step: EngineStep<World>, options: EngineOptions<World>): Promise<Failure | undefined> {
  const { journal, clock, report } = options;
  const { name: stepName, title } = step;
  await journal.undoing(stepName);
  report({ at: clock.now(), type: 'undoStarted', step: stepName, title });
  try {
    // A request to stop does not stop the way back: half undone is worse than either end.
    await step.undo?.(context(step, options.lost, options) as StepContext<World, never>);
  } catch (error) {
    if (options.lost.aborted) throw options.lost.reason;
    const failure = undoFailure(title, error);
    report({ at: clock.now(), type: 'undoFailed', step: stepName, title, failure: reported(failure) });
    await journal.undoFailed(stepName);
    return failure;
  }
  await journal.undone(stepName);
  report({ at: clock.now(), type: 'undoDone', step: stepName, title });
  return undefined;
}

function undoFailure(title: string, error: unknown): Failure {
  const { facts } = asFailure(error);
  return new Failure('UndoFailed', { ...facts, summary: `undoing “${title}”: ${facts.summary}`, cause: error });
}

function announce<World>({ report, clock, operation, journal }: EngineOptions<World>, { unwinding }: { readonly unwinding: boolean }): void {
  const { id, steps } = journal.record;
  report({
    at: clock.now(),
    type: 'runStarted',
    run: id,
    operation: operation.name,
    resumed: steps.some((step) => step.state !== 'pending'),
    ...(unwinding ? { unwinding } : {}),
    steps: operation.steps.map(({ name, title }) => ({ name, title, state: journal.step(name).state })),
  });
}

function reported(failure: Failure): ReportedFailure {
  const { cause: _, ...facts } = failure.facts;
  return { code: failure.code, title: catalogue[failure.code].title, facts, next: failure.next };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
