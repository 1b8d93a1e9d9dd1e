// Walking a zod schema: what keys there are, which branch of a union is meant, what a key is for. Validates nothing.

import type * as z from 'zod';

export type Shape =
  | { readonly kind: 'object'; readonly keys: Readonly<Record<string, z.ZodType>> }
  | { readonly kind: 'record'; readonly value: z.ZodType }
  | { readonly kind: 'list'; readonly item: z.ZodType }
  | { readonly kind: 'union'; readonly branches: readonly Branch[] }
  | { readonly kind: 'leaf'; readonly schema: z.ZodType };

export interface Branch {
  /** The key that tells it from the others. */
  readonly key: string;
  readonly keys: Readonly<Record<string, z.ZodType>>;
  readonly schema: z.ZodType;
}

interface Definition {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly element?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly shape?: Record<string, z.ZodType>;
  readonly defaultValue?: unknown;
}

export function shapeOf(schema: z.ZodType): Shape {
  const inner = unwrap(schema);
  const { type, shape, element, valueType, options } = definition(inner);
  if (type === 'object' && shape !== undefined) return { kind: 'object', keys: shape };
  if (type === 'record' && valueType !== undefined) return { kind: 'record', value: valueType };
  if (type === 'array' && element !== undefined) return { kind: 'list', item: element };
  if (type === 'union' && options !== undefined) return { kind: 'union', branches: options.map(branch) };
  return { kind: 'leaf', schema: inner };
}

/**
 * The branch that `value` means: the one with the most keys that no other branch has; undefined when nothing speaks for
 * any. So `{ gitt, ref, path }` means the branch of `git`, although `path` alone is a branch as well.
 */
export function branchFor(branches: readonly Branch[], value: unknown): Branch | undefined {
  if (!isMapping(value)) return undefined;
  const scores = branches.map((candidate) => ({ candidate, score: evidence(candidate, branches, Object.keys(value)) }));
  const best = Math.max(...scores.map(({ score }) => score));
  return best === 0 ? undefined : scores.find(({ score }) => score === best)?.candidate;
}

function evidence(candidate: Branch, branches: readonly Branch[], given: readonly string[]): number {
  const shared = (key: string): boolean => branches.some((other) => other !== candidate && Object.hasOwn(other.keys, key));
  const alone = given.filter((key) => Object.hasOwn(candidate.keys, key) && !shared(key)).length;
  // Its own key, though shared, says more than nothing.
  return alone + (given.includes(candidate.key) ? 0.5 : 0);
}

/** The schema of what stands under `key`, in the branch that `value` means. */
export function childOf(schema: z.ZodType, key: string | number, value: unknown): z.ZodType | undefined {
  const shape = shapeOf(schema);
  if (shape.kind === 'object') return own(shape.keys, key);
  if (shape.kind === 'record') return shape.value;
  if (shape.kind === 'list') return shape.item;
  return shape.kind === 'union' ? own(branchFor(shape.branches, value)?.keys ?? {}, key) : undefined;
}

/** Its `describe` text, wherever between its wrappers that was said. */
export function descriptionOf(schema: z.ZodType): string | undefined {
  if (schema.description !== undefined) return schema.description;
  const inner = innerOf(schema);
  return inner === undefined ? undefined : descriptionOf(inner);
}

/** What people call its type: `duration`, `path`. */
export function typeNameOf(schema: z.ZodType): string | undefined {
  const name = schema.meta()?.['typeName'];
  if (typeof name === 'string') return name;
  const inner = innerOf(schema);
  return inner === undefined ? undefined : typeNameOf(inner);
}

/** What it is when nothing is given, as it would be written; undefined when there is no default. */
export function defaultOf(schema: z.ZodType): unknown {
  const { type, defaultValue } = definition(schema);
  return type === 'default' || type === 'prefault' ? defaultValue : undefined;
}

export function isRequired(schema: z.ZodType): boolean {
  return !['optional', 'default', 'prefault'].includes(definition(schema).type);
}

export function unwrap(schema: z.ZodType): z.ZodType {
  const inner = innerOf(schema);
  return inner === undefined ? schema : unwrap(inner);
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function branch(schema: z.ZodType): Branch {
  const shape = shapeOf(schema);
  const keys = shape.kind === 'object' ? shape.keys : {};
  return { key: Object.keys(keys)[0] ?? '', keys, schema };
}

function innerOf(schema: z.ZodType): z.ZodType | undefined {
  const { innerType, in: input } = definition(schema);
  return innerType ?? input;
}

function own(keys: Readonly<Record<string, z.ZodType>>, key: string | number): z.ZodType | undefined {
  return Object.hasOwn(keys, key) ? keys[key] : undefined;
}

function definition(schema: z.ZodType): Definition {
  return schema.def as unknown as Definition;
}
