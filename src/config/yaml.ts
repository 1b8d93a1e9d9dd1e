// One YAML text to located nodes. Bounded: no document, however its aliases multiply, costs more than its limits.

import { type Alias, type CST, Composer, type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type ParsedNode, Parser, visit, type YAMLError, type YAMLMap, YAMLParseError } from 'yaml';
import { sizeOf } from '../yaml-size.ts';
import { isTwofold } from './dialect.ts';
import type { Entry, MapNode, Node, Position, Problem } from './tree.ts';

export interface Source {
  /** As given on the command line. */
  readonly file: string;
  readonly text: string;
}

export type Parsed = { readonly root: MapNode } | { readonly problems: readonly Problem[] };

export const mostYamlBytes = 1_048_576;
export const tooLarge = 'the file is larger than 1 MiB; an environment file is a page or two';
const maxNodes = 50_000;
const maxDepth = 60;

/** What all texts that are read together may cost: each takes its share. */
export interface Allowance {
  characters: number;
  /** Of what is written out, with what stands between: as `sizeOf` counts. Thirty pages of values have 40,000. */
  written: number;
  /** With aliases written out. */
  nodes: number;
}

export function freshAllowance(): Allowance {
  return { characters: 2 * mostYamlBytes, written: 100_000, nodes: maxNodes };
}

