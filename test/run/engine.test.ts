// The engine on made-up steps: order, record, undo, stop, and what a later process does with what an earlier one left.

import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/errors.ts';
import { unwindOperation } from '../../src/run/engine.ts';
import type { RunRecord } from '../../src/run/record.ts';
import { operation } from '../../src/run/step.ts';
import { attempt, makeStep, newRecord, type Trace } from './engine-world.ts';

describe('a run in which all goes well', () => {
  test('runs its steps in order and hands earlier outputs to later steps', async () => {
    const trace: Trace = [];
    const first = makeStep('first', trace, { output: { answer: 42 } });
    const second = makeStep('second', trace, { act: async ({ results }) => void trace.push(JSON.stringify(results)) });
    const { result, record } = await attempt(operation<object>()('try', [first, second]));
    expect(trace).toEqual(['first', 'second', '{"first":{"answer":42}}']);
    expect(result).toMatchObject({ outcome: 'succeeded', exitCode: 0 });
    expect(record.outcome).toBe('succeeded');
    expect(record.steps.map(({ name, state }) => `${name} ${state}`)).toEqual(['first done', 'second done']);
  });

  test('has written that a step begins before the step does anything', async () => {
    const states: string[] = [];
    let written: readonly string[] = [];
    const step = makeStep('only', [], { act: async () => void states.push(...written.map((body) => (JSON.parse(body) as RunRecord).steps[0]?.state ?? '')) });
    await attempt(operation<object>()('try', [step]), { withStore: (store) => (written = store.written) });
    expect(states).toEqual(['pending', 'running']);
  });

  test('skips a step with its reason, and the record keeps the reason', async () => {
    const trace: Trace = [];
    const skipped = { ...makeStep('optional', trace), skip: () => 'nothing to do' };
    const { record, events } = await attempt(operation<object>()('try', [skipped]));
    expect(trace).toEqual([]);
    expect(record.steps[0]).toMatchObject({ state: 'skipped', reason: 'nothing to do' });
    expect(events.find(({ type }) => type === 'stepSkipped')).toMatchObject({ reason: 'nothing to do' });
  });
});

describe('a step that fails', () => {
  const boom = async (): Promise<void> => {
    throw new Failure('NotReady', { summary: 'Deployment portal: crash loop' });
  };

  test('is undone together with all before it, last first', async () => {
    const trace: Trace = [];
    const steps = [makeStep('install', trace), makeStep('check', trace), makeStep('wait', trace, { act: boom })] as const;
    const { result, record } = await attempt(operation<object>()('try', steps));
    expect(trace).toEqual(['install', 'check', 'wait', 'undo wait', 'undo check', 'undo install']);
    expect(result).toMatchObject({ outcome: 'failed', exitCode: 1 });
    expect(record.failure).toMatchObject({ step: 'wait', code: 'NotReady', summary: 'Deployment portal: crash loop' });
  });

  test('after the public was affected, ends as restored with exit code 3', async () => {
    const swap = { ...makeStep('swap', []), affectsPublic: true };
    const { result } = await attempt(operation<object>()('try', [swap, makeStep('drain', [], { act: boom })]));
    expect(result).toMatchObject({ outcome: 'restored', exitCode: 3 });
  });

  test('in the very step that would have affected the public, ends with exit code 1', async () => {
    const swap = { ...makeStep('swap', [], { act: boom }), affectsPublic: true };
    const { result } = await attempt(operation<object>()('try', [swap]));
    expect(result).toMatchObject({ outcome: 'failed', exitCode: 1 });
  });

  test('is left where it stands when undoing would be worse', async () => {
    const trace: Trace = [];
    const retire = { ...makeStep('retire', trace, { act: async () => { throw new Failure('RetireFailed', { summary: 'stuck' }); } }), onFailure: 'leave' as const };
    const { result } = await attempt(operation<object>()('try', [makeStep('install', trace), retire]));
    expect(trace).toEqual(['install', 'retire']);
    expect(result).toMatchObject({ outcome: 'needsHuman', exitCode: 4 });
  });

  test('and is left where it stands is never written down as failed without the word that it ends there', async () => {
    let written: readonly string[] = [];
    const retire = { ...makeStep('retire', [], { act: boom }), onFailure: 'leave' as const };
    const { result } = await attempt(operation<object>()('try', [makeStep('install', []), retire]), { withStore: (store) => (written = store.written) });
    expect(result).toMatchObject({ outcome: 'needsHuman', exitCode: 4 });
    const failed = written.map((body) => JSON.parse(body) as RunRecord).filter(({ failure }) => failure !== undefined);
    expect(failed.map(({ outcome }) => outcome)).toEqual(['needsHuman']);
  });

  test('and was to be left where it stands is not undone by a later process either, as a version before wrote it in two steps', async () => {
    const trace: Trace = [];
    const retire = { ...makeStep('retire', trace), onFailure: 'leave' as const };
    const record: RunRecord = { ...newRecord(), failure: { code: 'RetireFailed', summary: 'stuck' }, steps: [{ name: 'install', state: 'done' }, { name: 'retire', state: 'failed', startedAt: '2026-01-01T00:00:00.000Z' }] };
    const { result } = await attempt(operation<object>()('try', [makeStep('install', trace), retire]), { record });
    expect(trace).toEqual([]);
    expect(result).toMatchObject({ outcome: 'needsHuman', exitCode: 4, failure: { code: 'RetireFailed' } });
  });

  test('whose undo fails stops the undoing, because earlier steps rely on it', async () => {
    const trace: Trace = [];
    const swap = makeStep('swap', trace, { undo: async () => { throw new Error('server down'); } });
    const { result, record } = await attempt(operation<object>()('try', [makeStep('install', trace), swap, makeStep('drain', trace, { act: boom })]));
    expect(trace).toEqual(['install', 'swap', 'drain', 'undo drain', 'undo swap']);
    expect(result).toMatchObject({ outcome: 'needsHuman', exitCode: 4 });
    expect(result.failure?.facts.summary).toContain('server down');
    expect(record.steps.map(({ state }) => state)).toEqual(['done', 'undoFailed', 'undone']);
  });
});

