// The values a chart is installed with, read one by one in the order of `release.values`. Merges nothing: Helm does.

import { readBoundedFile } from '../bounded-file.ts';
import { Failure } from '../errors.ts';
import { dialectProblems } from './dialect.ts';
import type { ValuesSource } from './sections/release.ts';
import { toValue, type Problem } from './tree.ts';
import { mapping } from './values.ts';
import { freshAllowance, mostYamlBytes, parseYaml, type Allowance } from './yaml.ts';

export type Values = Readonly<Record<string, unknown>>;
type SecretValues = Extract<ValuesSource, { secret: unknown }>;

/**
 * One mapping per source. `readSecret` fetches the text of a Secret's key. Rejects Failure 'ConfigurationInvalid' with
 * every file that is missing or no YAML mapping; for a Secret it names the place, never the text.
 */
export async function readValues(sources: readonly ValuesSource[], readSecret: (source: SecretValues) => Promise<string>): Promise<readonly Values[]> {
  const allowance = freshAllowance();
  const read: Read[] = [];
  // One after another: only so much of them is in memory as was allowed.
  for (const source of sources) read.push(await readOne(source, { readSecret, allowance }));
  const details = read.flatMap((result) => ('wrong' in result ? result.wrong : []));
  if (details.length > 0) throw new Failure('ConfigurationInvalid', { summary: 'values of the chart cannot be read', details });
  return read.flatMap((result) => ('values' in result ? [result.values] : []));
}

type Read = { readonly values: Values } | { readonly wrong: readonly string[] };

interface Reading {
  readonly readSecret: (source: SecretValues) => Promise<string>;
  readonly allowance: Allowance;
}

async function readOne(source: ValuesSource, { readSecret, allowance }: Reading): Promise<Read> {
  if ('inline' in source) return { values: source.inline };
  if ('secret' in source) return parse(`Secret ${source.secret.name}, key ${source.secret.key}`, await readSecret(source), allowance);
  try {
    return parse(source.file, Buffer.from(await readBoundedFile(source.file, { mostBytes: mostYamlBytes })).toString('utf8'), allowance);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return { wrong: [`${source.file}:1:1: ${code === 'ENOENT' ? 'there is no such file' : `the file cannot be read (${code})`}; correct \`release.values\``] };
  }
}

function parse(file: string, text: string, allowance: Allowance): Read {
  const parsed = parseYaml({ file, text }, allowance);
  const wrong = 'root' in parsed ? dialectProblems(parsed.root, mapping) : parsed.problems;
  return 'root' in parsed && wrong.length === 0 ? { values: toValue(parsed.root) as Values } : { wrong: wrong.map(described) };
}

function described({ at, message }: Problem): string {
  return `${at.file}:${at.line}:${at.column}: ${message}`;
}
