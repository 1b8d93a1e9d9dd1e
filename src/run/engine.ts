// Turns the crank: runs the steps of an operation in order, records each, undoes in reverse when one fails.

import { Failure } from '../errors.ts';
import { asFailure } from '../drivers/failure.ts';
import type { Clock } from './clock.ts';
import { heldUp, interrupted, left, recorded, reported, stopWriting, undoFailure, type RunResult } from './ends.ts';
import type { Reporter } from './events.ts';
import type { Journal } from './journal.ts';
import type { Json, Operation, Step, StepContext } from './step.ts';

export interface EngineOptions<World> {
  readonly operation: Operation<World>;
  /** What a step works with. Its questions may be given up when the signal aborts; what it writes is waited for. */
  readonly world: (signal: AbortSignal) => World;
  readonly journal: Journal;
  readonly clock: Clock;
  /** Aborts when the run shall stop in an orderly way (SIGTERM): a later run resumes it. */
  readonly stop: AbortSignal;
  /** Aborts, with a Failure 'Cancelled', when the run shall be unwound, and nothing of it kept. */
  readonly cancel: AbortSignal;
  /** Aborts when the lease is lost: nothing may be written any more. */
  readonly lost: AbortSignal;
  readonly report: Reporter;
}

type EngineStep<World> = Step<World, string, never, Json | void>;

/** Runs, or goes on with, the operation from where its journal stands. Never rejects: every end is a result. */
export async function runOperation<World>(options: EngineOptions<World>): Promise<RunResult> {
  const startedAt = options.clock.now();
  announce(options, { unwinding: false });
  return tellEnd((await takeOver(options)) ?? (await settle(options)), startedAt, options);
}

function tellEnd<World>(result: RunResult, startedAt: number, options: EngineOptions<World>): RunResult {
  const failure = result.failure === undefined ? undefined : reported(result.failure);
  const durationMs = options.clock.now() - startedAt;
  options.report({ at: options.clock.now(), type: 'runEnded', outcome: result.outcome, exitCode: result.exitCode, durationMs, failure });
  return result;
}

/** Undoes an unfinished run completely, as if its present step had failed with this. */
export async function unwindOperation<World>(options: EngineOptions<World>, failure: Failure): Promise<RunResult> {
  const { steps } = options.journal.record;
  const present = steps.findLast(({ state }) => state !== 'pending' && state !== 'skipped') ?? steps[0];
  const startedAt = options.clock.now();
  announce(options, { unwinding: true });
  return tellEnd((await takeOver(options)) ?? (await unwindFrom(present?.name ?? '', failure, options)), startedAt, options);
}

/** What an earlier process had begun it may still be doing. Undefined: it is made sure that it has no effect any more. */
async function takeOver<World>(options: EngineOptions<World>): Promise<RunResult | undefined> {
  try {
    for (const step of options.operation.steps) {
      const { state } = options.journal.step(step.name);
      if (state !== 'pending' && state !== 'skipped' && state !== 'undone') await step.takeOver?.(context(step, AbortSignal.any([options.lost, options.stop]), options) as StepContext<World, never>);
    }
    return undefined;
  } catch (error) {
    // Nothing was decided: the run is left as it was found, for whoever can reach what could not be reached now.
    const failure = heldUp(asFailure(error));
    return { outcome: 'interrupted', exitCode: failure.exitCode, failure };
  }
}

async function unwindFrom<World>(step: string, failure: Failure, options: EngineOptions<World>): Promise<RunResult> {
  try {
    if (options.journal.record.failure === undefined) await options.journal.fail(step, reported(failure), 'running');
    return await unwind(options, failure);
  } catch (error) {
    return stopWriting(error, options.stop);
  }
}

async function settle<World>(options: EngineOptions<World>): Promise<RunResult> {
  const { journal } = options;
  try {
    const earlier = journal.record.failure;
    if (earlier !== undefined) return await unwind(options, recorded(earlier));
    const failed = await forward(options);
    if (failed === undefined) {
      await journal.end('succeeded');
      return { outcome: 'succeeded', exitCode: 0, failure: undefined };
    }
    return await handle(failed, options);
  } catch (error) {
    return stopWriting(error, options.stop);
  }
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
      if (state === 'pending' || step.onFailure !== 'leave') options.cancel.throwIfAborted();
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
  const reason = step.skip?.(options.world(options.lost));
  if (reason !== undefined) {
    await journal.skip(stepName, reason);
    report({ at: clock.now(), type: 'stepSkipped', step: stepName, title, reason });
    return;
  }
  // What is not to be stopped in the middle is not left there either, where an earlier process has died.
  if (step.uninterruptible !== true || !hasBegun(journal, stepName)) options.stop.throwIfAborted();
  await journal.begin(stepName);
  const startedAt = clock.now();
  report({ at: startedAt, type: 'stepStarted', step: stepName, title });
  const signal = AbortSignal.any([options.lost, ...requestsTo(step, options)]);
  const output = await step.act(context(step, signal, options) as StepContext<World, never>);
  await journal.complete(stepName, output ?? undefined);
  report({ at: clock.now(), type: 'stepDone', step: stepName, title, durationMs: clock.now() - startedAt });
}

