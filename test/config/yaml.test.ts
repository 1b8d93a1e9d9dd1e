// Texts that are no good YAML mapping: each a clear line, none an endless wait.

import { describe, expect, it } from 'vitest';
import { toValue } from '../../src/config/tree.ts';
import { freshAllowance, parseYaml } from '../../src/config/yaml.ts';

function lines(text: string): readonly string[] {
  const parsed = parseYaml({ file: 'a.yaml', text });
  return 'root' in parsed ? ['fine'] : parsed.problems.map(({ at, message }) => `${at.line}:${at.column}: ${message}`);
}

function value(text: string): unknown {
  const parsed = parseYaml({ file: 'a.yaml', text });
  return 'root' in parsed ? toValue(parsed.root) : parsed.problems;
}

const mistakes: Readonly<Record<string, readonly [string, ...string[]]>> = {
  'a bracket that is never closed': ['a: [1, 2\n', '2:1: not valid YAML (flow sequence in block collection must be sufficiently indented and end with a ]); correct the line'],
  'a colon too many': ['a: b: c\n', '1:4: not valid YAML (nested mappings are not allowed in compact mappings); correct the line'],
  'a tab': ['a:\n\tb: 1\n', '2:1: a tab is used to indent; use spaces'],
  'a key given twice': ['environment: a\nother: 1\nenvironment: b\n', '3:1: key `environment` is given twice; keep one of the two'],
  'a key given twice, far inside': ['a:\n  b:\n    - { c: 1, c: 2 }\n', '3:15: key `c` is given twice; keep one of the two'],
  'two faults': ['a: 1\na: 2\nb: 1\nb: 2\n', '2:1: key `a` is given twice; keep one of the two', '4:1: key `b` is given twice; keep one of the two'],
  'two documents': ['a: 1\n---\nb: 2\n', '2:1: the file holds several documents (---); keep one per file and layer them with -f'],
  'a list': ['- a\n- b\n', '1:1: the file is a list; it must be a mapping of keys such as environment: prod'],
  'a single text': ['hello\n', '1:1: the file is a single text; it must be a mapping of keys such as environment: prod'],
  'a tag': ['a: !vault x\n', '1:4: tags such as !name are not supported; write the plain value'],
  'an ordered mapping, which is none in JSON': ['a: !!omap [b: 1]\n', '1:11: tags such as !name are not supported; write the plain value'],
  'an unknown anchor': ['a: *nothing\n', '1:4: there is no anchor &nothing before this alias; write the value here'],
  'an alias inside its own anchor': ['a: &a { b: *a }\n', '1:12: the alias *a stands inside its own anchor; write the value out'],
  'a merge key': ['x: &x { a: 1 }\ny: { <<: *x }\n', '2:6: merge keys (<<) are not supported; layer files with -f base.yaml -f more.yaml'],
  'a list as a key': ['? [a, b]\n: 1\n', '1:3: a key must be a plain word; write key: value'],
};

describe('a text that is no good YAML is refused with its place:', () => {
  it.each(Object.entries(mistakes))('%s', (_, [text, ...expected]) => {
    expect(lines(text)).toEqual(expected);
  });
});

describe('a text that would cost too much is refused:', () => {
  it('aliases that multiply', () => {
    const bomb = Array.from({ length: 12 }, (_, level) => `a${level}: &a${level} [${level === 0 ? '1' : Array(9).fill(`*a${level - 1}`).join(',')}]`).join('\n');
    expect(lines(bomb)).toEqual([expect.stringMatching(/^\d+:\d+: aliases multiply to a document that is far too large; write the values out$/)]);
  });

  it('brackets without end', () => {
    for (const depth of [61, 5_000, 100_000]) expect(lines(`a: ${'['.repeat(depth)}${']'.repeat(depth)}`).at(0)).toMatch(/nested more than 60 levels deep|not valid YAML|more in the file/);
  });

  it('more errors than anybody would read', () => {
    expect(lines(`a: b\n${'] '.repeat(33_000)}`)).toHaveLength(100);
    expect(lines(`a: [${'!a x, '.repeat(13_000)}]`)).toHaveLength(100);
  });

  it('more in all files together than one of them may have', () => {
    const layer = { file: 'prod.yaml', text: `global: [${'x,'.repeat(13_000)}]\n` };
    const allowance = freshAllowance();
    const ends = Array.from({ length: 4 }, () => ('root' in parseYaml(layer, allowance) ? 'read' : 'refused'));
    expect(ends).toEqual(['read', 'read', 'refused', 'refused']);
  });

  it('more than a mebibyte', () => {
    expect(lines(`a: "${'x'.repeat(1_048_576)}"`)).toEqual(['1:1: the file is larger than 1 MiB; an environment file is a page or two']);
  });
});

describe('what is good YAML 1.2', () => {
  it('means what it says: yes and 0o7 are a text and a number, dates are texts', () => {
    expect(value('a: yes\nb: 0o7\nc: 2026-11-21\nd: ~\n1: x\n')).toEqual({ a: 'yes', b: 7, c: '2026-11-21', d: null, '1': 'x' });
  });

  it('may have ten thousand anchors and as many aliases, none of which is looked for among all that stands before it', () => {
    expect(value(`a: [${Array.from({ length: 10_000 }, (_, index) => `&a${index} x, *a${index}`).join(', ')}]`)).toMatchObject({ a: { length: 20_000 } });
  });

  it('may use the name of an anchor again: an alias means the last one before it', () => {
    expect(value('a: &x [&y 1, *y]\nb: &y 2\nc: *x\nd: *y\n')).toEqual({ a: [1, 1], b: 2, c: [1, 1], d: 2 });
  });

  it('may use anchors, and a value that came by alias stands where it was written', () => {
    const parsed = parseYaml({ file: 'a.yaml', text: 'a: &x\n  b: 1\nc: *x\n' });
    if (!('root' in parsed)) throw new Error('refused');
    expect(toValue(parsed.root)).toEqual({ a: { b: 1 }, c: { b: 1 } });
    expect(parsed.root.entries.get('c')?.value.at).toEqual({ file: 'a.yaml', line: 2, column: 3 });
  });

  it('may call a key __proto__ without harm', () => {
    const made = value('__proto__: { polluted: true }\n') as Record<string, unknown>;
    expect(Object.keys(made)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
