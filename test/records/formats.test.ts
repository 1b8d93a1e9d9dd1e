// Records of every version that has written any: this one reads them all, and goes on with what they began.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Production } from '../../sim/production.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { readRecords } from '../../src/observe/records.ts';
import { format, isUnfinished } from '../../src/run/record.ts';
import { decide } from '../../src/session/resume.ts';
import { readRun } from '../../src/session/readable.ts';
import { memoryRecords } from '../run/memory-stores.ts';
import { diedIn, stepsToDieIn, writtenRecords } from './written.ts';

interface Kept {
  /** `format-1/first/rebuild-succeeded`. */
  readonly name: string;
  readonly body: string;
}

function keptRecords(): readonly Kept[] {
  const formats = readdirSync(import.meta.dirname).filter((name) => name.startsWith('format-'));
  const versions = formats.flatMap((name) => readdirSync(join(import.meta.dirname, name)).map((version) => join(name, version)));
  const files = versions.flatMap((version) => readdirSync(join(import.meta.dirname, version)).map((file) => join(version, file)));
  return files.map((file) => ({ name: file.replace(/\.json$/, ''), body: readFileSync(join(import.meta.dirname, file), 'utf8') }));
}

const kept = keptRecords();
const versions = [...new Set(kept.map(({ name }) => name.split('/').slice(0, 2).join('/')))];

test('records of every format are kept', () => {
  const formats = new Set(kept.map(({ name }) => name.split('/')[0]));
  expect([...formats].toSorted()).toEqual(Array.from({ length: format }, (_, index) => `format-${index + 1}`));
});

describe('a kept record', () => {
  test.each(kept)('$name is read, and what is to become of its run is known', async ({ body }) => {
    const store = memoryRecords();
    await store.create((JSON.parse(body) as { readonly id: string }).id, body);
    const [stored] = await readRecords(store);
    if (stored === undefined) throw new Error('it is not there');
    expect(readRun(stored).operation.name).toBe(stored.record.operation);
    const wanted = { operation: stored.record.operation, fresh: false, hash: stored.record.planHash };
    if (isUnfinished(stored.record)) expect(decide(stored.record, wanted)).toMatchObject({ action: 'resume' });
  });
});

describe.each(versions)('a run that a runner of %s began', (version) => {
  test.each(stepsToDieIn)('and died of in %s: this version brings it to its end', async (step) => {
    const made = await diedIn(step);
    const older = kept.find(({ name }) => name === `${version}/rebuild-died-in-${step}`);
    await asWrittenBy(older, made);
    expect(await made.command()).toMatchObject({ outcome: 'succeeded', exitCode: 0 });
    const [live, ...others] = made.releases();
    expect(others).toEqual([]);
    expect(made.publicReleases()).toEqual([live, live]);
    expect(made.observer.violations).toEqual([]);
  });
});

test('whatever this version writes, some kept record has: a new key is kept before it is released', async () => {
  const known = new Set(kept.flatMap(({ body }) => pathsIn(JSON.parse(body))));
  const written = [...(await writtenRecords()).values()].flatMap((record) => pathsIn(JSON.parse(JSON.stringify(record))));
  const news = [...new Set(written)].filter((path) => !known.has(path));
  expect(news, 'keep such records: node scripts/keep-records.ts NAME').toEqual([]);
}, 60_000);

/** The record of the dead run, with no more in it than that version knew. */
async function asWrittenBy(older: Kept | undefined, { world }: Production): Promise<void> {
  if (older === undefined) throw new Error('no record of that version is kept');
  const known = new Set(pathsIn(JSON.parse(older.body)));
  const found = world.cluster.inside.store.all(kinds.configMap, 'changeover').filter(({ metadata }) => metadata.labels?.['changeover.dev/record'] === 'run').at(-1);
  if (found === undefined) throw new Error('there is no record');
  const record = only(JSON.parse((found['data'] as { readonly record: string }).record), '', known);
  await world.cluster.patch({ kind: kinds.configMap, namespace: 'changeover', name: found.metadata.name }, { data: { record: JSON.stringify(record) } });
}

/** `plan.names[].ttl`: elements of a list count as one; names that a user chose are keys of their own in `noted` and `output`. */
function pathsIn(value: unknown, at = ''): readonly string[] {
  if (typeof value !== 'object' || value === null) return [at];
  if (Array.isArray(value)) return [at, ...value.flatMap((element) => pathsIn(element, `${at}[]`))];
  return [at, ...Object.entries(value).flatMap(([key, inner]) => pathsIn(inner, `${at}.${key}`))];
}

function only(value: unknown, at: string, known: ReadonlySet<string>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((element) => only(element, `${at}[]`, known));
  const entries = Object.entries(value).filter(([key]) => known.has(`${at}.${key}`));
  return Object.fromEntries(entries.map(([key, inner]) => [key, only(inner, `${at}.${key}`, known)]));
}
