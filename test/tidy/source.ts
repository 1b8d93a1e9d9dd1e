// A source file as the tidy rules see it: path, text, syntax tree, comments, imports. Reads the checkout, changes nothing.

import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { parseAst } from 'vitest/node';

export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

export interface Import {
  /** `src/run/clock.ts` for a file of this project, else the package or builtin: `zod`, `node:fs`. */
  readonly target: string;
  readonly isTypeOnly: boolean;
  readonly names: readonly string[];
}

export interface Source {
  /** From the root of the checkout, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly lineCount: number;
  readonly tree: Node;
  readonly comments: readonly string[];
  /** The text with comments, strings and regular expressions blanked out, so that a search finds code only. */
  readonly code: string;
  readonly imports: readonly Import[];
}

export const root = join(import.meta.dirname, '..', '..');

const skipped = new Set(['node_modules', '.git', 'coverage', 'dist']);

/** Every file of the checkout that is not somebody else's, by its path from the root. */
export function allPaths(folder = ''): readonly string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true }).filter(({ name }) => !skipped.has(name));
  return entries.flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) return allPaths(path);
    return entry.isFile() ? [path] : [];
  });
}

export function readSources(): readonly Source[] {
  return allPaths().filter((path) => path.endsWith('.ts')).map((path) => parsed(path, readFileSync(join(root, path), 'utf8')));
}

export function parsed(path: string, text: string): Source {
  const tree = parseAst(text, { lang: 'ts', astType: 'ts' }, path) as unknown as Node;
  const { code, comments } = withoutComments(blanked(text, literals(tree)));
  return { path, text, lineCount: text.split('\n').length - (text.endsWith('\n') ? 1 : 0), tree, comments: comments.map(({ start, end }) => text.slice(start, end)), code, imports: importsOf(tree, path) };
}

export function nodesOf(tree: Node, ...types: readonly string[]): readonly Node[] {
  const found: Node[] = [];
  visit(tree, (node) => {
    if (types.includes(node.type)) found.push(node);
  });
  return found;
}

function visit(value: unknown, look: (node: Node) => void): void {
  if (Array.isArray(value)) for (const item of value) visit(item, look);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  if ('type' in value && typeof value.type === 'string') look(value as Node);
  for (const inner of Object.values(value)) visit(inner, look);
}

export function lineOf({ text }: Pick<Source, 'text'>, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Also the text parts of templates: what stands in `${}` is code. */
function literals(tree: Node): readonly Span[] {
  const strings = nodesOf(tree, 'Literal').filter(({ value, regex }) => typeof value === 'string' || regex !== undefined);
  return [...strings, ...nodesOf(tree, 'TemplateElement')];
}

function blanked(text: string, spans: readonly Span[]): string {
  const characters = text.split('');
  for (const { start, end } of spans) characters.fill(' ', start, end);
  return characters.map((character, index) => (text[index] === '\n' ? '\n' : character)).join('');
}

function withoutComments(text: string): { readonly code: string; readonly comments: readonly Span[] } {
  const comments = [...text.matchAll(/\/\/[^\n]*|\/\*[\s\S]*?\*\//g)].map(({ 0: comment, index }) => ({ start: index, end: index + comment.length }));
  return { code: blanked(text, comments), comments };
}

function importsOf(tree: Node, path: string): readonly Import[] {
  const declarations = nodesOf(tree, 'ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration', 'ImportExpression');
  return declarations.flatMap((node) => {
    const specifier = (node['source'] as { readonly value?: unknown } | null | undefined)?.value;
    if (typeof specifier !== 'string') return [];
    const specifiers = (node['specifiers'] ?? []) as readonly Specifier[];
    const isTypeOnly = (node['importKind'] ?? node['exportKind']) === 'type' || (specifiers.length > 0 && specifiers.every(({ importKind }) => importKind === 'type'));
    const target = specifier.startsWith('.') ? posix.normalize(posix.join(posix.dirname(path), specifier)) : specifier;
    return [{ target, isTypeOnly, names: specifiers.map(({ imported, local }) => imported?.name ?? local?.name ?? '') }];
  });
}

interface Specifier {
  readonly importKind?: string;
  readonly imported?: { readonly name?: string };
  readonly local?: { readonly name?: string };
}
