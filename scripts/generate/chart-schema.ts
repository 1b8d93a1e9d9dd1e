// The JSON Schema of the chart's values: the environment file as a whole, after all layers. Strict at every depth, for Helm,
// which checks it before anything is rendered; what only the program can check (contradictions, schedules) is left to it.

import { z } from 'zod';
import { environment } from '../../src/config/environment.ts';
import { isMapping } from '../../src/config/schema.ts';
import { orNull, tidy } from './schema.ts';

export function chartSchema(): string {
  const schema = z.toJSONSchema(environment, { io: 'input', target: 'draft-7', override: ({ jsonSchema }) => forGo(jsonSchema) });
  const titled = { $schema: schema.$schema, title: 'Values of the changeover chart: an environment', ...(merged(schema, '') as object) };
  return `${JSON.stringify(titled, null, 2)}\n`;
}

/** Go's regular expressions know no lookahead, and Helm refuses the whole schema for one of them. */
function forGo(schema: Record<string, unknown>): void {
  tidy(schema);
  if (typeof schema['pattern'] === 'string' && schema['pattern'].includes('(?!')) delete schema['pattern'];
}

/** What chart/values.yaml gives and the templates rely on: by path, keys that null must not remove. */
const relied: Readonly<Record<string, readonly string[]>> = {
  '': ['pod'],
  '.pod': ['image', 'terminationGracePeriod', 'replacements', 'startingDeadline', 'history', 'serviceAccount', 'networkPolicy'],
  '.pod.image': ['repository', 'pullPolicy'],
  '.pod.history': ['succeeded', 'failed'],
};

/** Layers are merged before the check: null in place of a mapping's optional key is what removed it. Lists are as they are. */
function merged(schema: unknown, path: string): unknown {
  if (!isMapping(schema)) return schema;
  const { properties, anyOf, required } = schema;
  const needed: readonly unknown[] = [...(Array.isArray(required) ? (required as unknown[]) : []), ...(relied[path] ?? [])];
  const below = (key: string, inner: unknown): unknown => (needed.includes(key) ? merged(inner, `${path}.${key}`) : orNull(merged(inner, `${path}.${key}`)));
  return {
    ...schema,
    ...(needed.length === 0 ? {} : { required: needed }),
    ...(isMapping(properties) ? { properties: Object.fromEntries(Object.entries(properties).map(([key, inner]) => [key, below(key, inner)])) } : {}),
    ...(Array.isArray(anyOf) ? { anyOf: withoutRivals(anyOf.map((branch) => merged(branch, path))) } : {}),
  };
}

/** An alternative that a lower layer chose is removed by null, and leaves that behind. */
function withoutRivals(branches: readonly unknown[]): readonly unknown[] {
  const keys = [...new Set(branches.flatMap((branch) => Object.keys(propertiesOf(branch))))];
  return branches.map((branch) => {
    if (!isMapping(branch) || branch['properties'] === undefined) return branch;
    const own = propertiesOf(branch);
    const rivals = keys.filter((key) => !Object.hasOwn(own, key)).map((key): [string, object] => [key, { type: 'null' }]);
    return { ...branch, properties: { ...own, ...Object.fromEntries<unknown>(rivals) } };
  });
}

function propertiesOf(schema: unknown): Readonly<Record<string, unknown>> {
  return isMapping(schema) && isMapping(schema['properties']) ? schema['properties'] : {};
}
