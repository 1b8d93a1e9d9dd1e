// What an operator would see of a faulty environment file. A helper of the tests in this folder.

import { parseEnvironment } from '../../src/config/load.ts';
import type { Environment } from '../../src/config/environment.ts';
import { Failure } from '../../src/errors.ts';

/** The smallest file that is fine. */
export const minimal = `
cluster: main
environment: prod
dns: [{ zone: z, name: www.example.org, service: web }]
release: { chart: { path: chart } }
`.trimStart();

/** Files by name, in the order of `-f`; paths start from /conf. */
export function parse(files: Readonly<Record<string, string>>): Environment {
  return parseEnvironment(Object.entries(files).map(([file, text]) => ({ file, text })), '/conf');
}

/** The lines an operator sees, or `['fine']`. */
export function faults(files: Readonly<Record<string, string>>): readonly string[] {
  try {
    parse(files);
  } catch (error) {
    if (error instanceof Failure && error.code === 'ConfigurationInvalid') return error.facts.details ?? [];
    throw error;
  }
  return ['fine'];
}

/** Faults of the minimal file with `text` below it, counting lines from there: `+1:3: …`. */
export function faultsOf(text: string): readonly string[] {
  const above = minimal.split('\n').length - 1;
  return faults({ 'prod.yaml': minimal + text }).map((line) => line.replace(/^prod\.yaml:(\d+)/, (_, number) => `+${Number(number) - above}`));
}
