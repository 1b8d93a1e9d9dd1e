// Plain texts that Helm reads otherwise than this program: told where they would reach a chart, and nowhere else.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isTwofold } from '../../src/config/dialect.ts';
import { readValues } from '../../src/config/values-files.ts';
import { faults, minimal, parse } from './faults.ts';

const remedy = 'means one thing in YAML 1.1, which Helm reads, and another in 1.2; put it in quotes';

function inline(text: string): Readonly<Record<string, string>> {
  return { 'a.yaml': minimal, 'b.yaml': `release:\n  values:\n    - inline: ${text}\n` };
}

describe('two things are meant by', () => {
  it.each(['yes', 'No', 'ON', 'off', 'y', 'N', '0644', '-017', '1_000', '1_0.5', '0x_1F', '0b101', '0_7_7'])('%s', (text) => {
    expect(isTwofold(text)).toBe(true);
  });
});

describe('one thing is meant by', () => {
  it.each(['true', 'null', '~', '0', '00', '07', '08', '0o17', '0x1F', '1e3', '.5', '5.', '2001-01-01', '1:30', 'yes!', 'a_b', '_1', '_', 'no-op', 'a', ''])('%s', (text) => {
    expect(isTwofold(text)).toBe(false);
  });
});

describe('in values of the chart', () => {
  it('such a text is told at its place, and is not repeated: it may be a password', () => {
    const lines = faults(inline('{ enabled: yes, deep: [{ password: 0644 }] }'));
    expect(lines).toEqual([
      `b.yaml:3:26: \`release.values[0].inline.enabled\` ${remedy}, or write true, false or a decimal number`,
      `b.yaml:3:50: \`release.values[0].inline.deep[0].password\` ${remedy}, or write true, false or a decimal number`,
    ]);
  });

  it('such a key is told as well', () => {
    expect(faults(inline('{ on: push }'))).toEqual([`b.yaml:3:17: the key \`release.values[0].inline.on\` ${remedy}`]);
  });

  it('in quotes all of them are what they are', () => {
    const [source] = parse(inline('{ "on": "yes", mode: "0644" }')).release.values;
    expect(source).toEqual({ inline: { on: 'yes', mode: '0644' } });
  });

  it('also in files of their own', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'changeover-test-'));
    const file = join(directory, 'values.yaml');
    await writeFile(file, 'volume:\n  defaultMode: 0644\n');
    const failure = await readValues([{ file }], async () => '').catch((error: unknown) => error);
    await rm(directory, { recursive: true });
    expect(failure).toMatchObject({ code: 'ConfigurationInvalid', facts: { details: [`${file}:2:16: \`volume.defaultMode\` ${remedy}, or write true, false or a decimal number`] } });
  });
});

describe('elsewhere in the file', () => {
  it('a text of the wrong type is told as that, once', () => {
    expect(faults({ 'a.yaml': `${minimal}deleteExisting: yes\n` })).toEqual(['a.yaml:5:17: `deleteExisting` is the text “yes”; it must be true or false, without quotes']);
  });

  it('such a key of the operator’s own choice is told', () => {
    expect(faults({ 'a.yaml': `${minimal}pod: { nodeSelector: { on: a } }\n` })).toEqual([`a.yaml:5:24: the key \`pod.nodeSelector.on\` ${remedy}`]);
  });
});
