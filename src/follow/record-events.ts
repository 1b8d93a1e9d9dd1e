// What a run has done between two looks at its record, as the events that its own process told. Pure.

import { catalogue, isErrorCode } from '../errors.ts';
import type { ReportedFailure, RunEvent } from '../run/events.ts';
import { isUnfinished, type RunRecord, type StepRecord } from '../run/record.ts';

type Titles = ReadonlyMap<string, string>;
type TitleOf = (step: string) => string;

/** `titles`: of the operation's steps, by name. `at` is when the later look was taken: records keep no time of every change. */
export function eventsBetween(before: RunRecord | undefined, after: RunRecord, { titles, at }: { readonly titles: Titles; readonly at: number }): readonly RunEvent[] {
  const seen = before ?? { ...after, outcome: 'running' as const };
  const titleOf = (step: string): string => titles.get(step) ?? step;
  const changes = after.steps.map((step, index) => ({ before: seen.steps[index]?.state, step, record: after }));
  const [forth, back] = [changes.filter(({ step }) => !isGoingBack(step)), changes.filter(({ step }) => isGoingBack(step)).toReversed()];
  const events = [...forth, ...back].flatMap((change) => stepEvents(change, { title: titleOf(change.step.name), at }));
  const begun = before === undefined ? [begin(after, titleOf, at)] : [];
  return [...begun, ...failing(seen, after, { titleOf, at }), ...events, ...(isUnfinished(after) || !isUnfinished(seen) ? [] : [end(after, at)])];
}

function isGoingBack({ state }: StepRecord): boolean {
  return state === 'undoing' || state === 'undone' || state === 'undoFailed';
}

function begin(record: RunRecord, titleOf: TitleOf, at: number): RunEvent {
  const { id, operation, steps, failure } = record;
  return {
    at,
    type: 'runStarted',
    run: id,
    operation,
    resumed: true,
    ...(failure === undefined ? {} : { unwinding: true }),
    steps: steps.map(({ name, state }) => ({ name, title: titleOf(name), state })),
  };
}

interface Change {
  readonly before: StepRecord['state'] | undefined;
  readonly step: StepRecord;
  readonly record: RunRecord;
}

/** Between two looks a step may have passed through several states: what is shown of it must still have a beginning. */
function stepEvents({ before, step, record }: Change, { title, at }: { readonly title: string; readonly at: number }): readonly RunEvent[] {
  const { name, state } = step;
  if (before === state) return [];
  const told = { at, step: name, title };
  const started: readonly RunEvent[] = before === 'running' ? [] : [{ ...told, type: 'stepStarted' }];
  const undoing: readonly RunEvent[] = before === 'undoing' ? [] : [{ ...told, type: 'undoStarted' }];
  switch (state) {
    case 'pending':
    case 'failed':
      return [];
    case 'running':
      return started;
    case 'skipped':
      return [{ ...told, type: 'stepSkipped', reason: step.reason ?? '' }];
    case 'done':
      return [...started, { ...told, type: 'stepDone', durationMs: took(step) }];
    case 'undoing':
      return undoing;
    case 'undone':
      return [...undoing, { ...told, type: 'undoDone' }];
    case 'undoFailed':
      return [...undoing, { ...told, type: 'undoFailed', failure: reported(record) }];
  }
}

/** Told by the record as a whole: the step itself may be on its way back already. */
function failing(before: RunRecord, after: RunRecord, { titleOf, at }: { readonly titleOf: TitleOf; readonly at: number }): readonly RunEvent[] {
  const step = after.failure?.step;
  if (before.failure !== undefined || step === undefined) return [];
  return [{ at, type: 'stepFailed', step, title: titleOf(step), failure: reported(after) }];
}

function end(record: RunRecord, at: number): RunEvent {
  const { outcome, failure } = record;
  // The exit code of the process is not recorded; nothing that shows a run depends on it.
  return { at, type: 'runEnded', outcome, exitCode: outcome === 'succeeded' ? 0 : 1, durationMs: took(record), failure: failure === undefined ? undefined : reported(record) };
}

function took({ startedAt, endedAt }: Pick<StepRecord, 'startedAt' | 'endedAt'>): number {
  return startedAt === undefined || endedAt === undefined ? 0 : Date.parse(endedAt) - Date.parse(startedAt);
}

function reported({ failure }: RunRecord): ReportedFailure {
  const { code, step: _, summary, ...facts } = failure ?? { code: 'Unexpected', summary: 'not recorded' };
  // A later version may know more codes than this one.
  const known = isErrorCode(code) ? code : 'Unexpected';
  const defined = Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
  return { code: known, title: catalogue[known].title, facts: { summary, ...defined }, next: catalogue[known].next };
}
