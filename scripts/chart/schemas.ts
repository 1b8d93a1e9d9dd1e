// JSON Schemas of Kubernetes' own kinds for kubeconform, made from the OpenAPI document inside the Go module that the embedded
// cluster is built from: the same version, and nothing to fetch besides. Strict: an unknown key is a fault.

import { execa } from 'execa';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kubernetesVersion } from '../../cluster/build.ts';
import { goDir } from '../../cluster/paths.ts';

interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
}

type Schema = Readonly<Record<string, unknown>>;

/** Where kubeconform finds them below the directory. */
export const schemaLocation = '{{.Group}}-{{.ResourceAPIVersion}}-{{.ResourceKind}}.json';

/** Writes the schema of each kind into `directory`; kinds that Kubernetes does not have are left to kubeconform to complain about. */
export async function writeSchemas(directory: string, { go, kinds }: { readonly go: string; readonly kinds: readonly Kind[] }): Promise<void> {
  const { stdout } = await execa(go, ['mod', 'download', '-json', `k8s.io/kubernetes@${kubernetesVersion}`], { cwd: goDir });
  const { Dir: module } = JSON.parse(stdout) as { readonly Dir: string };
  const { definitions } = JSON.parse(await readFile(join(module, 'api/openapi-spec/swagger.json'), 'utf8')) as { readonly definitions: Readonly<Record<string, Schema>> };
  await mkdir(directory, { recursive: true });
  for (const kind of kinds) {
    const name = Object.keys(definitions).find((definition) => isOf(definitions[definition], kind));
    if (name !== undefined) await writeFile(join(directory, fileName(kind)), JSON.stringify(standalone(name, definitions)));
  }
}

function isOf(definition: Schema | undefined, { apiVersion, kind }: Kind): boolean {
  const known = (definition?.['x-kubernetes-group-version-kind'] ?? []) as readonly { readonly group: string; readonly version: string; readonly kind: string }[];
  return known.length === 1 && known.some((one) => one.kind === kind && (one.group === '' ? one.version : `${one.group}/${one.version}`) === apiVersion);
}

/** kubeconform takes kinds in lower case, and the version for the group where there is none. */
function fileName({ apiVersion, kind }: Kind): string {
  const [version = '', group = version] = apiVersion.split('/').reverse();
  return `${group}-${version}-${kind.toLowerCase()}.json`;
}

/** With all that it refers to inside. */
function standalone(name: string, definitions: Readonly<Record<string, Schema>>): Schema {
  const needed = new Map<string, Schema>();
  const add = (wanted: string): void => {
    if (needed.has(wanted)) return;
    const schema = strict(definitions[wanted] ?? {}) as Schema;
    needed.set(wanted, schema);
    for (const [, referred = ''] of JSON.stringify(schema).matchAll(/"#\/definitions\/([^"]+)"/g)) add(referred);
  };
  add(name);
  return { $ref: `#/definitions/${name}`, definitions: Object.fromEntries(needed) };
}

function strict(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strict);
  if (typeof value !== 'object' || value === null) return value;
  const schema = value as Schema;
  // Numbers are written without quotes; the API server takes them.
  if (schema['format'] === 'int-or-string' || String(schema['description']).startsWith('Quantity is a')) return { type: ['string', 'number'] };
  const plain = Object.fromEntries(Object.entries(schema).map(([key, inner]) => [key, strict(inner)]));
  return 'properties' in schema && !('additionalProperties' in schema) && schema['type'] === 'object' ? { ...plain, additionalProperties: false } : plain;
}
