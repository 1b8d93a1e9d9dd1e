// Rules about size: a file is read in one sitting, a function on one screen.

import { at, fileRule, type Rule } from './rule.ts';
import { lineOf, nodesOf, type Node, type Source } from './source.ts';

const mostLines = 300;
const mostFunctionLines = 70;
const mostParameters = 3;

const functionTypes = ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'] as const;

export function functionsOf(source: Source): readonly Node[] {
  return nodesOf(source.tree, ...functionTypes).filter(({ body }) => body !== null);
}

export function linesOf(source: Source, { start, end }: Node): number {
  return lineOf(source, end) - lineOf(source, start) + 1;
}

const fileSize = fileRule({
  title: `no file has more than ${mostLines} lines`,
  look: ({ lineCount }) => (lineCount > mostLines ? [{ problem: `${lineCount} lines` }] : []),
  bad: { 'src/long.ts': 'const a = 1;\n'.repeat(mostLines + 1) },
  good: { 'src/short.ts': 'const a = 1;\n'.repeat(mostLines) },
});

const functionSize = fileRule({
  title: `no function has more than ${mostFunctionLines} lines`,
  look: (source) =>
    functionsOf(source)
      .filter((node) => countedLines(source, node) > mostFunctionLines)
      .map((node) => at(source, node, `a function of ${countedLines(source, node)} lines`)),
  bad: { 'src/long.ts': `function long() {\n${'  work();\n'.repeat(mostFunctionLines)}}\n`, 'test/long.ts': `test('a', () => {\n${'  work();\n'.repeat(mostFunctionLines)}});\n` },
  good: { 'src/short.ts': `function short() {\n${'  work();\n'.repeat(mostFunctionLines - 2)}}\n`, 'test/suite.ts': `describe('a', () => {\n${"  test('b', () => {\n  });\n".repeat(mostFunctionLines)}});\n` },
});

/** A suite is a list of tests, each of which counts for itself. */
function countedLines(source: Source, node: Node): number {
  const own = linesOf(source, node);
  if (!source.path.startsWith('test/')) return own;
  const within = functionsOf(source).filter((inner) => inner.start > node.start && inner.end < node.end && linesOf(source, inner) > 1);
  const outermost = within.filter((inner) => !within.some((other) => other.start < inner.start && other.end > inner.end));
  return outermost.reduce((left, inner) => left - linesOf(source, inner), own);
}

const parameterCount = fileRule({
  title: `no function has more than ${mostParameters} parameters: further ones become one options object`,
  look: (source) =>
    functionsOf(source)
      .filter(({ params }) => (params as readonly unknown[]).length > mostParameters)
      .map((node) => at(source, node, `${(node['params'] as readonly unknown[]).length} parameters`)),
  bad: { 'src/many.ts': 'function many(a: string, b: string, c: string, d: string) {}\n' },
  good: { 'src/few.ts': 'function few(a: string, b: string, options: { c: string; d: string }) {}\n' },
});

const booleanParameter = fileRule({
  title: 'no function takes a bare boolean: what would `true` mean where it is called?',
  look: (source) =>
    nodesOf(source.tree, 'FunctionDeclaration', 'MethodDefinition')
      .flatMap((node) => ((node.type === 'MethodDefinition' ? (node['value'] as Node) : node)['params'] as readonly Node[]) ?? [])
      .filter((parameter) => isBoolean(parameter.type === 'AssignmentPattern' ? (parameter['left'] as Node) : parameter))
      .map((parameter) => at(source, parameter, `a boolean parameter: ${source.text.slice(parameter.start, parameter.end)}`)),
  bad: { 'src/flag.ts': 'function remove(name: string, force: boolean) {}\n', 'src/method.ts': 'class A { remove(force: boolean = false) {} }\n' },
  good: { 'src/options.ts': 'function remove(name: string, options: { force: boolean }) {}\n' },
});

function isBoolean(parameter: Node): boolean {
  const annotation = parameter['typeAnnotation'] as { readonly typeAnnotation?: Node } | null | undefined;
  return annotation?.typeAnnotation?.type === 'TSBooleanKeyword';
}

export const sizes: readonly Rule[] = [fileSize, functionSize, parameterCount, booleanParameter];
