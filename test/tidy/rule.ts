// The shape of a tidy rule. Each brings an example that it must find, and one that it must not.

import { lineOf, parsed, type Node, type Source } from './source.ts';

export interface Finding {
  readonly path: string;
  readonly line?: number;
  readonly problem: string;
}

export interface Rule {
  /** A sentence: what holds everywhere. */
  readonly title: string;
  check(sources: readonly Source[]): readonly Finding[];
  /** Files, by path, in which the rule finds something. */
  readonly bad: Readonly<Record<string, string>>;
  /** Files that look alike and are fine. */
  readonly good: Readonly<Record<string, string>>;
  /** It looks at one file at a time, so it finds something in each of the bad ones. */
  readonly isPerFile?: boolean;
}

/** A rule that looks at one file at a time, where `applies` says so. */
export function fileRule(rule: Omit<Rule, 'check'> & { applies?(path: string): boolean; look(source: Source): readonly Omit<Finding, 'path'>[] }): Rule {
  const { applies = () => true, look, ...rest } = rule;
  return { ...rest, isPerFile: true, check: (sources) => sources.filter(({ path }) => applies(path)).flatMap((source) => look(source).map((finding) => ({ path: source.path, ...finding }))) };
}

/** Each place in the code, comments and texts left out, that matches. */
export function matches(source: Source, pattern: RegExp, problem: string): readonly Omit<Finding, 'path'>[] {
  return [...source.code.matchAll(pattern)].map(({ 0: found, index }) => ({ line: lineOf(source, index), problem: `${problem}: ${found.trim()}` }));
}

export function at(source: Source, { start }: Node, problem: string): Omit<Finding, 'path'> {
  return { line: lineOf(source, start), problem };
}

export function examples(files: Readonly<Record<string, string>>): readonly Source[] {
  return Object.entries(files).map(([path, text]) => parsed(path, text));
}

export function described({ path, line, problem }: Finding): string {
  return `${path}${line === undefined ? '' : `:${line}`}  ${problem}`;
}

export function isIn(...folders: readonly string[]): (path: string) => boolean {
  return (path) => folders.some((folder) => path.startsWith(`${folder}/`));
}
