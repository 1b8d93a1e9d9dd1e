// What becomes of an unfinished run: the table of ARCHITECTURE.md, line by line.

import { describe, expect, test } from 'vitest';
import type { RunRecord } from '../../src/run/record.ts';
import { decide, type Wanted } from '../../src/session/resume.ts';
import { newRecord } from '../run/engine-world.ts';

type State = RunRecord['steps'][number]['state'];

function unfinished(states: Readonly<Record<string, State>>, more: Partial<RunRecord> = {}): RunRecord {
  const steps = Object.entries(states).map(([name, state]) => ({ name, state }));
  return { ...newRecord(), operation: 'rebuild', planHash: 'same', steps, ...more };
}

const planned = unfinished({ checkPreconditions: 'pending', installRelease: 'pending', swapNames: 'pending' });
const loading = unfinished({ installRelease: 'done', loadData: 'running', swapNames: 'pending', retirePrevious: 'pending' });
const moving = unfinished({ loadData: 'done', swapNames: 'running', drainPrevious: 'pending', retirePrevious: 'pending' });
const draining = unfinished({ swapNames: 'done', drainPrevious: 'running', retirePrevious: 'pending' });
const retiring = unfinished({ swapNames: 'done', drainPrevious: 'done', retirePrevious: 'running' });
const unwinding = unfinished({ swapNames: 'undoing' }, { failure: { code: 'DrainFailed', summary: 'no' } });

const ask = (more: Partial<Wanted> = {}): Wanted => ({ operation: 'rebuild', fresh: false, hash: 'same', ...more });
const outcome = (record: RunRecord, wanted: Wanted): string => {
  const { action, isTheResult } = decide(record, wanted);
  return isTheResult ? `${action}, and that is the result` : `${action}, then begin`;
};

describe('a run that had not begun to move the names', () => {
  test.each([
    ['the same again', ask(), 'resume, and that is the result'],
    ['the same, with another configuration', ask({ hash: 'other' }), 'unwind, then begin'],
    ['the same, but fresh', ask({ fresh: true }), 'unwind, then begin'],
    ['the same, with another chart', ask({ chart: 'sha256:other' }), 'unwind, then begin'],
    ['a rehearsal', ask({ operation: 'rehearse' }), 'unwind, then begin'],
    ['a rollback', ask({ operation: 'rollback' }), 'unwind, then begin'],
  ])('and now %s', (_, wanted, expected) => {
    expect(outcome(loading, wanted)).toBe(expected);
  });
});

test.each([
  ['the same again', ask(), 'unwind, then begin'],
  ['a rollback', ask({ operation: 'rollback' }), 'unwind, then begin'],
])('a run that had begun nothing may be an old plan that came late, and is planned anew; and now %s', (_, wanted, expected) => {
  expect(outcome(planned, wanted)).toBe(expected);
});

describe.each([
  ['was moving the names', moving],
  ['was waiting for the public', draining],
])('a run that %s', (_, record) => {
  test.each([
    ['the same again', ask(), 'resume, and that is the result'],
    ['the same, with another configuration', ask({ hash: 'other' }), 'resume, and that is the result'],
    ['the same, but fresh', ask({ fresh: true }), 'unwind, then begin'],
    ['a rehearsal, which must not move the public back', ask({ operation: 'rehearse' }), 'resume, then begin'],
    ['a rollback, which is done when the names are back', ask({ operation: 'rollback' }), 'unwind, and that is the result'],
  ])('and now %s', (__, wanted, expected) => {
    expect(outcome(record, wanted)).toBe(expected);
  });
});

test.each([
  ['the same again', ask(), 'resume, and that is the result'],
  ['the same, but fresh', ask({ fresh: true }), 'resume, then begin'],
  ['a rollback, for which there is nothing', ask({ operation: 'rollback' }), 'resume, then begin'],
  ['a rollback by name', ask({ operation: 'rollback', to: 'prod-xxxxx' }), 'resume, then begin'],
])('a first rebuild that had begun to move the names is completed, for without it they lead nowhere; and now %s', (_, wanted, expected) => {
  const names = [{ zone: 'example-org', name: 'www.example.org.', service: 'ingress', ttl: 60, before: [] }];
  const plan = { operation: 'rebuild', environment: 'prod', cluster: 'simulated', candidate: 'prod-new00', createsCandidate: true, names, deletePrevious: false, leftovers: [], kept: [] };
  expect(outcome({ ...draining, plan }, wanted)).toBe(expected);
});

test('a rollback that had moved the names, asked for again, goes on and does not return to where it came from', () => {
  const record = unfinished({ swapNames: 'done', drainPrevious: 'running' }, { operation: 'rollback' });
  expect(outcome(record, ask({ operation: 'rollback' }))).toBe('resume, and that is the result');
});

test.each([ask(), ask({ fresh: true }), ask({ operation: 'rollback' }), ask({ hash: 'other' })])('a run that had begun to retire the previous release goes forward, whatever is asked: %j', (wanted) => {
  expect(decide(retiring, wanted).action).toBe('resume');
});

test('a run that was being unwound goes on being unwound, and then the new one begins', () => {
  expect(outcome(unwinding, ask())).toBe('resume, then begin');
});

