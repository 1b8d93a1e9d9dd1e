// What is wrong with an environment, with places: zod's findings in the words and at the places of the files.

import type * as z from 'zod';
import { nearest } from './nearest.ts';
import { branchFor, childOf, descriptionOf, isMapping, shapeOf, typeNameOf, type Branch } from './schema.ts';
import { dotted, keyPosition, nodeAt, positionOf, toValue, type Node, type Path, type Problem } from './tree.ts';
import { seen, wordsFor } from './wording.ts';

export interface Subject {
  readonly schema: z.ZodType;
  readonly root: Node;
}

type Issue = z.core.$ZodIssue;

interface Finding extends Problem {
  /** The key that is not there, or that a misspelt one was meant to be. */
  readonly lacks?: string;
  readonly suggests?: string;
}

/** One problem per fault, in no particular order. */
export function explain(issues: readonly Issue[], subject: Subject): readonly Problem[] {
  const findings = explainBelow([], issues, subject);
  const suggested = new Set(findings.map(({ suggests }) => suggests));
  // `servise` explains why `service` is missing: one fault, told once.
  return findings.filter(({ lacks }) => lacks === undefined || !suggested.has(lacks));
}

/** `issues` have paths that start at `base`. */
function explainBelow(base: Path, issues: readonly Issue[], subject: Subject): readonly Finding[] {
  const unions = new Map<string, Path>();
  const plain: Finding[] = [];
  for (const issue of issues) {
    const path = [...base, ...(issue.path as Path)];
    const union = unionOn(path, base.length, subject);
    if (union === undefined) plain.push(...explainIssue(issue, path, subject));
    else unions.set(dotted(union), union);
  }
  return [...plain, ...[...unions.values()].flatMap((union) => explainUnion(union, subject))];
}

/** The first union on the way from `from` to the end of `path`. The branch at `from` itself is settled. */
function unionOn(path: Path, from: number, subject: Subject): Path | undefined {
  for (let length = from + 1; length <= path.length; length += 1) {
    const schema = schemaAt(path.slice(0, length), subject);
    if (schema !== undefined && shapeOf(schema).kind === 'union' && nodeAt(subject.root, path.slice(0, length)) !== undefined) return path.slice(0, length);
  }
  return undefined;
}

function explainIssue(issue: Issue, path: Path, subject: Subject): readonly Finding[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key, subject));
  if (issue.code === 'invalid_key') return [wrongKey(path, issue.issues[0]?.message ?? 'is not right', subject)];
  const node = nodeAt(subject.root, path);
  if (node === undefined) return [missing(path, subject)];
  if (isSecretText(path, subject)) return [{ at: node.at, message: `\`${dotted(path)}\` is no text; put it in quotes` }];
  return [{ at: node.at, message: `\`${dotted(path)}\` ${faultOf(issue, toValue(node))}` }];
}

/** A key of the operator's own choice. What stands under it is not repeated: it may be a secret. */
function wrongKey(path: Path, message: string, { root }: Subject): Finding {
  const key = String(path.at(-1));
  const mapping = path.slice(0, -1);
  return { at: keyPosition(root, mapping, key), message: `key ${quoted(key)} in \`${dotted(mapping)}\` is not right; it ${message}` };
}

function isSecretText(path: Path, subject: Subject): boolean {
  const schema = schemaAt(path, subject);
  return schema !== undefined && typeNameOf(schema) === 'secret text';
}

function faultOf(issue: Issue, value: unknown): string {
  if (value === null) return `is empty; it ${issue.message.replace(/; put it in quotes$/, '')}, or leave the key out`;
  if (issue.code === 'invalid_type') return `is ${seen(value)}; it ${issue.message}`;
  if (issue.code === 'invalid_format' && issue.format === 'url') return `is not right; it ${issue.message}`;
  return `is ${quoted(value)}; it ${issue.message}`;
}

/** Only for values of a kind that is never secret: names, durations, numbers. */
function quoted(value: unknown): string {
  if (typeof value !== 'string') return seen(value);
  // An address may have a password in it.
  const shown = value.replace(/\/\/[^/@]*@/, '//…@');
  return shown === '' ? 'empty' : shown.length > 60 ? `“${shown.slice(0, 57)}…”` : `“${shown}”`;
}

function missing(path: Path, subject: Subject): Finding {
  const parent = path.slice(0, -1);
  const schema = schemaAt(path, subject);
  const meaning = schema === undefined ? undefined : descriptionOf(schema);
  const purpose = meaning === undefined ? '' : ` (${lowerFirst(meaning)})`;
  return { at: positionOf(subject.root, parent), lacks: dotted(path), message: `\`${dotted(path)}\` is missing; add \`${path.at(-1)}:\`${purpose}` };
}

