// A run that goes on elsewhere, told from looks at its record: the same events as its own process tells.

import { expect, test } from 'vitest';
import { eventsBetween } from '../../src/follow/record-events.ts';
import type { RunRecord, StepRecord } from '../../src/run/record.ts';

const titles = new Map([['install', 'Install the new release'], ['swap', 'Move the public names']]);
const at = 1_000;

function record(states: Readonly<Record<string, StepRecord['state']>>, more: Partial<RunRecord> = {}): RunRecord {
  const steps = Object.entries(states).map(([name, state]) => ({ name, state }));
  const base = { version: 1, id: 'run-1', operation: 'rebuild', environment: 'prod', epoch: 1, holder: 'host/1', startedAt: '2026-01-01T00:00:00Z', outcome: 'running', planHash: '', plan: {}, warnings: [] } as const;
  return { ...base, warnings: [], steps, ...more };
}

function told(before: RunRecord | undefined, after: RunRecord): readonly string[] {
  return eventsBetween(before, after, { titles, at }).map((event) => ('step' in event ? `${event.type} ${String(event.step)}` : event.type));
}

test('the first look shows the run as it stands, and no news', () => {
  const [begun, ...others] = eventsBetween(undefined, record({ install: 'done', swap: 'running' }), { titles, at });
  expect(others).toEqual([]);
  expect(begun).toEqual({
    at,
    type: 'runStarted',
    run: 'run-1',
    operation: 'rebuild',
    resumed: true,
    steps: [{ name: 'install', title: 'Install the new release', state: 'done' }, { name: 'swap', title: 'Move the public names', state: 'running' }],
  });
});

test('a run that is being unwound is shown as that', () => {
  const failure = { code: 'Cancelled', summary: 'asked', step: 'swap' };
  expect(eventsBetween(undefined, record({ install: 'undoing' }, { failure }), { titles, at })[0]).toMatchObject({ unwinding: true });
});

test('two looks without a change tell nothing', () => {
  expect(told(record({ install: 'running' }), record({ install: 'running' }))).toEqual([]);
});

test('a step that has begun and ended between two looks has both', () => {
  expect(told(record({ install: 'pending' }), record({ install: 'done' }))).toEqual(['stepStarted install', 'stepDone install']);
  expect(told(record({ install: 'running' }), record({ install: 'done', swap: 'running' }))).toEqual(['stepDone install', 'stepStarted swap']);
});

test('a failure is told although its step is undone already', () => {
  const after = record({ install: 'undoing', swap: 'undone' }, { failure: { code: 'SwapFailed', summary: 'no answer', step: 'swap' } });
  expect(told(record({ install: 'done', swap: 'running' }), after)).toEqual(['stepFailed swap', 'undoStarted swap', 'undoDone swap', 'undoStarted install']);
});

test('the end has the outcome, how long it took, and why', () => {
  const after = record({ install: 'undone' }, { outcome: 'failed', endedAt: '2026-01-01T00:01:00Z', failure: { code: 'Cancelled', summary: 'asked', step: 'install' } });
  const events = eventsBetween(record({ install: 'undoing' }, { failure: { code: 'Cancelled', summary: 'asked', step: 'install' } }), after, { titles, at });
  expect(events.at(-1)).toMatchObject({ type: 'runEnded', outcome: 'failed', durationMs: 60_000, failure: { code: 'Cancelled', facts: { summary: 'asked' } } });
});

test('an end that was there at the first look is told', () => {
  expect(told(undefined, record({ install: 'done' }, { outcome: 'succeeded' }))).toEqual(['runStarted', 'runEnded']);
});

test('a code that this version does not know does not keep the run from being shown', () => {
  const after = record({ install: 'failed' }, { failure: { code: 'FromTheFuture', summary: 'something new', step: 'install' } });
  expect(eventsBetween(record({ install: 'running' }), after, { titles, at })[0]).toMatchObject({ type: 'stepFailed', failure: { code: 'Unexpected', facts: { summary: 'something new' } } });
});
