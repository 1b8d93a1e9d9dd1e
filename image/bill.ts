// Gathers what the image consists of: the bundle's npm packages, Node, Helm, and the Debian packages of its base.
import { join, resolve } from 'node:path';
import { sha256 } from './cache.ts';
import type { Commit } from './commit.ts';
import type { Context } from './context.ts';
import { debianComponents } from './debian-packages.ts';
import { npmComponents } from './npm-packages.ts';
import { billOfMaterials, type Component } from './sbom.ts';

const root = resolve(import.meta.dirname, '..');

export interface Billed {
  readonly context: Context;
  readonly base: string;
  readonly commit: Commit;
  readonly version: string;
}

/** JSON text. */
export async function billOf({ context, base, commit, version }: Billed): Promise<string> {
  const npm = await npmComponents(root, Object.keys(context.bundle.inputs));
  const components = [...(await programs(context)), ...npm, ...(await debianComponents(base))];
  return billOfMaterials({ version, revision: commit.revision, seconds: commit.seconds, base, components });
}

async function programs({ directory, versions }: Context): Promise<readonly Component[]> {
  const hashesOf = async (name: string): Promise<NonNullable<Component['hashes']>> => [{ alg: 'SHA-256', content: await sha256(join(directory, 'bin', name)) }];
  const { node, helm } = versions;
  return [
    { type: 'application', name: 'node', version: node, purl: `pkg:generic/node@${node}`, cpe: `cpe:2.3:a:nodejs:node.js:${node}:*:*:*:*:*:*:*`, licenses: [{ license: { id: 'MIT' } }], hashes: await hashesOf('node') },
    { type: 'application', name: 'helm', version: helm, purl: `pkg:golang/helm.sh/helm/v4@v${helm}`, cpe: `cpe:2.3:a:helm:helm:${helm}:*:*:*:*:*:*:*`, licenses: [{ license: { id: 'Apache-2.0' } }], hashes: await hashesOf('helm') },
  ];
}