function unknownKey(path: Path, key: string, subject: Subject): Finding {
  const at = keyPosition(subject.root, path, key);
  const rival = rivalBranch(path, key, subject);
  if (rival !== undefined) return { at, message: rival };
  const known = knownKeys(path, subject);
  const guess = nearest(key, known);
  const where = path.length === 0 ? '' : ` in \`${dotted(path)}\``;
  if (guess !== undefined) return { at, suggests: dotted([...path, guess]), message: `unknown key \`${key}\`${where}; did you mean \`${guess}\`?` };
  const home = path.length === 0 ? homeOf(key, subject) : undefined;
  return { at, message: `unknown key \`${key}\`${where}; ${home === undefined ? `known are ${known.join(', ')}` : `did you mean \`${home}\`?`}` };
}

/** A key of one branch beside the key of another: layered files often bring that about. */
function rivalBranch(path: Path, key: string, subject: Subject): string | undefined {
  const schema = schemaAt(path, subject);
  const shape = schema === undefined ? undefined : shapeOf(schema);
  if (shape?.kind !== 'union') return undefined;
  const value = valueAt(path, subject);
  const chosen = branchFor(shape.branches, value);
  const other = shape.branches.find((branch) => branch !== chosen && Object.hasOwn(branch.keys, key));
  if (chosen === undefined || other === undefined || !isMapping(value) || !Object.hasOwn(value, chosen.key)) return undefined;
  const { file, line, column } = keyPosition(subject.root, path, chosen.key);
  const full = dotted([...path, key]);
  return `\`${full}\` cannot be given together with \`${chosen.key}\` (${file}:${line}:${column}); remove one of the two (null removes a key of a lower layer)`;
}

/** zod picks a branch by its own lights, or tells of all: the branch that was meant is asked again, alone. */
function explainUnion(path: Path, subject: Subject): readonly Finding[] {
  const schema = schemaAt(path, subject);
  const shape = schema === undefined ? undefined : shapeOf(schema);
  const branches = shape?.kind === 'union' ? shape.branches : [];
  const value = valueAt(path, subject);
  const chosen = branchFor(branches, value);
  if (chosen === undefined) return noBranch(branches, path, subject);
  const { error } = chosen.schema.safeParse(value, { error: wordsFor });
  return explainBelow(path, error?.issues ?? [], subject);
}

function noBranch(branches: readonly Branch[], path: Path, subject: Subject): readonly Finding[] {
  const value = valueAt(path, subject);
  const keys = branches.map(({ key }) => key);
  const choice = `a mapping with ${keys.length === 2 ? 'either' : 'one of'} ${listed(keys)}`;
  const at = positionOf(subject.root, path);
  if (!isMapping(value)) return [{ at, message: `\`${dotted(path)}\` is ${seen(value)}; it must be ${choice}` }];
  const common = new Set(branches.flatMap((branch) => Object.keys(branch.keys)));
  const unknown = Object.keys(value).filter((key) => !common.has(key));
  const misspelt = unknown.filter((key) => nearest(key, keys) !== undefined);
  if (misspelt.length > 0) return misspelt.map((key) => unknownKey(path, key, subject));
  return [{ at, message: `\`${dotted(path)}\` has none of ${listed(keys, 'and')}; it must be ${choice}` }];
}

function listed(keys: readonly string[], word = 'or'): string {
  const quotedKeys = keys.map((key) => `\`${key}\``);
  return quotedKeys.length < 2 ? quotedKeys.join('') : `${quotedKeys.slice(0, -1).join(', ')} ${word} ${quotedKeys.at(-1)}`;
}

function knownKeys(path: Path, subject: Subject): readonly string[] {
  const schema = schemaAt(path, subject);
  const shape = schema === undefined ? undefined : shapeOf(schema);
  if (shape?.kind === 'object') return Object.keys(shape.keys);
  if (shape?.kind !== 'union') return [];
  const chosen = branchFor(shape.branches, valueAt(path, subject));
  const branches = chosen === undefined ? shape.branches : [chosen];
  return [...new Set(branches.flatMap((branch) => Object.keys(branch.keys)))];
}

/** `chart` at top level belongs into `release`. */
function homeOf(key: string, { schema }: Subject): string | undefined {
  const shape = shapeOf(schema);
  if (shape.kind !== 'object') return undefined;
  const homes = Object.entries(shape.keys).flatMap(([section, inner]) => {
    const innerShape = shapeOf(inner);
    return innerShape.kind === 'object' && Object.hasOwn(innerShape.keys, key) ? [`${section}.${key}`] : [];
  });
  return homes.length === 1 ? homes[0] : undefined;
}

function schemaAt(path: Path, { schema, root }: Subject): z.ZodType | undefined {
  let present: z.ZodType | undefined = schema;
  for (const [index, key] of path.entries()) {
    const around = nodeAt(root, path.slice(0, index));
    present = present === undefined ? undefined : childOf(present, key, around === undefined ? undefined : toValue(around));
  }
  return present;
}

function valueAt(path: Path, { root }: Subject): unknown {
  const node = nodeAt(root, path);
  return node === undefined ? undefined : toValue(node);
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z ]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
