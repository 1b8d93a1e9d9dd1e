// Whatever is written in a file: either an environment comes out, or located lines; never an exception, never a hang.

import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { environment } from '../../src/config/environment.ts';
import { nearest } from '../../src/config/nearest.ts';
import { nextRuns, scheduleProblem } from '../../src/config/schedule.ts';
import { shapeOf } from '../../src/config/schema.ts';
import { faults, minimal } from './faults.ts';

// Thousands of documents on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const located = /^(a|b)\.yaml:[1-9]\d*:[1-9]\d*: [^\n]+; [^\n]+$/;

function expectLocated(files: Readonly<Record<string, string>>): void {
  const lines = faults(files);
  if (lines.length === 1 && lines[0] === 'fine') return;
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) expect(line.replace(/ did you mean [^;]+\?$/, ' x; x')).toMatch(located);
}

/** Every word of the schema, so that documents come close to being right. */
const words = wordsOf(environment);

function wordsOf(schema: Parameters<typeof shapeOf>[0]): readonly string[] {
  const shape = shapeOf(schema);
  if (shape.kind === 'object') return Object.entries(shape.keys).flatMap(([key, inner]) => [key, ...wordsOf(inner)]);
  if (shape.kind === 'list') return wordsOf(shape.item);
  if (shape.kind === 'record') return wordsOf(shape.value);
  return shape.kind === 'union' ? shape.branches.flatMap((branch) => [...Object.keys(branch.keys), ...wordsOf(branch.schema)]) : [];
}

const scalar = fc.oneof(fc.constantFrom('prod', 'a.example.org', '10m', '@daily', 'https://a.example/', true, false, null, 0, 5, -1, 1e99), fc.string(), fc.double(), fc.boolean());
const key = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...new Set(words)) }, { weight: 1, arbitrary: fc.string() }, { weight: 1, arbitrary: fc.constantFrom('__proto__', 'constructor', 'toString', '') });
const anything = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 6 }, scalar, tie('map'), tie('list')),
  map: fc.dictionary(key, tie('value'), { maxKeys: 6 }),
  list: fc.array(tie('value'), { maxLength: 4 }),
}));

describe('any input gives an environment or located lines:', () => {
  it('documents made of the right words in the wrong places', () => {
    fc.assert(fc.property(anything.map, (document) => expectLocated({ 'a.yaml': stringify(document) })), { numRuns: 100 });
  });

  it('the same over a file that is fine', () => {
    fc.assert(fc.property(anything.map, (document) => expectLocated({ 'a.yaml': minimal, 'b.yaml': stringify(document) })), { numRuns: 100 });
  });

  it('a good file with one key swapped for another value', () => {
    const oneKey = fc.tuple(fc.constantFrom(...Object.keys(environment.shape)), anything.value);
    fc.assert(fc.property(oneKey, ([name, value]) => expectLocated({ 'a.yaml': minimal, 'b.yaml': stringify({ [name]: value }) })), { numRuns: 100 });
  });

  it('any characters at all', () => {
    const piece = fc.constantFrom('a', ': ', '- ', '\n', '  ', '{', '}', '[', ']', '&x ', '*x', '"', "'", '|', '>', '!', '!!set', '? ', '<<', '%YAML 1.1\n', '---\n', '#', '\t', ',', '\u0000', '\ud800');
    fc.assert(fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => expectLocated({ 'a.yaml': pieces.join('') })), { numRuns: 300 });
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => expectLocated({ 'a.yaml': text })), { numRuns: 100 });
  });
});

describe('any schedule', () => {
  it('is refused with a reason, or comes again and again', () => {
    const field = fc.oneof(fc.constantFrom('*', '?', '*/5', '0', '7', '1-5', '5-1', '3/7', 'mon', 'L', '2#1', '1,2', '31', '99'), fc.string({ maxLength: 4 }));
    fc.assert(
      fc.property(fc.array(field, { minLength: 3, maxLength: 6 }), (texts) => {
        const schedule = texts.join(' ');
        const problem = scheduleProblem(schedule);
        const [first = 0, second = 0] = problem === undefined ? nextRuns({ schedule }, 0, 2) : [1, 2];
        expect(problem ?? 'must come').toMatch(/^must /);
        expect(second).toBeGreaterThan(first);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the nearest word', () => {
  it('of a word with one letter changed, lost, doubled or swapped is that word', () => {
    const typo = fc.constantFrom('service', 'environment', 'deleteExisting', 'schedule').chain((word) =>
      fc.tuple(fc.constant(word), fc.nat(word.length - 2), fc.constantFrom('change', 'lose', 'double', 'swap')),
    );
    fc.assert(
      fc.property(typo, ([word, at, kind]) => {
        const [before, letter, after] = [word.slice(0, at), word.slice(at, at + 1), word.slice(at + 1)];
        const made = { change: `${before}_x${after}`, lose: before + after, double: before + letter + letter + after, swap: before + after.slice(0, 1) + letter + after.slice(1) }[kind] ?? '';
        expect(nearest(made, Object.keys(environment.shape).concat('service'))).toBe(word);
      }),
    );
  });
});
