// YAML as Helm reads it, and what it may cost to read somebody else's.

import { describe, expect, it } from 'vitest';
import { helmDocuments } from '../../src/drivers/helm/helm-yaml.ts';

const bounds = { mostInDocument: 300_000, mostInAll: 1_200_000 };
const read = (text: string): readonly unknown[] => [...helmDocuments(text, bounds)];

/** What `{{ .Files.Get "a.yaml" | fromYaml | toJson }}` gave with Helm 4.2.3. */
const asHelmReads: readonly (readonly [string, unknown])[] = [
  ['y', true], ['N', false], ['yes', true], ['on', true], ['OFF', false], ['True', true],
  ['~', null], ['Null', null], ['', null], ['"a"', 'a'], ['""', ''],
  ['1:30', '1:30'], ['190:20:30', '190:20:30'], ['0644', 420], ['0o17', 15], ['08', 8], ['0x1f', 31], ['0b11', 3],
  ['1_000', 1_000], ['1_0.5', 10.5], ['1e3', 1_000], ['1E+3', 1_000], ['.5', 0.5], ['5.', 5], ['+1', 1], ['1e', '1e'], ['0x', '0x'],
  ['2026-11-21', '2026-11-21'], ['2001-12-14t21:59:43.10-05:00', '2001-12-14t21:59:43.10-05:00'], ['1.2.3', '1.2.3'], ['100m', '100m'], ['=', '='],
  ['!!str 5', '5'], ['!!int "5"', 5], ['!custom x', 'x'], ['!custom {a: b}', { a: 'b' }], ['!!set {a, b}', { a: null, b: null }], ['!!omap [a: b]', [{ a: 'b' }]],
  ['{<<: {a: 1}, b: 2, <<: {c: 3}}', { a: 1, b: 2, c: 3 }], ['{<<: [{a: 1}, {a: 2, d: 4}], b: 2}', { a: 1, b: 2, d: 4 }], ['{a: 1, a: 2}', { a: 2 }],
  ['{1: a, 1.5: b, y: c}', { 1: 'a', 1.5: 'b', true: 'c' }],
];

describe('what Helm would read', () => {
  it.each(asHelmReads)('of %j is the same here', (text, value) => {
    expect(read(`v: ${text}\n`)).toEqual([{ v: value }]);
  });

  it('comes document by document, whatever looks like the end of one within a text', () => {
    expect(read('---\na: |\n  x\n  ---\n  y\n--- # the second\nb: "---"\n---c: d\n---\n')).toEqual([{ a: 'x\n---\ny\n' }, { 'b': '---', '---c': 'd' }, null]);
    expect(read('a: 1\n...\n---\nb: 2\r\n---\r\nc: 3')).toEqual([{ a: 1 }, { b: 2 }, { c: 3 }]);
  });

  it('keeps a key that JavaScript gives a meaning of its own', () => {
    const [found] = read('__proto__: { polluted: true }\n');
    expect(Object.keys(found as object)).toEqual(['__proto__']);
    expect({}).not.toHaveProperty('polluted');
  });
});

const lines = (count: number, line: (index: number) => string): string => Array.from({ length: count }, (_, index) => line(index)).join('');

describe('what somebody wrote to keep the reader busy', () => {
  it.each([
    ['half a million texts', `a: [${'x,'.repeat(500_000)}]`, /one document/],
    ['half a million texts, each of three dashes, as if they were documents', `a: [${'---,'.repeat(500_000)}]`, /one document/],
    ['a million documents', 'a\n---\n'.repeat(1_000_000), /more than 10000 documents/],
    ['more in many documents than in any chart', `a: [${'x,'.repeat(90_000)}]\n---\n`.repeat(5), /all documents/],
    ['brackets a hundred thousand deep', `a: ${'['.repeat(100_000)}`, /maxDepth/],
    ['keys that are mappings, whose keys are mappings', `a: ${'{? '.repeat(150)}a${'}'.repeat(150)}`, /complex keys/],
    ['aliases that multiply to a billion', `a: &a [x,x,x,x,x,x,x,x,x]\n${lines(8, (index) => `${'bcdefghi'[index]}: &${'bcdefghi'[index]} [${`*${'abcdefgh'[index]},`.repeat(9)}]\n`)}`, /aliases multiply/],
    ['thirty thousand aliases of one long text', `a: &a "${'x'.repeat(10_000)}"\nb: [${'*a,'.repeat(30_000)}]`, /aliases multiply/],
    ['a list that contains itself', 'a: &a [*a]', /aliases nest/],
    ['mappings that are merged again and again', `a: &a {${lines(300, (index) => `a${index}: b,`)}}\nb: [${'{<<: *a},'.repeat(90)}]`, /merge/i],
    ['a hundred thousand errors', `a: b\n${'] '.repeat(100_000)}`, /not valid YAML/],
  ])('with %s is refused', (_, text, reason) => {
    expect(() => read(text)).toThrow(reason);
  });

  it('may have thirty thousand aliases: none is looked for among all that stands before it', () => {
    expect(read(`a: [&a x, ${'*a,'.repeat(30_000)}]\n`)).toMatchObject([{ a: { length: 30_001 } }]);
  });

  it('is not quoted when it is refused', () => {
    for (const text of ['a: *planted', 'a: !planted!planted x', 'a: "planted', '{planted: b', 'planted: [a\nplanted', '%TAG planted planted\n---\na: b']) {
      expect(() => read(text)).toThrow(expect.objectContaining({ message: expect.not.stringContaining('planted') }));
    }
  });
});
