// The base image for tests and for whoever has no other: `nsupdate`, git and CA certificates from Debian, and what they need.
// It is called by its digest only.
import { dockerArchive, imageConfiguration } from './archive.ts';
import { buildah } from './buildah.ts';
import { cachedArchive, shortHash } from './cache.ts';
import { debianLayer, type RootFileSystem } from './debian.ts';
import { writeTar } from './tar.ts';

// dash, since git starts hooks and helpers by it; nothing of ours asks for a shell.
const packages = ['base-files', 'bind9-dnsutils', 'ca-certificates', 'dash', 'git', 'libc-bin', 'netbase', 'tzdata'];

// Perl is for commands of git that nobody needs here: `send-email`, `svn`, `add -p`.
const unused = [
  'boot home media mnt opt srv var usr/games usr/include',
  'usr/bin/perl* usr/share/perl usr/share/perl5 usr/lib/*/perl* usr/lib/*/perl-base usr/lib/*/libperl.so*',
  'usr/bin/scalar usr/lib/git-core/scalar usr/lib/git-core/git-daemon usr/lib/git-core/git-http-backend usr/lib/git-core/git-shell',
  'usr/lib/git-core/git-imap-send usr/lib/git-core/git-http-push usr/share/gitweb usr/share/git-core/contrib',
  'usr/share/man usr/share/locale usr/share/i18n usr/share/info usr/share/lintian usr/share/bash-completion usr/share/bug usr/lib/*/gconv',
].join(' ');

// Where scanners look for the packages of an image that has no package manager.
const statusDirectory = 'var/lib/dpkg/status.d';

const prune = [
  'set -e; cd "$1"',
  'mkdir status.d',
  'for deb in var/cache/apt/archives/*.deb; do dpkg-deb --field "$deb" > "status.d/$(dpkg-deb --field "$deb" Package)"; done',
  // Unconfigured packages have no bundle yet: this is what update-ca-certificates would write.
  'cat usr/share/ca-certificates/mozilla/*.crt > etc/ssl/certs/ca-certificates.crt',
  `rm -rf ${unused}`,
  `mkdir -p ${statusDirectory} && mv status.d/* ${statusDirectory}/ && rmdir status.d`,
  'find usr/share/doc ! -type d ! -name copyright -delete',
  'chmod 1777 tmp',
].join('\n');

export const baseRoot: RootFileSystem = { packages, prune };

const repository = 'changeover.local/base';

/** `name@sha256:…` of the base in buildah's store, made where it is missing: about 20 s the first time. */
export async function debianBase(): Promise<string> {
  const layers = [await debianLayer(baseRoot)];
  const configuration = imageConfiguration(layers, {});
  const hash = shortHash(configuration);
  const name = `${repository}:${hash}`;
  if ((await storedDigest(name)) === undefined) {
    const archive = await cachedArchive('base', hash, (file) => writeTar(file, dockerArchive({ configuration, layers, tags: [name] })));
    await buildah('pull', '--quiet', `docker-archive:${archive}`);
  }
  const digest = await storedDigest(name);
  if (digest === undefined) throw new Error(`buildah has no ${name} after it was put there`);
  return `${repository}@${digest}`;
}

async function storedDigest(name: string): Promise<string | undefined> {
  const images = JSON.parse(await buildah('images', '--json', '--no-trunc')) as readonly { names?: readonly string[] | null; digest: string }[];
  return images.find(({ names }) => names?.includes(name) === true)?.digest;
}
