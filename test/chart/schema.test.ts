// The schema and the defaults that the chart ships, read as data: what Helm would stumble over, or let through.

import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { isMapping } from '../../src/config/schema.ts';
import { pod } from '../../src/config/sections/pod.ts';

const read = (name: string): Promise<string> => readFile(new URL(`../../chart/${name}`, import.meta.url), 'utf8');
const schema: unknown = JSON.parse(await read('values.schema.json'));

/** Every mapping and list of mappings in it, with the way to it. */
function parts(value: unknown, path = ''): readonly (readonly [string, Readonly<Record<string, unknown>>])[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => parts(item, `${path}/${index}`));
  if (!isMapping(value)) return [];
  return [[path, value], ...Object.entries(value).flatMap(([key, inner]) => parts(inner, `${path}/${key}`))];
}

it('refuses keys that nobody knows, at every depth', () => {
  const mappings = parts(schema).filter(([, part]) => isMapping(part['properties']) && 'type' in part);
  expect(mappings.length).toBeGreaterThan(40);
  expect(mappings.filter(([, part]) => part['additionalProperties'] !== false).map(([path]) => path)).toEqual([]);
});

it('uses no regular expression that Go cannot read, for which Helm would refuse the whole chart', () => {
  const patterns = parts(schema).flatMap(([, { pattern }]) => (typeof pattern === 'string' ? [pattern] : []));
  expect(patterns.length).toBeGreaterThan(20);
  expect(patterns.filter((pattern) => /\(\?[=!<]|\\[1-9]/.test(pattern))).toEqual([]);
});

it('lets no text of a secret be checked by a pattern, which Helm would print beside it', () => {
  const secrets = parts(schema).find(([path]) => path === '/properties/secrets')?.[1];
  expect(secrets?.['additionalProperties']).toEqual({ type: 'string' });
});

it('has defaults for the pod alone, each of which an environment file could say as well', async () => {
  const values = parse(await read('values.yaml')) as Readonly<Record<string, unknown>>;
  expect(Object.keys(values)).toEqual(['pod']);
  expect(pod.safeParse(withoutNulls(values['pod'])).error?.issues).toBeUndefined();
});

/** As Helm and the command line merge: null is nothing. */
function withoutNulls(value: unknown): unknown {
  if (!isMapping(value)) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([key, inner]) => (inner === null ? [] : [[key, withoutNulls(inner)]])));
}

it('has the version of the program that it runs', async () => {
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
  expect(parse(await read('Chart.yaml'))).toMatchObject({ appVersion: version });
});
