// The values a chart is installed with, from files, inline and Secrets.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readValues } from '../../src/config/values-files.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'changeover-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('values come in the order of the configuration, whatever they come from, with nulls kept for Helm', async () => {
  await writeFile(join(folder, 'a.yaml'), 'replicas: 2\nlimits: null\n');
  const sources = [{ inline: { x: 1 } }, { file: join(folder, 'a.yaml') }, { secret: { name: 's', key: 'k' } }];
  const values = await readValues(sources, async ({ secret }) => `from: ${secret.name}/${secret.key}\n`);
  expect(values).toEqual([{ x: 1 }, { replicas: 2, limits: null }, { from: 's/k' }]);
});

it('all files that are missing or wrong are named at once, with their places', async () => {
  const [none, list] = [join(folder, 'none.yaml'), join(folder, 'list.yaml')];
  await writeFile(list, '# values\n- a\n');
  await expect(readValues([{ file: none }, { file: list }], async () => '')).rejects.toMatchObject({
    code: 'ConfigurationInvalid',
    facts: {
      details: [
        `${none}:1:1: there is no such file; correct \`release.values\``,
        `${list}:2:1: the file is a list; it must be a mapping of keys such as environment: prod`,
      ],
    },
  });
});

it('a Secret that is no mapping is named by its place, and its text is not shown', async () => {
  const failure: unknown = await readValues([{ secret: { name: 's', key: 'k' } }], async () => 'pass: [hunter2').catch((error: unknown) => error);
  expect(JSON.stringify(failure)).toContain('Secret s, key k:1:');
  expect(JSON.stringify(failure)).not.toContain('hunter2');
});
