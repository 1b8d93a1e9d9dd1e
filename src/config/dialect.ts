// Where Helm, which reads YAML 1.1, would read something else than this program, which reads 1.2. Only in mappings of free form:
// everywhere else a word that has become a truth is of the wrong type, and is told as that. Never repeats a value.

import type * as z from 'zod';
import { childOf, shapeOf, unwrap } from './schema.ts';
import { dotted, type Entry, type MapNode, type Node, type Path, type Problem } from './tree.ts';

/**
 * Whether a plain scalar of this text means two things: `yes`, `on`, `0644`, `1_000`, `0b11`.
 * Source: `resolve` of sigs.k8s.io/yaml/goyaml.v2, which Helm 3 and 4 read values with; tried on Helm 4.2.
 */
export function isTwofold(text: string): boolean {
  if (/^(y|yes|n|no|on|off)$/i.test(text)) return true;
  if (/^[-+]?0b[01_]+$/.test(text)) return true;
  if (/^[-+]?0[0-7_]+$/.test(text)) return Number.parseInt(text.replaceAll('_', ''), 8) !== Number.parseInt(text, 10);
  return /^[-+.\d].*_/.test(text) && /^[-+]?(0x[0-9a-f]+|(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?)$/i.test(text.replaceAll('_', ''));
}

/** One problem per key or value that would reach a chart as something else. */
export function dialectProblems(root: MapNode, schema: z.ZodType): readonly Problem[] {
  return below(root, schema, []);
}

function below(node: Node, schema: z.ZodType | undefined, path: Path): readonly Problem[] {
  if (schema === undefined) return [];
  if (isAnything(schema)) return inside(node, path);
  if (node.kind === 'list') return node.items.flatMap((item, index) => below(item, childOf(schema, index, undefined), [...path, index]));
  if (node.kind !== 'map') return [];
  const free = shapeOf(schema).kind === 'record';
  const given = Object.fromEntries([...node.entries.keys()].map((key) => [key, true]));
  return [...node.entries].flatMap(([key, entry]) => [...(free ? ofKey(entry, [...path, key]) : []), ...below(entry.value, childOf(schema, key, given), [...path, key])]);
}

/** Nobody but the chart knows what belongs here. */
function inside(node: Node, path: Path): readonly Problem[] {
  if (node.kind === 'list') return node.items.flatMap((item, index) => inside(item, [...path, index]));
  if (node.kind === 'map') return [...node.entries].flatMap(([key, entry]) => [...ofKey(entry, [...path, key]), ...inside(entry.value, [...path, key])]);
  return node.twofold === true ? [{ at: node.at, message: `\`${dotted(path)}\` means one thing in YAML 1.1, which Helm reads, and another in 1.2; put it in quotes, or write true, false or a decimal number` }] : [];
}

function ofKey({ at, twofold }: Entry, path: Path): readonly Problem[] {
  return twofold === true ? [{ at, message: `the key \`${dotted(path)}\` means one thing in YAML 1.1, which Helm reads, and another in 1.2; put it in quotes` }] : [];
}

function isAnything(schema: z.ZodType): boolean {
  return (unwrap(schema).def as { readonly type: string }).type === 'unknown';
}
