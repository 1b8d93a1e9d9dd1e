// The layer from Debian: PostgreSQL, nginx and the data set, straight from Debian's packages.
// Packages are unpacked, not configured: no maintainer script runs, and it takes a third of the time.
import { createHash } from 'node:crypto';
import path from 'node:path';
import { execa } from 'execa';
import { aptInstall } from '../../cluster/packages.ts';
import type { Layer } from './archive.ts';
import { cachedLayer } from './layers.ts';

const suite = 'bookworm';

// What the pods call by name; apt adds what these depend on. dash and coreutils are for the start scripts in the chart.
const packages = [
  'base-files',
  'ca-certificates',
  'coreutils',
  'dash',
  'libc-bin',
  'libtimezonemap-data',
  'nginx-light',
  'postgresql-15',
];

// The JIT compiler alone (LLVM, z3) is a third of the layer, and queries that take a millisecond never use it.
// The copyright files stay: they carry the licence of the data.
const unused = [
  'boot home media mnt opt srv var/cache var/lib/apt var/lib/dpkg var/log',
  'usr/share/man usr/share/locale usr/share/i18n usr/share/info usr/share/perl usr/share/perl5',
  'usr/lib/*/libLLVM* usr/lib/*/libz3.so* usr/lib/*/perl* usr/lib/*/gconv usr/lib/*/libperl.so*',
  'usr/lib/postgresql/15/lib/bitcode usr/lib/postgresql/15/lib/llvmjit*',
].join(' ');

const prune = [
  `cd "$1" && rm -rf ${unused}`,
  'find usr/share/doc -type f ! -name copyright -delete',
  // Removed directories that a program expects to find, and /tmp as the only one that all may write.
  'mkdir -p var/log var/cache && chmod 1777 tmp',
].join(' && ');

/** Debian's newest packages at the time of the first build; a cached layer stays as it is until the list above changes. */
export async function debianLayer(cache: string): Promise<Layer> {
  const inputs = JSON.stringify([suite, packages, prune, process.arch]);
  const key = createHash('sha256').update(inputs).digest('hex').slice(0, 12);
  return cachedLayer(path.join(cache, `debian-${key}.tar`), async (file) => {
    await installMmdebstrap();
    // The epoch gives every file the same time, whenever the layer is built.
    await execa('mmdebstrap', mmdebstrapArguments(file), { env: { SOURCE_DATE_EPOCH: '0' } });
  });
}

export function mmdebstrapArguments(file: string): string[] {
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
