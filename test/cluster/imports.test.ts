// Which images of a cluster a boot removes: those that newer imports of the same repository have superseded, and no other.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isCrowded, noteImport, readImports, superseded, type Imports } from '../../cluster/imports.ts';

/** A cluster that imported these archives one after the other: `name@content`, several names of one archive with blanks between. */
function imported(...archives: readonly string[]): { imports: Imports; present: Map<string, string> } {
  const entries = archives.map((names, index) => {
    const images = Object.fromEntries(names.split(' ').map((name) => name.split('@') as [string, string]));
    return [`archive-${index}`, { images, usedAt: `2026-11-0${index + 1}T00:00:00.000Z` }] as const;
  });
  const names = entries.flatMap(([, { images }]) => Object.entries(images));
  // Beside each image containerd has one name more, by its configuration: the kubelet's plugin puts it there and leaves it.
  const plugins = names.map(([, content]) => [`sha256:${content}`, content] as const);
  return { imports: Object.fromEntries(entries), present: new Map([...names, ...plugins]) };
}

function removed({ imports, present }: ReturnType<typeof imported>): string {
  return superseded(imports, present).names.join(' ');
}

function withoutTimes({ imports, present }: ReturnType<typeof imported>, ...which: readonly string[]): ReturnType<typeof imported> {
  const entries = Object.entries(imports).map(([hash, entry]) => [hash, which.includes(hash) ? { images: entry.images } : entry]);
  return { imports: Object.fromEntries(entries) as Imports, present };
}

describe('a boot removes', () => {
  test('nothing of a repository with three images', () => {
    expect(removed(imported('app:a@1', 'app:b@2', 'app:c@3'))).toBe('');
  });

  test('all but the three that were imported last, with the names that would keep their content', () => {
    const cluster = imported('app:a@1', 'app:b@2', 'app:c@3', 'app:d@4', 'app:e@5');
    expect(removed(cluster)).toBe('app:b app:a sha256:1 sha256:2');
  });

  test('not one that was asked for again, however long ago it was imported', () => {
    const { imports, present } = imported('app:a@1', 'app:b@2', 'app:c@3', 'app:d@4');
    const again = { images: { 'app:a': '1' }, usedAt: '2026-11-20T00:00:00.000Z' };
    expect(superseded({ ...imports, 'archive-0': again }, present).names).toEqual(['app:b', 'sha256:2']);
  });

  test('first those that a version imported which noted no times, the first of them before all', () => {
    const cluster = imported('app:a@1', 'app:b@2', 'app:c@3', 'app:d@4', 'app:e@5');
    expect(removed(withoutTimes(cluster, 'archive-3', 'archive-4'))).toBe('app:e app:d sha256:4 sha256:5');
    expect(removed(withoutTimes(cluster, ...Object.keys(cluster.imports)))).toBe('app:b app:a sha256:1 sha256:2');
  });

  test('never a tag that every archive carries, which is the newest one’s', () => {
    const cluster = imported('app:a@1 app:dev@1', 'app:b@2 app:dev@2', 'app:c@3 app:dev@3', 'app:d@4 app:dev@4');
    expect(removed(cluster)).toBe('app:a sha256:1');
  });

  test('the images that a fixed tag has left, of which nothing but their digest remains', () => {
    expect(removed(imported('app:dev@1', 'app:dev@2', 'app:dev@3', 'app:dev@4'))).toBe('sha256:1 sha256:2 sha256:3');
  });

  test('nothing of another repository, also on a registry with a port or in a folder of the same name', () => {
    expect(removed(imported('app:a@1', 'apps:b@2', 'team/app:c@3', 'host:5000/app:d@4', 'host:5001/app:e@5', 'host:5000/app@6'))).toBe('');
    expect(removed(imported('host:5000/app:a@1', 'host:5000/app:b@2', 'host:5000/app:c@3', 'host:5000/app:d@4'))).toBe('host:5000/app:a sha256:1');
  });

  test('no image that was not imported, nor one whose name leads somewhere else by now', () => {
    const { imports, present } = imported('app:a@1', 'app:b@2', 'app:c@3', 'app:d@4', 'app:e@5');
    present.set('app:pulled', '9').set('sha256:9', '9').set('app:a', '8').set('sha256:8', '8');
    expect(superseded(imports, present).names).toEqual(['app:b', 'sha256:1', 'sha256:2']);
  });

  test('no content that a name has which stays', () => {
    const { imports, present } = imported('app:a@1', 'app:b@2', 'app:c@3', 'app:d@4');
    present.set('other:kept', '1');
    expect(superseded(imports, present).names).toEqual(['app:a']);
  });

  test('not one image more because the same content was imported under two tags', () => {
    expect(removed(imported('app:a@1', 'app:b@2', 'app:c@3', 'app:d@3'))).toBe('');
  });

  test('none for those that are gone already: they take nobody’s place', () => {
    const { imports, present } = imported('app:a@1', 'app:b@2', 'app:c@3', 'app:d@4');
    present.delete('app:d');
    expect(superseded(imports, present).names).toEqual(['sha256:4']);
  });
});

describe('the record afterwards', () => {
  test('knows the archives that are still there, and no other', () => {
    const { imports, present } = imported('app:a@1 app:dev@1', 'app:b@2', 'app:c@3', 'app:d@4', 'gone:a@5');
    present.delete('gone:a');
    expect(Object.keys(superseded(imports, present).remaining)).toEqual(['archive-1', 'archive-2', 'archive-3']);
  });

  test('keeps an archive of which a tag has moved on: its other name has to go one day', () => {
    const { imports, present } = imported('app:a@1 app:dev@1', 'app:b@2 app:dev@2');
    expect(superseded(imports, present).remaining).toEqual(imports);
  });
});

test('containerd is asked only where a repository has more archives than stay', () => {
  expect(isCrowded({})).toBe(false);
  expect(isCrowded(imported('app:a@1 app:dev@1', 'app:b@2 app:dev@2', 'app:c@3 app:dev@3', 'other:a@1').imports)).toBe(false);
  expect(isCrowded(imported('app:a@1', 'other:b@2', 'app:c@3', 'app:d@4', 'app:e@5').imports)).toBe(true);
});

describe('the file', () => {
  let record: string;
  beforeEach(async () => {
    record = join(await mkdtemp(join(tmpdir(), 'changeover-imports-')), 'imports.json');
  });
  afterEach(() => rm(join(record, '..'), { recursive: true }));

  test('is empty at first', async () => {
    expect(await readImports(record)).toEqual({});
  });

  test('may be one of a version that noted no times', async () => {
    await writeFile(record, JSON.stringify({ abc: { 'app:a': 'sha256:1' } }));
    expect(await readImports(record)).toEqual({ abc: { images: { 'app:a': 'sha256:1' } } });
  });

  test('has an archive that is asked for again as its newest', async () => {
    await writeFile(record, JSON.stringify({ abc: { 'app:a': 'sha256:1' }, def: { 'app:b': 'sha256:2' } }));
    await noteImport(record, 'abc', { 'app:a': 'sha256:1' });
    expect(Object.keys(await readImports(record))).toEqual(['def', 'abc']);
    expect((await readImports(record))['abc']?.usedAt).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  test.each(['', '{"abc": {'])('of which a loss of power left %j is as good as none: archives are imported again, and no boot fails', async (half) => {
    await writeFile(record, half);
    expect(await readImports(record)).toEqual({});
    await noteImport(record, 'abc', { 'app:a': 'sha256:1' });
    expect(Object.keys(await readImports(record))).toEqual(['abc']);
  });
});
