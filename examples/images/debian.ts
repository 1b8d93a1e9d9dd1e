// What of Debian is in the example's image: PostgreSQL, nginx and the data set. It lists, and unpacks nothing itself.
import type { RootFileSystem } from '../../image/debian.ts';

// dash and coreutils are for the start scripts in the chart.
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

export const exampleRoot: RootFileSystem = { packages, prune };
