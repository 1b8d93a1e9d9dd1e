// docs/configuration.md: every key of an environment file with type, default and meaning, read from the schema.

import type { z } from 'zod';
import { environment } from '../../src/config/environment.ts';
import { defaultOf, descriptionOf, isRequired, shapeOf, typeNameOf, unwrap } from '../../src/config/schema.ts';

const introduction = `# Configuration

<!-- Made by \`npm run generate\` from src/config: do not edit. -->

One file per environment, layered like Helm's values: \`-f base.yaml -f prod.yaml\`. Mappings merge, lists and scalars
replace, null removes. Every key is checked before anything happens; each fault is told with its file, line and column,
all at once, exit code 2: \`changeover validate -f FILE\`. Commented examples are in [config/](../config/).

- A *path* is relative to the file it stands in.
- A *duration* is written as 30s, 20m, 1h30m or 2d.
- A *name* is a name as Kubernetes wants it: lower-case letters, digits and dashes.
- A *secret* says where a text is read from when it is needed: \`{ secret: { name, key, namespace } }\`, a key of a
  Secret in the cluster, or \`{ file }\`. Without \`namespace\` it is the runner’s own, for \`load\` the candidate’s.
- \`[]\` stands for an entry of a list, \`*\` for a key of your choice. Of keys marked *either*, exactly one is given.
`;

interface Row {
  readonly key: string;
  readonly type: string;
  readonly fallback: string;
  readonly meaning: string;
}

export function configurationPage(): string {
  const shape = shapeOf(environment);
  const keys = shape.kind === 'object' ? Object.entries(shape.keys) : [];
  const top = table(keys.map(([key, schema]) => rowOf(key, schema, '')));
  const sections = keys.flatMap(([key, schema]) => {
    const rows = rowsBelow(key, schema);
    return rows.length === 0 ? [] : [`## \`${key}\`\n\n${descriptionOf(schema) ?? ''}.\n\n${table(rows)}`];
  });
  return [introduction, `## Top level\n\n${top}`, ...sections].join('\n').replace(/\n+$/, '\n');
}

function rowsBelow(prefix: string, schema: z.ZodType): readonly Row[] {
  if (typeNameOf(schema) === 'secret') return [];
  const shape = shapeOf(schema);
  if (shape.kind === 'list') return rowsBelow(`${prefix}[]`, shape.item);
  if (shape.kind === 'record') return rowsBelow(`${prefix}.*`, shape.value);
  if (shape.kind === 'object') return Object.entries(shape.keys).flatMap(([key, inner]) => withBelow(`${prefix}.${key}`, inner, ''));
  if (shape.kind !== 'union') return [];
  const seen = new Set<string>();
  const choice = shape.branches.map(({ key }) => key);
  return shape.branches.flatMap((branch) =>
    Object.entries(branch.keys).flatMap(([key, inner]) => {
      const common = shape.branches.every((other) => Object.hasOwn(other.keys, key));
      if (common && seen.has(key)) return [];
      seen.add(key);
      const note = choice.includes(key) && key === branch.key ? '*either* ' : common ? '' : `with \`${branch.key}\`: `;
      return withBelow(`${prefix}.${key}`, inner, note);
    }),
  );
}

function withBelow(key: string, schema: z.ZodType, note: string): readonly Row[] {
  return [rowOf(key, schema, note), ...rowsBelow(key, schema)];
}

function rowOf(key: string, schema: z.ZodType, note: string): Row {
  const description = descriptionOf(schema) ?? '';
  return { key: `\`${key}\``, type: typeOf(schema), fallback: fallbackOf(schema), meaning: `${note}${description}` };
}

function fallbackOf(schema: z.ZodType): string {
  if (isRequired(schema)) return '**required**';
  const value = defaultOf(schema);
  const empty = typeof value === 'object' && value !== null && Object.keys(value).length === 0 && !Array.isArray(value);
  return value === undefined || empty ? '' : `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function typeOf(schema: z.ZodType): string {
  const named = typeNameOf(schema);
  if (named !== undefined) return named;
  const shape = shapeOf(schema);
  if (shape.kind === 'list') return `list of ${typeOf(shape.item)}`;
  if (shape.kind === 'leaf') return leafType(shape.schema);
  return 'mapping';
}

function leafType(schema: z.ZodType): string {
  const inner = unwrap(schema);
  const definition = inner.def as { readonly type: string; readonly entries?: Record<string, string>; readonly format?: string };
  if (definition.entries !== undefined) return Object.values(definition.entries).join(' \\| ');
  if (definition.type === 'number') return 'number';
  return definition.format === 'url' ? 'URL' : definition.type === 'string' ? 'text' : definition.type;
}

function table(rows: readonly Row[]): string {
  const lines = rows.map(({ key, type, fallback, meaning }) => `| ${key} | ${type} | ${fallback} | ${meaning} |`);
  return ['| key | type | default | meaning |', '|---|---|---|---|', ...lines, ''].join('\n');
}
