// Which npm packages are really in the bundle: told by the files that esbuild took, not by what is installed. Only reads.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Component } from './sbom.ts';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: unknown;
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly integrity?: string }>>;
}

/** `inputs` are paths from the checkout, as esbuild's metafile has them. Sorted by name and version. */
export async function npmComponents(root: string, inputs: readonly string[]): Promise<readonly Component[]> {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as Lock;
  const found = await Promise.all(packageDirectories(inputs).map(async (directory) => {
    const manifest = JSON.parse(await readFile(join(root, directory, 'package.json'), 'utf8')) as Manifest;
    return npmComponent(manifest, lock.packages[directory]?.integrity);
  }));
  // One package may be installed in several places.
  return [...new Map(found.map((component) => [component.purl, component])).values()].toSorted((left, right) => (left.purl < right.purl ? -1 : 1));
}

/** `node_modules/a/node_modules/@b/c` for every file below it. What the build made up itself (`builtin:…`) is in no package. */
export function packageDirectories(inputs: readonly string[]): readonly string[] {
  const directories = inputs.map((path) => /^([^:]*\/)?node_modules\/(@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0]);
  return [...new Set(directories.filter((directory) => directory !== undefined))].toSorted();
}

function npmComponent({ name, version, license }: Manifest, integrity: string | undefined): Component {
  const [, sha512] = /^sha512-(.+)$/.exec(integrity ?? '') ?? [];
  return {
    type: 'library',
    name,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    ...(sha512 === undefined ? {} : { hashes: [{ alg: 'SHA-512', content: Buffer.from(sha512, 'base64').toString('hex') }] }),
    ...(typeof license === 'string' ? { licenses: [licenseOf(license)] } : {}),
  };
}

/** An expression such as `(MIT OR Apache-2.0)` stands elsewhere than a single identifier of SPDX. */
function licenseOf(license: string): NonNullable<Component['licenses']>[number] {
  return /^[A-Za-z0-9.-]+$/.test(license) ? { license: { id: license } } : { expression: license };
}
