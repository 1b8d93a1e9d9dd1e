// Values merged as Helm merges them, texts that must not be shown, and what is read from Helm's output.

import { describe, expect, it } from 'vitest';
import { parseManifest } from '../../src/drivers/helm/manifest.ts';
import { mergeValues } from '../../src/drivers/helm/values.ts';
import { secretTexts } from '../../src/drivers/secret-texts.ts';

describe('values of several layers', () => {
  it('are merged key by key, the last one winning', () => {
    expect(mergeValues([{ a: { b: 1, c: 2 }, d: 1 }, { a: { c: 3 } }, { e: 4 }])).toEqual({ a: { b: 1, c: 3 }, d: 1, e: 4 });
  });

  it('replace lists, texts and mappings by whatever else comes later', () => {
    expect(mergeValues([{ list: [1, 2], map: { a: 1 }, text: 'x' }, { list: [3], map: 'none', text: { a: 1 } }])).toEqual({ list: [3], map: 'none', text: { a: 1 } });
  });

  it('keep null, which takes a chart’s default away', () => {
    expect(mergeValues([{ a: { b: 1 } }, { a: { b: null } }])).toEqual({ a: { b: null } });
  });

  it('are none when there are none', () => {
    expect(mergeValues([])).toEqual({});
  });

  it('take no key for something that all objects have', () => {
    expect(mergeValues([{}, { constructor: { a: 1 } }])).toEqual({ constructor: { a: 1 } });
  });
});

describe('texts that an error must not show', () => {
  it('are all texts of the values, plain, escaped and in Base64', () => {
    expect(secretTexts([{ a: ['pass"word'] }, { b: { c: 'second-one' } }], [])).toEqual(
      ['pass"word', 'pass\\"word', Buffer.from('pass"word').toString('base64'), 'second-one', Buffer.from('second-one').toString('base64')],
    );
  });

  it('are not the release’s own name, nor texts so short that hiding them would only garble the message', () => {
    expect(secretTexts({ a: 'portal', b: 'yes', c: 7, d: null, e: true }, ['/charts/portal'])).toEqual([]);
  });
});

describe('what Helm prints', () => {
  const parse = (text: string) => parseManifest(text, 'helm template x');
  const object = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });

  it('becomes objects: documents that hold only comments are none, and lists are taken apart', () => {
    const text = `---\n# Source: a.yaml\n---\n${JSON.stringify(object('one'))}\n---\n\n---\n${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [object('two'), object('three')] })}`;
    expect(parse(text)).toEqual([object('one'), object('two'), object('three')]);
    expect(parse('')).toEqual([]);
  });

  it('is read as Helm reads it: YAML 1.1, in which on is true, but no text turns into a date', () => {
    const [found] = parse('apiVersion: v1\nkind: ConfigMap\nmetadata: { name: one }\nmode: 0644\nswitch: on\nday: 2026-11-21\nmerged: { <<: { a: 1 }, b: 2 }\n');
    expect(found).toMatchObject({ mode: 0o644, switch: true, day: '2026-11-21', merged: { a: 1, b: 2 } });
  });

  it.each([
    ['no kind', 'apiVersion: v1\nmetadata: { name: x }'],
    ['no name', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {}'],
    ['a text', 'just words'],
    ['broken YAML', 'a: [1'],
    ['a list with something else in it', JSON.stringify({ apiVersion: 'v1', kind: 'List', items: ['x'] })],
  ])('is refused when a document has %s: leaving it out would hide an object', (_title, text) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ reason: 'invalid', attempted: 'helm template x' }));
  });

  it('is not quoted in the error: the broken document may be a Secret', () => {
    expect(() => parse('kind: Secret\nstringData:\n  password: "planted-secret\n')).toThrow(expect.objectContaining({ message: expect.not.stringContaining('planted') }));
  });
});