describe('a rollback that comes while the names are taken back anyhow is done when they are: another one would go a release too far', () => {
  const cancelled = { isCancelled: true };
  const back = unfinished({ installRelease: 'undoing', swapNames: 'undone' }, { failure: { code: 'DrainFailed', summary: 'no' } });
  test.each([
    { what: 'a run that was being unwound', record: unwinding, wanted: ask({ operation: 'rollback' }), expected: 'resume, and that is the result' },
    { what: 'one that was cancelled as it moved the names', record: moving, wanted: ask({ operation: 'rollback', ...cancelled }), expected: 'unwind, and that is the result' },
    { what: 'one that was cancelled as it waited for the public', record: draining, wanted: ask({ operation: 'rollback', ...cancelled }), expected: 'unwind, and that is the result' },
    { what: 'but one whose names were back when it was asked for', record: back, wanted: ask({ operation: 'rollback' }), expected: 'resume, then begin' },
    { what: 'and one that was cancelled before it moved any', record: loading, wanted: ask({ operation: 'rollback', ...cancelled }), expected: 'unwind, then begin' },
    { what: 'nor does it answer another operation', record: draining, wanted: ask({ operation: 'rehearse', ...cancelled }), expected: 'unwind, then begin' },
  ])('$what', ({ record, wanted, expected }) => {
    expect(outcome(record, wanted)).toBe(expected);
  });
});

describe('a rollback to a release by name', () => {
  const plan = (candidate: string, previous: string) => ({
    operation: 'rollback',
    environment: 'prod',
    cluster: 'simulated',
    candidate,
    previous: { name: previous, namespaceUid: 'uid' },
    createsCandidate: false,
    names: [],
    deletePrevious: false,
    leftovers: [],
    kept: [],
  });
  const to = (release: string, more: Partial<Wanted> = {}): Wanted => ask({ operation: 'rollback', to: release, ...more });
  const rollback = (states: Readonly<Record<string, State>>): RunRecord => unfinished(states, { operation: 'rollback', plan: plan('prod-yyyyy', 'prod-bad00') });
  const rebuild = (states: Readonly<Record<string, State>>): RunRecord => unfinished(states, { plan: plan('prod-new00', 'prod-old00') });

  test.each([
    { what: 'that leads there too', record: rollback({ verifyRelease: 'running' }), wanted: to('prod-yyyyy'), expected: 'resume, and that is the result' },
    { what: 'that leads there too, when no release is named', record: rollback({ verifyRelease: 'running' }), wanted: ask({ operation: 'rollback' }), expected: 'resume, and that is the result' },
    { what: 'that leads there too, but fresh', record: rollback({ verifyRelease: 'running' }), wanted: to('prod-yyyyy', { fresh: true }), expected: 'unwind, then begin' },
    { what: 'that leads elsewhere', record: rollback({ verifyRelease: 'running' }), wanted: to('prod-xxxxx'), expected: 'unwind, then begin' },
    { what: 'that has moved the names there', record: rollback({ swapNames: 'running' }), wanted: to('prod-yyyyy'), expected: 'resume, and that is the result' },
    { what: 'that has moved the names elsewhere: the public does not return to where it was led away from', record: rollback({ swapNames: 'done' }), wanted: to('prod-xxxxx'), expected: 'resume, then begin' },
    { what: 'that has moved the names elsewhere, fresh', record: rollback({ swapNames: 'done' }), wanted: to('prod-xxxxx', { fresh: true }), expected: 'unwind, then begin' },
    { what: 'that has moved the names away from it', record: rollback({ swapNames: 'done' }), wanted: to('prod-bad00'), expected: 'unwind, and that is the result' },
  ])('after an unfinished rollback $what', ({ record, wanted, expected }) => {
    expect(outcome(record, wanted)).toBe(expected);
  });

  test.each([
    { what: 'that had not moved the names', record: rebuild({ loadData: 'running' }), wanted: to('prod-old00'), expected: 'unwind, then begin' },
    { what: 'that has moved the names away from it', record: rebuild({ swapNames: 'done' }), wanted: to('prod-old00'), expected: 'unwind, and that is the result' },
    { what: 'that has moved the names from another one: they go back, and then further', record: rebuild({ swapNames: 'done' }), wanted: to('prod-xxxxx'), expected: 'unwind, then begin' },
    { what: 'that has moved the names to it', record: rebuild({ swapNames: 'done' }), wanted: to('prod-new00'), expected: 'resume, and that is the result' },
    { what: 'that deletes already', record: rebuild({ swapNames: 'done', retirePrevious: 'running' }), wanted: to('prod-xxxxx'), expected: 'resume, then begin' },
  ])('after an unfinished rebuild $what', ({ record, wanted, expected }) => {
    expect(outcome(record, wanted)).toBe(expected);
  });

  test('says where the public goes first, and where then', () => {
    expect(decide(rollback({ swapNames: 'done' }), to('prod-xxxxx')).reason).toBe('the names have moved to prod-yyyyy; it is completed first, then the public moves on to prod-xxxxx');
    expect(decide(rollback({ verifyRelease: 'running' }), to('prod-xxxxx')).reason).toBe('it was to lead to prod-yyyyy, and prod-xxxxx is asked for; it is unwound');
    expect(decide(rebuild({ swapNames: 'done' }), to('prod-xxxxx')).reason).toBe('a rollback to prod-xxxxx was asked for; the names are taken back first');
  });
});
