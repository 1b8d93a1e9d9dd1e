// What stays of the images and layers that were built: the last few of each kind, and nothing that belongs to one that is gone.
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cachedLayer, supersededFiles } from '../../image/cache.ts';

const hour = 3_600_000;

/** Files with their age in hours. */
function superseded(files: Readonly<Record<string, number>>, current: string): readonly string[] {
  return supersededFiles(Object.entries(files).map(([name, hours]) => ({ name, ageMs: hours * hour })), current);
}

function version(number: number): string {
  return String(number).repeat(12);
}

describe('of the archives of one name', () => {
  const five = Object.fromEntries([1, 2, 3, 4, 5].map((number) => [`runner-${version(number)}.tar`, number]));

  test('the four that were used last stay', () => {
    expect(superseded(five, `runner-${version(1)}.tar`)).toEqual([`runner-${version(5)}.tar`]);
  });

  test('the present one stays, whatever time it has', () => {
    expect(superseded(five, `runner-${version(5)}.tar`)).toEqual([`runner-${version(4)}.tar`]);
  });

  test('none goes for one of another name, also where that name begins with ours', () => {
    const names = ['run', 'runner-x', 'example', 'debian'].map((name) => `${name}-${version(9)}.tar`);
    const others = Object.fromEntries(names.map((name) => [name, 99]));
    expect(superseded({ ...five, ...others }, `runner-${version(1)}.tar`)).toEqual([`runner-${version(5)}.tar`]);
  });

  test('what lies beside goes with them, and what is left of those that went before', () => {
    const beside = { [`runner-${version(5)}.cdx.json`]: 5, [`runner-${version(4)}.cdx.json`]: 4, [`runner-${version(8)}.cdx.json`]: 8 };
    expect(superseded({ ...five, ...beside }, `runner-${version(1)}.tar`)).toEqual([
      `runner-${version(5)}.tar`,
      `runner-${version(5)}.cdx.json`,
      `runner-${version(8)}.cdx.json`,
    ]);
  });

  test('what a killed build left goes, and not what somebody is building', () => {
    const half = { [`runner-${version(7)}.4711.tar`]: 2, [`runner-${version(1)}.4712.tar`]: 2, [`runner-${version(6)}.4713.tar`]: 0.5, [`runner-${version(6)}.cdx.json`]: 0.5 };
    expect(superseded(half, `runner-${version(1)}.tar`)).toEqual([`runner-${version(7)}.4711.tar`, `runner-${version(1)}.4712.tar`]);
  });
});

test('layers are told apart by versions of packages as well, with their digests', () => {
  const versions = ['24.21.0', '24.20.0', '24.19.0', '24.18.0', '24.17.0'];
  const files = versions.flatMap((name, hours) => [`node-linux-x64-${name}.tar`, `node-linux-x64-${name}.tar.sha256`].map((file) => [file, hours] as const));
  expect(superseded(Object.fromEntries(files), 'node-linux-x64-24.21.0.tar')).toEqual(['node-linux-x64-24.17.0.tar', 'node-linux-x64-24.17.0.tar.sha256']);
});

test('files that no build wrote stay', () => {
  expect(superseded({ 'runner-mine.tar': 99, 'runner-2026.tar': 99, 'notes.txt': 99, buildah: 99 }, `runner-${version(1)}.tar`)).toEqual([]);
});

describe('a layer', () => {
  let cache: string;
  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), 'changeover-cache-'));
  });
  afterEach(() => rm(cache, { recursive: true }));

  async function layer(number: number): Promise<void> {
    await cachedLayer(join(cache, `programs-${version(number)}.tar`), (file) => writeFile(file, String(number)));
  }

  test('that is used again counts as new, and those that nobody used go', async () => {
    for (const number of [1, 2, 3, 4]) {
      await layer(number);
      const then = new Date(Date.now() - (10 - number) * hour);
      await utimes(join(cache, `programs-${version(number)}.tar`), then, then);
    }
    await layer(1);
    await layer(5);
    const tars = (await readdir(cache)).filter((name) => name.endsWith('.tar'));
    expect(tars.toSorted()).toEqual([1, 3, 4, 5].map((number) => `programs-${version(number)}.tar`));
    expect(await readdir(cache)).toHaveLength(8);
  });
});
