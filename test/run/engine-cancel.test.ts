// A run that somebody cancels: unwound completely wherever it stands, until there is nothing left to unwind.

import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/errors.ts';
import { unwindOperation } from '../../src/run/engine.ts';
import { operation } from '../../src/run/step.ts';
import { attempt, makeStep, newRecord, type Trace } from './engine-world.ts';

const cancelled = new Failure('Cancelled', { summary: 'somebody asked for it' });

/** A step during which the request comes in. */
function cancelling(name: string, trace: Trace, cancel: AbortController) {
  return makeStep(name, trace, {
    act: async ({ signal }) => {
      cancel.abort(cancelled);
      signal.throwIfAborted();
    },
  });
}

test('in the middle of a step, that step and all before it are undone, and the record says why', async () => {
  const trace: Trace = [];
  const cancel = new AbortController();
  const { result, record } = await attempt(operation<object>()('try', [makeStep('install', trace), cancelling('load', trace, cancel)]), { cancel: cancel.signal });
  expect(trace).toEqual(['install', 'load', 'undo load', 'undo install']);
  expect(result).toMatchObject({ outcome: 'failed', exitCode: 1, failure: { code: 'Cancelled' } });
  expect(record).toMatchObject({ outcome: 'failed', failure: { code: 'Cancelled', step: 'load', summary: 'somebody asked for it' } });
});

test('its undoing is told that nothing is to be kept', async () => {
  const seen: unknown[] = [];
  const cancel = new AbortController();
  const install = makeStep('install', [], { undo: async ({ run }) => void seen.push(run.cancelled) });
  await attempt(operation<object>()('try', [install, cancelling('load', [], cancel)]), { cancel: cancel.signal });
  expect(seen).toEqual([true]);
});

test('a run that fails of itself is not told so', async () => {
  const seen: unknown[] = [];
  const install = makeStep('install', [], { undo: async ({ run }) => void seen.push(run.cancelled) });
  const load = makeStep('load', [], { act: async () => { throw new Failure('LoadFailed', { summary: 'no' }); } });
  await attempt(operation<object>()('try', [install, load]));
  expect(seen).toEqual([false]);
});

test('after the public was affected, the way back ends as restored', async () => {
  const cancel = new AbortController();
  const swap = { ...makeStep('swap', []), affectsPublic: true };
  const { result } = await attempt(operation<object>()('try', [swap, cancelling('drain', [], cancel)]), { cancel: cancel.signal });
  expect(result).toMatchObject({ outcome: 'restored', exitCode: 3, failure: { code: 'Cancelled' } });
});

test('a step that must not be cut short is finished first, and undone then', async () => {
  const trace: Trace = [];
  const cancel = new AbortController();
  const swap = { ...cancelling('swap', trace, cancel), uninterruptible: true };
  const { record } = await attempt(operation<object>()('try', [swap, makeStep('drain', trace)]), { cancel: cancel.signal });
  expect(trace).toEqual(['swap', 'undo drain', 'undo swap']);
  expect(record.steps.map(({ state }) => state)).toEqual(['undone', 'undone']);
});

describe('the step that is never undone', () => {
  const retire = (trace: Trace, cancel: AbortController) => ({ ...cancelling('retire', trace, cancel), onFailure: 'leave' as const });

  test('is completed once it has begun', async () => {
    const trace: Trace = [];
    const cancel = new AbortController();
    const { result } = await attempt(operation<object>()('try', [makeStep('swap', trace), retire(trace, cancel)]), { cancel: cancel.signal });
    expect(trace).toEqual(['swap', 'retire']);
    expect(result).toMatchObject({ outcome: 'succeeded', exitCode: 0 });
  });

  test('is completed also by the process that goes on with it', async () => {
    const trace: Trace = [];
    const cancel = new AbortController();
    cancel.abort(cancelled);
    const record = { ...newRecord(), steps: [{ name: 'swap', state: 'done' as const }, { name: 'retire', state: 'running' as const }] };
    const { result } = await attempt(operation<object>()('try', [makeStep('swap', trace), retire(trace, cancel)]), { record, cancel: cancel.signal });
    expect(trace).toEqual(['retire']);
    expect(result.outcome).toBe('succeeded');
  });

  test('is not begun any more, and all before it is undone', async () => {
    const trace: Trace = [];
    const cancel = new AbortController();
    const drain = makeStep('drain', trace, { act: async () => cancel.abort(cancelled) });
    const { result } = await attempt(operation<object>()('try', [drain, retire(trace, cancel)]), { cancel: cancel.signal });
    expect(trace).toEqual(['drain', 'undo retire', 'undo drain']);
    expect(result.outcome).toBe('failed');
  });
});

test('who is asked to stop and to cancel unwinds: what is cancelled is not to be resumed', async () => {
  const trace: Trace = [];
  const [stop, cancel] = [new AbortController(), new AbortController()];
  const load = makeStep('load', trace, { act: async ({ signal }) => { stop.abort(new Error('SIGTERM')); cancel.abort(cancelled); signal.throwIfAborted(); } });
  const { result } = await attempt(operation<object>()('try', [load]), { stop: stop.signal, cancel: cancel.signal });
  expect(trace).toEqual(['load', 'undo load']);
  expect(result).toMatchObject({ outcome: 'failed', exitCode: 1 });
});

test('a later process that completes the unwinding knows that it was cancelled, and ends like it', async () => {
  const seen: unknown[] = [];
  const record = { ...newRecord(), failure: { code: 'Cancelled', summary: 'somebody asked for it' }, steps: [{ name: 'install', state: 'undoing' as const }] };
  const install = makeStep('install', [], { undo: async ({ run }) => void seen.push(run.cancelled) });
  const { result } = await attempt(operation<object>()('try', [install]), { record });
  expect(seen).toEqual([true]);
  expect(result).toMatchObject({ exitCode: 1, failure: { code: 'Cancelled' } });
});

test('a run that had not begun any step is recorded as cancelled too', async () => {
  const record = { ...newRecord(), steps: [{ name: 'check', state: 'pending' as const }] };
  const { result, record: after } = await attempt(operation<object>()('try', [makeStep('check', [])]), { record, run: (options) => unwindOperation(options, cancelled) });
  expect(result).toMatchObject({ outcome: 'failed', exitCode: 1 });
  expect(after.failure).toMatchObject({ code: 'Cancelled' });
});
