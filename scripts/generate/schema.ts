// The JSON Schema of an environment file, for editors. Looser than the check itself: a layer may lack what another has.

import { z } from 'zod';
import { environment } from '../../src/config/environment.ts';
import { isMapping } from '../../src/config/schema.ts';

/** Draft 7, which the YAML language server understands best. */
export function environmentSchema(): string {
  const schema = z.toJSONSchema(environment, { io: 'input', target: 'draft-7', override: ({ jsonSchema }) => tidy(jsonSchema) });
  const titled = { $schema: schema.$schema, title: 'Environment of changeover', ...(layer(schema) as object) };
  return `${JSON.stringify(titled, null, 2)}\n`;
}

export function tidy(schema: Record<string, unknown>): void {
  delete schema['typeName'];
  if (schema['minimum'] === Number.MIN_SAFE_INTEGER) delete schema['minimum'];
  if (schema['maximum'] === Number.MAX_SAFE_INTEGER) delete schema['maximum'];
}

/** Mappings merge across layers, so none need be complete; lists replace, so their entries must be. */
function layer(schema: unknown): unknown {
  if (!isMapping(schema)) return schema;
  const { required: _, properties, anyOf, ...rest } = schema;
  return {
    ...rest,
    ...(isMapping(properties) ? { properties: Object.fromEntries(Object.entries(properties).map(([key, inner]) => [key, orNull(layer(inner))])) } : {}),
    ...(Array.isArray(anyOf) ? { anyOf: anyOf.map(layer) } : {}),
  };
}

/** null removes what a lower layer says. */
export function orNull(schema: unknown): unknown {
  if (!isMapping(schema)) return schema;
  const { anyOf, enum: choices, type } = schema as { readonly anyOf?: readonly unknown[]; readonly enum?: readonly unknown[]; readonly type?: unknown };
  if (anyOf !== undefined) return { ...schema, anyOf: [...anyOf, { type: 'null' }] };
  if (choices !== undefined) return { ...schema, type: [type, 'null'], enum: [...choices, null] };
  return typeof type === 'string' ? { ...schema, type: [type, 'null'] } : schema;
}
