// Helm values of the release, in order: files, inline mappings, Secrets. Read at the moment of use.

import { parse } from 'yaml';
import { Failure } from '../errors.ts';
import { readValuesFile } from '../config/values-files.ts';
import type { Environment } from '../config/environment.ts';
import type { ValuesSource } from '../config/sections/release.ts';
import type { Secrets } from '../drivers/drivers.ts';
import { retry, type RetryOptions } from '../run/retry.ts';

export interface ValuesOptions extends Pick<RetryOptions, 'clock' | 'signal'> {
  readonly drivers: { readonly secrets: Secrets };
}

type Values = Readonly<Record<string, unknown>>;

export async function releaseValues(environment: Environment, options: ValuesOptions): Promise<readonly Values[]> {
  return Promise.all(environment.release.values.map((source) => valuesOf(source, environment, options)));
}

async function valuesOf(source: ValuesSource, { runner }: Environment, options: ValuesOptions): Promise<Values> {
  if ('inline' in source) return source.inline;
  if ('file' in source) return readValuesFile(source.file);
  const text = await retry(() => options.drivers.secrets.read(source, runner.namespace), options);
  return parseSecret(text, `${source.secret.name}/${source.secret.key}`);
}

function parseSecret(text: string, where: string): Values {
  // The parser's message quotes the text, which is secret: it is dropped on purpose.
  const invalid = new Failure('ConfigurationInvalid', { summary: `Secret ${where} does not hold a YAML mapping` });
  try {
    const parsed: unknown = parse(text, { logLevel: 'silent' });
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as Values;
  } catch {
    throw invalid;
  }
  throw invalid;
}
