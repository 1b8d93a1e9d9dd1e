// A root file system from Debian's packages as one layer: unpacked, not configured, so no maintainer script runs, and it takes a
// third of the time. The same packages give the same bytes.
import path from 'node:path';
import { execa } from 'execa';
import { aptInstall } from '../cluster/packages.ts';
import type { Layer } from './archive.ts';
import { cachedLayer, cacheDirectory, shortHash } from './cache.ts';

const suite = 'bookworm';

export interface RootFileSystem {
  /** What is called by name; apt adds what these depend on. */
  readonly packages: readonly string[];
  /** Shell commands that work on the unpacked tree, its path in `$1`: what to take out of it. */
  readonly prune: string;
}

/** Debian's newest packages at the time of the first build; a cached layer stays as it is until the list or the commands change. */
export async function debianLayer({ packages, prune }: RootFileSystem): Promise<Layer> {
  const key = shortHash(JSON.stringify([suite, packages, prune, process.arch]));
  return cachedLayer(path.join(await cacheDirectory(), `debian-${key}.tar`), async (file) => {
    await installMmdebstrap();
    // The epoch gives every file the same time, whenever the layer is built.
    await execa('mmdebstrap', mmdebstrapArguments(file, { packages, prune }), { env: { SOURCE_DATE_EPOCH: '0' } });
  });
}

export function mmdebstrapArguments(file: string, { packages, prune }: RootFileSystem): string[] {
  return [
    '--quiet',
    '--variant=extract',
    '--format=tar',
    `--include=${packages.join(',')}`,
    '--aptopt=Acquire::Languages "none"',
    '--aptopt=APT::Install-Recommends "false"',
    `--extract-hook=${prune}`,
    suite,
    file,
  ];
}

async function installMmdebstrap(): Promise<void> {
  const found = await execa('mmdebstrap', ['--version'], { reject: false });
  if (!found.failed) return;
  await aptInstall(['mmdebstrap']);
}
