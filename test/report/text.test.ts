// Text in columns, durations, harmless texts, and commands to copy.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandLine, completed, splitAdvice } from '../../src/report/commands.ts';
import { print } from '../../src/report/format.ts';
import { printable } from '../../src/report/printable.ts';
import { catalogue } from '../../src/errors.ts';
import { count, cut, describeDuration, describeTime, fields, table, wrap } from '../../src/report/text.ts';

describe('durations', () => {
  it.each([
    [0, '0 s'], [840, '0.8 s'], [1_000, '1 s'], [9_949, '9.9 s'], [9_950, '10 s'], [59_499, '59 s'], [59_500, '1 min'], [61_000, '1 min 1 s'],
    [3_599_600, '1 h'], [3_660_000, '1 h 1 min'], [172_800_000, '2 d'], [180_000_000, '2 d 2 h'], [-5, '0 s'],
  ])('%d ms is %s', (ms, text) => {
    expect(describeDuration(ms)).toBe(text);
  });

  it('never show 60 of anything, nor three units', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 40 * 86_400_000 }), (ms) => {
      expect(describeDuration(ms)).toMatch(/^(\d+(\.\d)? s|\d+ (min|h|d)( [1-9]\d* (s|min|h))?)$/);
      expect(describeDuration(ms)).not.toMatch(/\b60 (s|min)|\b24 h/);
    }));
  });
});

describe('columns', () => {
  it('wrapped text keeps every word and every line within the width', () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1, maxLength: 40 });
    fc.assert(fc.property(words, fc.integer({ min: 20, max: 100 }), (list, width) => {
      const text = wrap(list.join(' '), width, '    ');
      expect(text.split(/\s+/)).toEqual(list);
      for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(width);
    }));
  });

  it('tables align, and end no line with spaces', () => {
    expect(table([['a', 'long cell', 'x'], ['longer', 'b', '']], '  ')).toBe('  a       long cell  x\n  longer  b');
  });

  it('fields stand below each other, and empty ones are left out', () => {
    const all = [{ label: 'what', text: 'one two three four five six' }, { label: 'none', text: '' }, { label: 'log', text: '| a b c\n| d', verbatim: true }];
    expect(fields(all, 28)).toBe('  what  one two three four\n        five six\n  log   | a b c\n        | d');
  });

  it('what is cut says so, on one line', () => {
    expect(cut('one\n  two three', 9)).toBe('one two …');
    expect(cut('short', 9)).toBe('short');
  });

  it('plurals and times are written out', () => {
    expect([count(1, 'name'), count(0, 'name')]).toEqual(['1 name', '0 names']);
    expect([describeTime('2026-11-21T10:00:00.5Z'), describeTime('soon')]).toEqual(['2026-11-21 10:00:00 UTC', 'soon']);
  });
});

describe('texts from outside', () => {
  it('cannot move the cursor, change the title or hide themselves', () => {
    expect(printable('a\u001b[2Jb\u001b]0;owned\u0007c\u0008d\r\ne\tf\u009b31mg')).toBe('abcd\ne  fg');
  });

  it('are cleaned wherever they stand in the data', () => {
    expect(printable({ a: ['\u001b[31mred'], b: { c: '\u0000' }, d: 5, e: null })).toEqual({ a: ['red'], b: { c: '' }, d: 5, e: null });
  });

  it('of any kind leave no control character', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(printable(text)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    }));
  });
});

describe('commands to copy', () => {
  const invocation = { files: ['a.yaml', "it's.yaml"], context: 'x' };

  it('carry the files and the context of the present command, quoted for a shell', () => {
    expect(commandLine('rollback', invocation)).toBe(`changeover rollback -f a.yaml -f 'it'\\''s.yaml' --context x`);
  });

  it('are completed inside an advice, wherever they stand', () => {
    const facts = { release: 'prod-2hpwr' };
    const files = { files: ['a.yaml'] };
    expect(completed('Look closer with: changeover diagnose {release}', facts, files)).toBe('Look closer with: changeover diagnose prod-2hpwr -f a.yaml');
    expect(completed('Wait for it (changeover status -w), or delete it', facts, files)).toBe('Wait for it (changeover status -w -f a.yaml), or delete it');
    expect(completed('Correct it, then run: changeover validate -f FILE', facts, files)).toBe('Correct it, then run: changeover validate -f a.yaml');
    expect(completed('Look closer with: changeover diagnose {release}', {}, files)).toBe('Look closer with: changeover diagnose RELEASE -f a.yaml');
  });

  it('to start a run again name what was run', () => {
    expect(completed('Correct it, then start the run again', { operation: 'rehearse' }, { files: ['a.yaml'] })).toBe('Correct it, then start the run again: changeover rehearse -f a.yaml');
    expect(completed('Install it, then try again', { operation: 'rebuild' }, { files: ['a.yaml'] })).toBe('Install it, then try again: changeover rebuild -f a.yaml');
    expect(completed('Correct it, then start the run again', {}, { files: [] })).toBe('Correct it, then start the run again');
  });

  it('leave no placeholder in any advice of the catalogue', () => {
    const facts = { release: 'r', run: 'n', environment: 'e' };
    for (const { next } of Object.values(catalogue)) expect(completed(next, facts, { files: ['a.yaml'] })).not.toMatch(/[{}]|FILE/);
  });

  it('at the end of an advice stand on a line of their own', () => {
    expect(splitAdvice('Release the lock with: kubectl -n x delete lease y')).toEqual({ text: 'Release the lock with:', command: 'kubectl -n x delete lease y' });
    expect(splitAdvice('Start again')).toEqual({ text: 'Start again', command: '' });
  });
});

it('data is the same in JSON and YAML, and text ends with one line break', () => {
  const data = { a: [1, { b: 'yes' }], c: undefined, d: null };
  expect(print(data, 'json', String)).toBe('{\n  "a": [\n    1,\n    {\n      "b": "yes"\n    }\n  ],\n  "d": null\n}\n');
  expect(print(data, 'yaml', String)).toBe('a:\n  - 1\n  - b: yes\nd: null\n');
  expect(print(data, 'text', () => 'x\n\n')).toBe('x\n');
});