/** What may end it before its time. Once a step has begun that is not undone, there is nothing left to cancel. */
function requestsTo<World>({ uninterruptible, onFailure }: EngineStep<World>, { stop, cancel }: EngineOptions<World>): readonly AbortSignal[] {
  if (uninterruptible === true) return [];
  return onFailure === 'leave' ? [stop] : [stop, cancel];
}

function context<World>(step: EngineStep<World>, signal: AbortSignal, options: EngineOptions<World>): StepContext<World, unknown> {
  const { journal, clock, report, world } = options;
  const { id, operation, epoch } = journal.record;
  return {
    world: world(signal),
    results: Object.fromEntries(journal.record.steps.filter((past) => past.state === 'done').map((past) => [past.name, past.output])),
    run: { id, operation, epoch, cancelled: isCancelled(options), mayBePublic: mayBePublic(options) },
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
  const { journal, lost, stop, cancel } = options;
  if (lost.aborted) return stopWriting(lost.reason);
  if (error instanceof Failure && error.code === 'LockLost') return stopWriting(error);
  const isBegun = hasBegun(journal, step.name);
  // Asked for both, it is unwound: who cancels does not want it resumed.
  const isCancelled = cancel.aborted && step.uninterruptible !== true && !(isBegun && step.onFailure === 'leave');
  const isStopped = step.uninterruptible !== true || (!isBegun && error === stop.reason);
  if (stop.aborted && isStopped && !isCancelled) {
    await journal.end('interrupted');
    return interrupted(step.title, stop);
  }
  const failure = asFailure(isCancelled ? cancel.reason : error);
  options.report({ at: options.clock.now(), type: 'stepFailed', step: step.name, title: step.title, failure: reported(failure) });
  const isLeft = isBegun && step.onFailure === 'leave';
  // In one write: killed between two, it would be taken for a run that is being unwound.
  await journal.fail(step.name, reported(failure), isLeft ? 'needsHuman' : 'running');
  return isLeft ? left(failure) : unwind(options, failure);
}

/**
 * Undoes in reverse. The first undo that fails ends it: what comes before relies on what comes after being undone. Nothing is undone once
 * a step has begun that is left where it stands: what the way back would lead to may be gone.
 */
async function unwind<World>(options: EngineOptions<World>, failure: Failure): Promise<RunResult> {
  const { journal, operation } = options;
  if (operation.steps.some(({ name, onFailure }) => onFailure === 'leave' && hasBegun(journal, name))) {
    await journal.end('needsHuman');
    return left(failure);
  }
  const wasPublic = operation.steps.some((step) => step.affectsPublic === true && hasEnded(journal, step.name));
  for (const step of [...operation.steps].reverse()) {
    const { state } = journal.step(step.name);
    if (state === 'pending' || state === 'skipped' || state === 'undone' || step.undo === undefined) continue;
    const undoFailure = await undoStep(step, options);
    if (undoFailure === undefined) continue;
    await journal.end('needsHuman');
    return left(undoFailure);
  }
  const outcome = wasPublic ? 'restored' : 'failed';
  await journal.end(outcome);
  return { outcome, exitCode: wasPublic ? 3 : failure.exitCode, failure };
}

/** A run that ended just before a step has it as failed, too. */
function hasBegun(journal: Journal, name: string): boolean {
  return journal.step(name).startedAt !== undefined;
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
    if (error instanceof Failure && error.code === 'LockLost') throw error;
    const failure = undoFailure(title, error);
    report({ at: clock.now(), type: 'undoFailed', step: stepName, title, failure: reported(failure) });
    await journal.undoFailed(stepName);
    return failure;
  }
  await journal.undone(stepName);
  report({ at: clock.now(), type: 'undoDone', step: stepName, title });
  return undefined;
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

function mayBePublic<World>({ operation, journal }: EngineOptions<World>): boolean {
  return operation.steps.some(({ name, affectsPublic }) => affectsPublic === true && journal.step(name).noted !== undefined);
}

/** Asked for by now, or by the time that an earlier process began to unwind it. */
function isCancelled<World>({ journal, cancel }: EngineOptions<World>): boolean {
  return cancel.aborted || journal.record.failure?.code === 'Cancelled';
}

