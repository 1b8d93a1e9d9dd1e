// Writes what is derived from the sources: the JSON Schema for editors and the reference pages. Never edited by hand.
// `--check` writes nothing and exits 1, naming the files that are out of date.

import { readFile, writeFile } from 'node:fs/promises';
import { chartSchema } from './generate/chart-schema.ts';
import { commandsPage } from './generate/commands.ts';
import { configurationPage } from './generate/configuration.ts';
import { errorsPage } from './generate/errors.ts';
import { environmentSchema } from './generate/schema.ts';

const root = new URL('..', import.meta.url);

/** Path below the checkout, and the text that belongs there. */
export async function generated(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ['config/environment.schema.json', environmentSchema()],
    ['chart/values.schema.json', chartSchema()],
    ['docs/configuration.md', configurationPage()],
    ['docs/errors.md', errorsPage()],
    ['docs/commands.md', await commandsPage()],
  ]);
}

async function outdated(): Promise<readonly (readonly [string, string])[]> {
  const pages = [...(await generated())];
  const present = await Promise.all(pages.map(([path]) => readFile(new URL(path, root), 'utf8').catch(() => undefined)));
  return pages.filter(([, text], index) => text !== present[index]);
}

async function main(check: string | undefined): Promise<number> {
  const stale = await outdated();
  if (check === '--check') {
    for (const [path] of stale) process.stderr.write(`${path} is out of date; run: npm run generate\n`);
    return stale.length === 0 ? 0 : 1;
  }
  await Promise.all(stale.map(([path, text]) => writeFile(new URL(path, root), text)));
  for (const [path] of stale) process.stderr.write(`wrote ${path}\n`);
  return 0;
}

if (import.meta.main) process.exitCode = await main(process.argv[2]);
