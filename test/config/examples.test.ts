// The commented examples are documentation: each must be what it says it is. The generated files must be up to date.

import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { generated } from '../../scripts/generate.ts';
import { environment } from '../../src/config/environment.ts';
import { loadEnvironment } from '../../src/config/load.ts';
import { nextRuns } from '../../src/config/schedule.ts';
import { descriptionOf, shapeOf } from '../../src/config/schema.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const sets = [['demo-base.yaml', 'demo.yaml'], ['google.yaml'], ['classic-base.yaml', 'classic.yaml'], ['prod.yaml'], ['secrets.yaml', 'prod.yaml']];

function load(names: readonly string[]): ReturnType<typeof loadEnvironment> {
  return loadEnvironment(names.map((name) => `config/${name}`), root);
}

describe('the examples', () => {
  it.each(sets.map((names) => [names.join(' with '), names] as const))('%s are a complete environment', async (_, names) => {
    await expect(load(names)).resolves.toHaveProperty('cluster');
  });

  it('are all tried here, and all name the schema for editors', async () => {
    const files = (await readdir(`${root}/config`)).filter((name) => name.endsWith('.yaml'));
    expect(files.sort()).toEqual([...new Set(sets.flat())].sort());
    for (const name of files) expect(await readFile(`${root}/config/${name}`, 'utf8')).toMatch(/^# yaml-language-server: \$schema=environment\.schema\.json\n/);
  });

  it('in layers load in two stages, keep the previous release and move two names', async () => {
    const demo = await load(['demo-base.yaml', 'demo.yaml']);
    expect(demo.load.map(({ name, after }) => [name, after])).toEqual([['loader', []], ['harvest', ['loader']]]);
    expect(demo.deleteExisting).toBe(false);
    expect(demo.dns.map(({ name }) => name)).toEqual(['portal.example.test.', 'search.example.test.']);
    expect(nextRuns({ schedule: demo.schedule ?? '' }, Date.parse('2026-11-21T11:00:00Z'), 1)).toEqual([Date.parse('2026-11-28T03:00:00Z')]);
  });

  it('are whole wherever `--help` names them', async () => {
    const shown = [...(await readFile(`${root}/docs/commands.md`, 'utf8')).matchAll(/^ {2}\$ changeover (.*)$/gm)].map(([, line = '']) => [...line.matchAll(/-f config\/(\S+)/g)].map(([, name = '']) => name));
    expect(shown.length).toBeGreaterThan(15);
    for (const names of new Set(shown.map((each) => each.join(' ')))) await expect(load(names.split(' '))).resolves.toHaveProperty('environment', 'prod');
  });

  it('in the classic form say nothing but the classic keys', async () => {
    const keys = [...(await readFile(`${root}/config/classic.yaml`, 'utf8')).matchAll(/^(\w+):/gm)].map(([, key]) => key);
    expect(keys.sort()).toEqual(['cluster', 'dataConfig', 'deleteExisting', 'dns', 'environment', 'schedule', 'strictErrorChecking']);
  });
});

describe('the schema', () => {
  it('explains every key', () => {
    expect(unexplained('', environment)).toEqual([]);
  });

  it('tells the branches of each union apart by their first key', () => {
    expect(ambiguous(environment)).toEqual([]);
  });
});

describe('generated files', () => {
  it('are up to date, and come out the same every time', async () => {
    const files = await generated();
    for (const [path, text] of files) expect(await readFile(`${root}/${path}`, 'utf8'), `run npm run generate for ${path}`).toBe(text);
    expect(await generated()).toEqual(files);
  });

  it('let editors accept a layer that is not complete, and a null that removes', async () => {
    const schema = JSON.parse((await generated()).get('config/environment.schema.json') ?? '') as { required?: unknown; properties: Record<string, { type: unknown }> };
    expect(schema.required).toBeUndefined();
    expect(schema.properties['schedule']?.type).toEqual(['string', 'null']);
  });
});

type Schema = Parameters<typeof shapeOf>[0];

function children(schema: Schema): readonly (readonly [string, Schema])[] {
  const shape = shapeOf(schema);
  if (shape.kind === 'object') return Object.entries(shape.keys);
  if (shape.kind === 'list') return [['[]', shape.item]];
  if (shape.kind === 'record') return [['*', shape.value]];
  return shape.kind === 'union' ? shape.branches.flatMap((branch) => Object.entries(branch.keys)) : [];
}

function unexplained(path: string, schema: Schema): readonly string[] {
  return children(schema).flatMap(([key, inner]) => {
    const named = !['[]', '*'].includes(key);
    return [...(named && descriptionOf(inner) === undefined ? [`${path}.${key}`] : []), ...unexplained(`${path}.${key}`, inner)];
  });
}

function ambiguous(schema: Schema): readonly string[] {
  const shape = shapeOf(schema);
  const firsts = shape.kind === 'union' ? shape.branches.map(({ key }) => key) : [];
  const here = new Set(firsts).size === firsts.length && !firsts.includes('') ? [] : [firsts.join()];
  return [...here, ...children(schema).flatMap(([, inner]) => ambiguous(inner))];
}