/** The document's mapping, or all that is wrong with it. An empty file is an empty mapping. */
export function parseYaml(source: Source, allowance: Allowance = freshAllowance()): Parsed {
  const start: Position = { file: source.file, line: 1, column: 1 };
  if (source.text.length > mostYamlBytes) return { problems: [{ at: start, message: tooLarge }] };
  if (!isAllowed(source.text, allowance)) return { problems: [{ at: start, message: tooMuch }] };
  const lines = new LineCounter();
  const document = readDocument(source.text, lines);
  if (document === undefined) return { problems: [{ at: start, message: tooDeep }] };
  const place = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { file: source.file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const wrong = [...document.errors, ...document.warnings].slice(0, mostProblems);
  if (wrong.length > 0) return { problems: wrong.map((error) => ({ at: place(error.pos[0]), message: syntaxMessage(error) })) };
  return locate(document, { place, allowance }, start);
}

const tooMuch = 'there is more in the file, with those before it, than in any environment; an environment file is a page or two';
const tooDeep = `mappings and lists are nested more than ${maxDepth} levels deep; write them flatter`;

function isAllowed(text: string, allowance: Allowance): boolean {
  allowance.characters -= text.length;
  if (allowance.characters < 0) return false;
  allowance.written -= sizeOf(text, allowance.written);
  return allowance.written >= 0;
}

/** As `parseDocument` of the package does. Undefined when the parser itself runs out of stack. */
function readDocument(text: string, lineCounter: LineCounter): Document.Parsed | undefined {
  const composer = new Composer({ lineCounter, prettyErrors: false, version: '1.2', uniqueKeys: false });
  try {
    const [document, second] = composer.compose(upToProblems(new Parser(lineCounter.addNewLine).parse(text)), true, text.length);
    if (second !== undefined) document?.errors.push(new YAMLParseError([second.range[0], second.range[1]], 'MULTIPLE_DOCS', ''));
    return document;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Each error costs as much as a page of YAML, and nobody reads more of them. */
function* upToProblems(tokens: Iterable<CST.Token>): Generator<CST.Token> {
  let problems = 0;
  for (const token of tokens) {
    if (token.type === 'error' || token.type === 'directive') problems += 1;
    if (problems > mostProblems) return;
    yield token;
  }
}

function locate(document: Document.Parsed, { place, allowance }: Pick<Walker, 'place' | 'allowance'>, start: Position): Parsed {
  const problems: Problem[] = [];
  const contents = document.contents;
  if (contents === null || (isScalar(contents) && contents.value === null)) return { root: { kind: 'map', at: start, entries: new Map() } };
  const walker: Walker = { targets: aliasTargets(document), place, problems, allowance };
  const root = walk(contents, 0, walker);
  if (problems.length === 0 && root.kind !== 'map') problems.push({ at: root.at, message: `the file is ${root.kind === 'list' ? 'a list' : 'a single text'}; it must be a mapping of keys such as environment: prod` });
  return problems.length > 0 || root.kind !== 'map' ? { problems } : { root };
}

interface Walker {
  readonly targets: ReadonlyMap<Alias, ParsedNode>;
  readonly place: (offset: number) => Position;
  readonly problems: Problem[];
  readonly allowance: Allowance;
}

/** Each alias means the last anchor of its name before it. The package looks for it anew each time, among all that stands there. */
function aliasTargets(document: Document.Parsed): Walker['targets'] {
  const anchors = new Map<string, ParsedNode>();
  const targets = new Map<Alias, ParsedNode>();
  visit(document, {
    Node: (_, node) => {
      const target = isAlias(node) ? anchors.get(node.source) : undefined;
      if (isAlias(node) && target !== undefined) targets.set(node, target);
      if (!isAlias(node) && node.anchor !== undefined) anchors.set(node.anchor, node as ParsedNode);
    },
  });
  return targets;
}

function walk(node: ParsedNode, depth: number, walker: Walker): Node {
  const at = walker.place(node.range[0]);
  walker.allowance.nodes -= 1;
  if (depth > maxDepth) return give(walker, at, tooDeep);
  if (walker.allowance.nodes < 0) return give(walker, at, 'aliases multiply to a document that is far too large; write the values out');
  if (node.tag !== undefined && !knownTags.test(node.tag)) return give(walker, at, noTags);
  if (isAlias(node)) return walkAlias(node, { at, depth }, walker);
  if (isMap(node)) return { kind: 'map', at, entries: new Map(entriesOf(node as YAMLMap.Parsed, depth, walker)) };
  if (isSeq(node)) return { kind: 'list', at, items: node.items.map((item) => walk(item as ParsedNode, depth + 1, walker)) };
  return { kind: 'scalar', at, value: isScalar(node) ? node.value : null, ...marked(node) };
}

function walkAlias(alias: Alias.Parsed, { at, depth }: { readonly at: Position; readonly depth: number }, walker: Walker): Node {
  const target = walker.targets.get(alias);
  if (target === undefined) return give(walker, at, `there is no anchor &${alias.source} before this alias; write the value here`);
  // An alias inside its own anchor would never end: the depth limit would catch it, but say something less clear.
  if (contains(target, alias)) return give(walker, at, `the alias *${alias.source} stands inside its own anchor; write the value out`);
  return walk(target, depth + 1, walker);
}

function contains(target: ParsedNode, alias: Alias.Parsed): boolean {
  return target.range[0] <= alias.range[0] && alias.range[0] < target.range[1];
}

function* entriesOf(map: YAMLMap.Parsed, depth: number, walker: Walker): Iterable<readonly [string, Entry]> {
  // The parser would compare each key with each other one: a minute for fifty thousand.
  const known = new Set<string>();
  for (const { key, value } of map.items) {
    const at = walker.place(key.range[0]);
    const name = wordOf(key);
    if (name === undefined) {
      give(walker, at, 'a key must be a plain word; write key: value');
    } else if (name === '<<') {
      give(walker, at, 'merge keys (<<) are not supported; layer files with -f base.yaml -f more.yaml');
    } else if (known.has(name)) {
      give(walker, at, `key \`${name.slice(0, 60)}\` is given twice; keep one of the two`);
    } else {
      known.add(name);
      yield [name, { at, ...marked(key), value: isEmpty(value) ? { kind: 'scalar', at, value: null } : walk(value, depth + 1, walker) }];
    }
  }
}

/** Only what stands there without quotes can be read in two ways. */
function marked(node: ParsedNode): { readonly twofold?: true } {
  return isScalar(node) && node.type === 'PLAIN' && isTwofold(node.source) ? { twofold: true } : {};
}

/** Numbers and true or false may be keys as well: they are texts then, as in JSON. */
function wordOf(key: ParsedNode): string | undefined {
  const value: unknown = isScalar(key) ? key.value : undefined;
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? JSON.stringify(value) : undefined;
}

const noTags = 'tags such as !name are not supported; write the plain value';
/** Those that change no structure: an ordered mapping is a list of pairs, a set a mapping. */
const knownTags = /^tag:yaml\.org,2002:(str|int|float|bool|null|map|seq)$/;

/** `key:` with nothing behind it has no place of its own. */
function isEmpty(node: ParsedNode | null): node is null {
  return node === null || (isScalar(node) && node.value === null && node.range[0] === node.range[1]);
}

const mostProblems = 100;

/** Notes a problem, once per place, and stands in for the node that has it. */
function give(walker: Walker, at: Position, message: string): Node {
  const same = walker.problems.some((problem) => problem.message === message);
  if (!same && walker.problems.length < mostProblems) walker.problems.push({ at, message });
  return { kind: 'scalar', at, value: null };
}

function syntaxMessage(error: YAMLError): string {
  if (error.code === 'TAG_RESOLVE_FAILED') return noTags;
  if (error.code === 'MULTIPLE_DOCS') return 'the file holds several documents (---); keep one per file and layer them with -f';
  if (error.code === 'TAB_AS_INDENT') return 'a tab is used to indent; use spaces';
  if (/call stack/.test(error.message)) return tooDeep;
  // The parser's own words name no values of the file, except after a colon.
  return `not valid YAML (${firstSentence(error.message)}); correct the line`;
}

function firstSentence(message: string): string {
  return (message.split(/[:\n]/)[0] ?? message).trim().replace(/^[A-Z](?=[a-z ])/, (letter) => letter.toLowerCase());
}
