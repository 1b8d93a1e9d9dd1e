// The steps of a run as they stand, folded from its events. Pure; the tree draws it.

import type { Outcome, RunEvent } from '../run/events.ts';
import type { Milliseconds } from '../run/clock.ts';

export interface StepProgress {
  readonly name: string;
  readonly title: string;
  readonly state: 'pending' | 'running' | 'done' | 'skipped' | 'failed' | 'stopped' | 'undoing' | 'undone' | 'undoFailed';
  readonly startedAt?: Milliseconds;
  readonly durationMs?: Milliseconds;
  readonly message?: string;
  readonly awaited?: readonly string[];
  readonly warnings: readonly string[];
}

export interface RunProgress {
  readonly operation: string;
  readonly run: string;
  readonly resumed: boolean;
  /** What an earlier process left is being undone. */
  readonly unwinding: boolean;
  readonly startedAt: Milliseconds;
  readonly steps: readonly StepProgress[];
  /** Set when it has ended. */
  readonly ended?: { readonly outcome: Outcome; readonly durationMs: Milliseconds };
}

/** The run after `event`; undefined until it has started. */
export function advance(before: RunProgress | undefined, event: RunEvent): RunProgress | undefined {
  if (event.type === 'runStarted') return begun(event);
  if (before === undefined) return undefined;
  if (event.type === 'runEnded') return { ...before, steps: before.steps.map(stopped), ended: { outcome: event.outcome, durationMs: event.durationMs } };
  const { step } = event;
  return { ...before, steps: before.steps.map((present) => (present.name === step ? { ...present, ...change(present, event) } : present)) };
}

function begun(event: Extract<RunEvent, { type: 'runStarted' }>): RunProgress {
  const { operation, run, resumed, unwinding = false, at } = event;
  const steps = event.steps.map(({ name, title, state = 'pending' }) => ({ name, title, state: earlier(state), warnings: [] }));
  return { operation, run, resumed, unwinding, startedAt: at, steps };
}

/** What an earlier process has begun and not ended stands still until it is begun again. */
function earlier(state: StepProgress['state']): StepProgress['state'] {
  return state === 'running' || state === 'undoing' ? 'stopped' : state;
}

/** Nothing goes on in a run that has ended. */
function stopped(step: StepProgress): StepProgress {
  return earlier(step.state) === step.state ? step : { ...step, state: 'stopped', message: '', awaited: [] };
}

type StepEvent = Exclude<RunEvent, { type: 'runStarted' | 'runEnded' }>;

function change(before: StepProgress, event: StepEvent): Partial<StepProgress> {
  switch (event.type) {
    case 'stepStarted':
      return { state: 'running', startedAt: event.at };
    case 'stepProgress':
      return { message: event.message, awaited: event.awaited ?? [] };
    case 'stepSkipped':
      return { state: 'skipped', message: event.reason };
    case 'stepDone':
      return { state: 'done', durationMs: event.durationMs, message: '', awaited: [] };
    case 'stepFailed':
      return { state: 'failed', message: event.failure.facts.summary, awaited: [], durationMs: event.at - (before.startedAt ?? event.at) };
    case 'undoStarted':
      return { state: 'undoing', startedAt: event.at, message: '', awaited: [] };
    case 'undoDone':
      return { state: 'undone', durationMs: event.at - (before.startedAt ?? event.at), message: '', awaited: [] };
    case 'undoFailed':
      return { state: 'undoFailed', message: event.failure.facts.summary, awaited: [] };
    case 'warning':
      return { warnings: [...before.warnings, event.message] };
  }
}
