// Numbers about the sources that say how well they can be read. Printed with every run of the tests; only one has a limit.

import { functionsOf, linesOf } from './sizes.ts';
import type { Source } from './source.ts';

export interface Measures {
  readonly medianFileLines: number;
  readonly summary: string;
}

export function measured(sources: readonly Source[]): Measures {
  const own = sources.filter(({ path }) => path.startsWith('src/'));
  const tests = sources.filter(({ path }) => path.startsWith('test/') || path.startsWith('sim/'));
  const files = own.map(({ lineCount }) => lineCount);
  const functions = own.flatMap((source) => functionsOf(source).filter((node) => node.type !== 'ArrowFunctionExpression' || linesOf(source, node) > 1).map((node) => linesOf(source, node)));
  const comments = sum(own.flatMap(({ comments: all }) => all.map((comment) => comment.split('\n').length)));
  const lines = sum(files);
  const summary = [
    `src: ${files.length} files, ${lines} lines; lines per file median ${median(files)}, most ${Math.max(0, ...files)}`,
    `lines per function median ${median(functions)}, most ${Math.max(0, ...functions)}; comments ${Math.round((100 * comments) / Math.max(1, lines))} %`,
    `tests and simulator: ${sum(tests.map(({ lineCount }) => lineCount))} lines, ${(sum(tests.map(({ lineCount }) => lineCount)) / Math.max(1, lines)).toFixed(1)} × the code`,
  ].join('\n');
  return { medianFileLines: median(files), summary };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((left, right) => left - right)[Math.floor(numbers.length / 2)] ?? 0;
}
