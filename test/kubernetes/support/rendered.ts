// What the runner's chart renders for an environment, read as data, by the helm that the embedded cluster brings. Installs nothing.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { parseAllDocuments } from 'yaml';
import { readConnection } from '../../../cluster/connection.ts';
import type { KubernetesObject } from '../../../src/drivers/cluster/objects.ts';

const root = resolve(import.meta.dirname, '../../..');

type Layer = Readonly<Record<string, unknown>>;

/** The smallest environment that is one. */
export const minimal = {
  cluster: 'main',
  environment: 'prod',
  dns: [{ zone: 'example.org', name: 'www.example.org', service: 'web' }],
  release: { chart: { path: 'chart' } },
};

export interface Rendered {
  /** The one object of this kind and name. */
  object(kind: string, name: string): KubernetesObject;
  readonly objects: readonly KubernetesObject[];
}

/** Of an environment as data; rejects with what Helm says. */
export async function render(environment: Layer, namespace = 'changeover'): Promise<Rendered> {
  const directory = await mkdtemp(join(tmpdir(), 'changeover-values-'));
  try {
    const file = join(directory, 'values.yaml');
    // JSON, since Helm and `yaml` do not agree on every plain text; and YAML 1.1 would fold some lines of it.
    await writeFile(file, JSON.stringify(environment).replaceAll(/[\u0080-\u2fff]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`));
    return await renderFiles([file], namespace);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Of files as they are. */
export function renderFiles(files: readonly string[], namespace = 'changeover'): Promise<Rendered> {
  return rendered(['builder', 'chart', ...files.flatMap((file) => ['-f', file]), '--namespace', namespace]);
}

/** All that is typed at the root of a checkout to install the example: into the namespace of the context, mostly `default`. */
export const wholeInstallation = 'helm upgrade --install -f config/secrets.yaml -f config/prod.yaml builder-prod ./chart';

export function renderWholeInstallation(): Promise<Rendered> {
  return rendered(wholeInstallation.split(' ').slice(3));
}

async function rendered(args: readonly string[]): Promise<Rendered> {
  const text = await helmTemplate(args);
  // Kubernetes' own reader knows YAML 1.1.
  const objects = parseAllDocuments(text, { version: '1.1' }).flatMap((document) => (document.toJS() as KubernetesObject | null) ?? []);
  return { objects, object: (kind, name) => only(objects.filter((object) => object.kind === kind && object.metadata.name === name), `${kind} ${name}`) };
}

async function helmTemplate(args: readonly string[]): Promise<string> {
  const cluster = readConnection();
  if (cluster === undefined) throw new Error('the embedded cluster is not up: npm run cluster -- up');
  const { stdout } = await execa(join(cluster.binDir, 'helm'), ['template', ...args], { cwd: root });
  return stdout;
}

function only(found: readonly KubernetesObject[], what: string): KubernetesObject {
  const [object, ...others] = found;
  if (object === undefined || others.length > 0) throw new Error(`${found.length} of ${what}`);
  return object;
}
