// Rules about the language: nothing that turns the checks off, nothing that Node could not run as it stands.

import { at, fileRule, type Finding, type Rule } from './rule.ts';
import { lineOf, nodesOf, type Source } from './source.ts';

function nodeRule(title: string, type: string, example: { readonly bad: string; readonly good: string; readonly except?: RegExp }): Rule {
  return fileRule({
    title,
    applies: (path) => example.except?.test(path) !== true,
    look: (source) => nodesOf(source.tree, type).map((node) => at(source, node, source.text.slice(node.start, Math.min(node.end, node.start + 60)))),
    bad: { 'src/example.ts': example.bad },
    good: { 'src/example.ts': example.good },
  });
}

function commentRule(title: string, pattern: RegExp, example: { readonly bad: string; readonly good: string }): Rule {
  return fileRule({
    title,
    look: (source) => source.comments.filter((comment) => pattern.test(comment)).map((comment) => inComment(source, comment)),
    bad: { 'src/example.ts': example.bad },
    good: { 'src/example.ts': example.good },
  });
}

function inComment(source: Source, comment: string): Omit<Finding, 'path'> {
  return { line: lineOf(source, source.text.indexOf(comment)), problem: comment.split('\n')[0] ?? '' };
}

export const language: readonly Rule[] = [
  nodeRule('nothing has the type `any`', 'TSAnyKeyword', { bad: 'const a = b as any;\n', good: 'const any = b as unknown as string;\n' }),
  nodeRule('there are no enums', 'TSEnumDeclaration', { bad: 'enum Color { red }\n', good: "const color = ['red'] as const;\n" }),
  nodeRule('there are no parameter properties', 'TSParameterProperty', { bad: 'class A { constructor(private readonly a: string) {} }\n', good: 'class A { constructor(a: string) {} }\n' }),
  nodeRule('exports have names: there is no default export', 'ExportDefaultDeclaration', {
    bad: 'export default function () {}\n',
    good: 'export function named() {}\n',
    // Vitest wants its configuration so.
    except: /^vitest\.config\.ts$/,
  }),
  nodeRule('`namespace` is for Kubernetes only', 'TSModuleDeclaration', { bad: 'namespace A { export const a = 1; }\n', good: "const namespace = 'prod-2hpwr';\n" }),
  commentRule('nothing is left for later in a comment', /\b(TODO|FIXME|XXX|HACK)\b/, { bad: `// ${'TO'}${'DO'}: later\n`, good: '// A todo list is a page.\n' }),
  commentRule('no comment turns the compiler or the linter off', /@ts-(ignore|expect-error|nocheck)|(oxlint|eslint|biome|prettier)-(disable|ignore)/, {
    bad: `// @ts-${'ignore'}\nconst a: string = 1;\n`,
    good: '// The linter is right here.\n',
  }),
];
