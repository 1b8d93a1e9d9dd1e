// Forty bugs and more, planted one at a time: the simulator must find each, and be silent without it. The list says by which invariant.

import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import type { TriedOut } from './main.ts';
import { plants } from './plants.ts';

const patienceMs = 300_000;
const root = resolve(import.meta.dirname, '../..');

/** Each child tries every so-manieth plant: loading the sources again and again is what takes the time. */
async function tried(child: number, children: number): Promise<readonly TriedOut[]> {
  const numbers = plants.flatMap((_, number) => (number % children === child ? [String(number)] : []));
  const { stdout } = await execa(process.execPath, [join(import.meta.dirname, 'main.ts'), ...numbers], { cwd: root, timeout: patienceMs });
  return stdout.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as TriedOut);
}

const children = Math.min(2, cpus().length);
const results = (await Promise.all(Array.from({ length: children }, (_, child) => tried(child, children)))).flat();
const caught = plants.filter(({ caughtBy }) => caughtBy !== 'nothing');
const missed = plants.filter(({ caughtBy }) => caughtBy === 'nothing');

function resultOf(name: string): TriedOut {
  const found = results.find((result) => result.name === name);
  if (found === undefined) throw new Error(`nothing is known of the plant: ${name}`);
  return found;
}

test('there are at least forty of them, and at least 95 % are caught', () => {
  expect(plants.length).toBeGreaterThanOrEqual(40);
  expect(new Set(plants.map(({ name }) => name)).size).toBe(plants.length);
  expect(caught.length / plants.length).toBeGreaterThanOrEqual(0.95);
  const lines = plants.map(({ name, source, caughtBy, needs }) => `${caughtBy.padEnd(8)}${name}${source === undefined ? '' : ` (${source})`}${needs === undefined ? '' : `; it needs ${needs}`}`);
  console.log([...lines, `${plants.length} planted bugs, ${caught.length} caught, ${missed.length} not`].join('\n'));
});

test('every one of them finds its place in the sources', () => {
  expect(results.flatMap(({ rotten }) => rotten ?? [])).toEqual([]);
});

test.each(caught.map(({ name, caughtBy }) => ({ name, caughtBy })))('$name: caught by $caughtBy', ({ name, caughtBy }) => {
  expect(resultOf(name).found.map(({ invariant }) => invariant)).toContain(caughtBy);
});

test.each(plants.map(({ name }) => ({ name })))('without it, the same run is as it should be ($name)', ({ name }) => {
  expect(resultOf(name).foundWithout).toEqual([]);
});

// As soon as one of them is caught, the list is outdated.
test.each(missed.map(({ name }) => ({ name })))('$name: nothing catches it yet', ({ name }) => {
  expect(resultOf(name).found).toEqual([]);
});
