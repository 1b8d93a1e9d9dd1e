// Reads the environment: files, layers, one check of everything. All that is wrong is told at once.

import { resolve } from 'node:path';
import { readBoundedFile } from '../bounded-file.ts';
import { Failure } from '../errors.ts';
import { crossCheck } from './cross-checks.ts';
import { dialectProblems } from './dialect.ts';
import { environment, type Environment } from './environment.ts';
import { explain } from './explain.ts';
import { withAbsolutePaths, withLoadJobs } from './normalise.ts';
import { emptyMap, merge, toValue, type MapNode, type Problem } from './tree.ts';
import { wordsFor } from './wording.ts';
import { freshAllowance, mostYamlBytes, parseYaml, tooLarge, type Parsed, type Source } from './yaml.ts';

/**
 * The environment that `files` describe, later files over earlier ones. Rejects Failure 'ConfigurationInvalid'; its
 * `details` are all faults, one line each: `file:line:column: what is wrong; what would be right`.
 */
export async function loadEnvironment(files: readonly string[], cwd: string = process.cwd()): Promise<Environment> {
  const read = await Promise.all(files.map((file) => readSource(file, cwd)));
  const unreadable = read.flatMap((result) => ('problem' in result ? [result.problem] : []));
  const sources = read.flatMap((result) => ('source' in result ? [result.source] : []));
  if (unreadable.length > 0) throw invalid([...unreadable, ...problemsOf(parseAll(sources))], files);
  return parseEnvironment(sources, cwd);
}

/** The same without touching the disk. Throws Failure 'ConfigurationInvalid'. */
export function parseEnvironment(sources: readonly Source[], cwd: string): Environment {
  const files = sources.map(({ file }) => file);
  const parsed = parseAll(sources);
  const wrong = problemsOf(parsed);
  if (wrong.length > 0) throw invalid(wrong, files);
  const root = layered(parsed, files);
  const { environment: checked, problems } = check(root, cwd);
  if (checked === undefined || problems.length > 0) throw invalid(problems, files);
  return withLoadJobs(checked);
}

function parseAll(sources: readonly Source[]): readonly Parsed[] {
  const allowance = freshAllowance();
  return sources.map((source) => parseYaml(source, allowance));
}

interface Checked {
  readonly environment: Environment | undefined;
  readonly problems: readonly Problem[];
}

function check(root: MapNode, cwd: string): Checked {
  const located = withAbsolutePaths(root, environment, cwd);
  // Without zod's code generation: it would take longer than the one check that is made with it.
  const result = environment.safeParse(toValue(located), { error: wordsFor, jitless: true });
  const faults = result.success ? [] : explain(result.error.issues, { schema: environment, root });
  return { environment: result.data, problems: [...faults, ...crossCheck(root), ...dialectProblems(root, environment)] };
}

function problemsOf(parsed: readonly Parsed[]): readonly Problem[] {
  return parsed.flatMap((result) => ('problems' in result ? result.problems : []));
}

function layered(parsed: readonly Parsed[], files: readonly string[]): MapNode {
  const roots = parsed.flatMap((result) => ('root' in result ? [result.root] : []));
  return roots.reduce(merge, emptyMap({ file: files[0] ?? '-', line: 1, column: 1 }));
}

type Read = { readonly source: Source } | { readonly problem: Problem };

async function readSource(file: string, cwd: string): Promise<Read> {
  try {
    const bytes = await readBoundedFile(resolve(cwd, file), { mostBytes: mostYamlBytes, isPipeAllowed: true });
    return { source: { file, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) } };
  } catch (error) {
    return { problem: { at: { file, line: 1, column: 1 }, message: unreadable(error) } };
  }
}

const causes: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file; check the path',
  EISDIR: 'this is a folder; name a file',
  EACCES: 'the file may not be read; check its permissions',
  EFBIG: tooLarge,
  ENOTSUP: 'this is no file but a device or a socket; name a file',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'the file is not text in UTF-8; save it as such',
};

function unreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return causes[code] ?? `the file cannot be read (${code}); check it`;
}

function invalid(problems: readonly Problem[], files: readonly string[]): Failure {
  const sorted = [...problems].sort(byPlace(files));
  const faulty = [...new Set(sorted.map(({ at }) => at.file))];
  const details = sorted.map(({ at, message }) => `${at.file}:${at.line}:${at.column}: ${message}`);
  const unique = [...new Set(details)];
  return new Failure('ConfigurationInvalid', { summary: `${unique.length} ${unique.length === 1 ? 'error' : 'errors'} in ${faulty.join(', ')}`, details: unique });
}

function byPlace(files: readonly string[]): (left: Problem, right: Problem) => number {
  return ({ at: left }, { at: right }) => files.indexOf(left.file) - files.indexOf(right.file) || left.line - right.line || left.column - right.column;
}