describe('a run that is asked to stop', () => {
  test('ends as interrupted, undoes nothing, and can be resumed', async () => {
    const trace: Trace = [];
    const stop = new AbortController();
    const slow = makeStep('load', trace, {
      act: async ({ signal }) => {
        stop.abort(new Error('SIGTERM'));
        signal.throwIfAborted();
      },
    });
    const { result, record } = await attempt(operation<object>()('try', [makeStep('install', trace), slow]), { stop: stop.signal });
    expect(trace).toEqual(['install', 'load']);
    expect(result).toMatchObject({ outcome: 'interrupted', exitCode: 143 });
    expect(record.outcome).toBe('interrupted');
  });

  test('finishes a step that must not be cut short, and stops before the next', async () => {
    const trace: Trace = [];
    const stop = new AbortController();
    const swap = { ...makeStep('swap', trace, { act: async ({ signal }) => { stop.abort(); signal.throwIfAborted(); } }), uninterruptible: true };
    const { record } = await attempt(operation<object>()('try', [swap, makeStep('drain', trace)]), { stop: stop.signal });
    expect(trace).toEqual(['swap']);
    expect(record.steps.map(({ state }) => state)).toEqual(['done', 'pending']);
    expect(record.outcome).toBe('interrupted');
  });
});

describe('a later process', () => {
  const state = (name: string, value: RunRecord['steps'][number]['state']) => ({ name, state: value });

  test('goes on with the step that was running, and does not repeat those that were done', async () => {
    const trace: Trace = [];
    const record = { ...newRecord(), steps: [state('install', 'done'), state('load', 'running'), state('verify', 'pending')] };
    const steps = [makeStep('install', trace), makeStep('load', trace), makeStep('verify', trace)] as const;
    await attempt(operation<object>()('try', steps), { record });
    expect(trace).toEqual(['load', 'verify']);
  });

  test('gets what the killed attempt had noted', async () => {
    const record = { ...newRecord(), steps: [{ ...state('load', 'running'), noted: { id: 'list-7' } }] };
    let noted: unknown;
    await attempt(operation<object>()('try', [makeStep('load', [], { act: async (context) => { noted = context.noted; } })]), { record });
    expect(noted).toEqual({ id: 'list-7' });
  });

  test('goes on undoing where undoing was cut short', async () => {
    const trace: Trace = [];
    const failure = { code: 'LoadFailed', summary: 'no' };
    const record = { ...newRecord(), failure, steps: [state('install', 'done'), state('load', 'undoing'), state('verify', 'undone')] };
    const steps = [makeStep('install', trace), makeStep('load', trace), makeStep('verify', trace)] as const;
    const { result } = await attempt(operation<object>()('try', steps), { record });
    expect(trace).toEqual(['undo load', 'undo install']);
    expect(result.outcome).toBe('failed');
  });

  test('unwinds a run that is not to be resumed', async () => {
    const trace: Trace = [];
    const record = { ...newRecord(), steps: [state('install', 'done'), state('load', 'running')] };
    const steps = [makeStep('install', trace), makeStep('load', trace)] as const;
    const { record: after } = await attempt(operation<object>()('try', steps), { record, run: (options) => unwindOperation(options, new Failure('Interrupted', { summary: 'asked to' })) });
    expect(trace).toEqual(['undo load', 'undo install']);
    expect(after.outcome).toBe('failed');
  });
});

describe('a runner that lost its lease', () => {
  test('writes nothing any more and undoes nothing, and ends with a code after which a Job starts another pod', async () => {
    const trace: Trace = [];
    const lost = new AbortController();
    const step = makeStep('install', trace, { act: async ({ signal }) => { lost.abort(new Failure('LockLost', { summary: 'taken' })); signal.throwIfAborted(); } });
    const { result, record } = await attempt(operation<object>()('try', [step]), { lost: lost.signal });
    expect(trace).toEqual(['install']);
    expect(result).toMatchObject({ exitCode: 75, failure: { code: 'LockLost' } });
    expect(record.outcome).toBe('running');
  });

  test('also when it only notices because its record was changed by somebody else', async () => {
    const trace: Trace = [];
    const { result } = await attempt(operation<object>()('try', [makeStep('first', trace), makeStep('second', trace)]), {
      withStore: (store) => {
        const replace = store.replace.bind(store);
        let writes = 0;
        store.replace = async (id, body, version) => {
          writes += 1;
          if (writes === 2) await replace(id, '{"by":"somebody else"}', version);
          return replace(id, body, version);
        };
      },
    });
    expect(trace).toEqual(['first']);
    expect(result.failure?.code).toBe('LockLost');
  });
});
