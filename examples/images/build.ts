// Builds the one image of the example without a registry and prints where it lies and what it is called.
// Everything is cached outside the checkout; it never touches a container runtime.
import { pathToFileURL } from 'node:url';
import { dockerArchive, imageConfiguration, userId } from '../../image/archive.ts';
import { cachedArchive, cacheDirectory, shortHash } from '../../image/cache.ts';
import { debianLayer } from '../../image/debian.ts';
import { writeTar } from '../../image/tar.ts';
import { exampleRoot } from './debian.ts';
import { nodeLayer, programsLayer } from './layers.ts';

const repository = 'changeover.local/example';

export interface ExampleImage {
  /** A docker-archive file, as `ctr images import` and `docker load` read it. */
  archive: string;
  /** The name with a tag that changes with the content; the archive carries it as `:dev` as well. */
  reference: string;
}

const programs = {
  User: String(userId),
  // PostgreSQL's own programs come first: those in /usr/bin are wrappers in Perl, which the image does without.
  Env: ['PATH=/usr/local/bin:/usr/lib/postgresql/15/bin:/usr/bin:/bin:/usr/sbin:/sbin', 'LANG=C.UTF-8'],
  Entrypoint: ['node', '/app/programs.cjs'],
  WorkingDir: '/tmp',
};

/** About 20 s with an empty cache, well under a second when nothing changed. */
export async function buildExampleImage(): Promise<ExampleImage> {
  const cache = await cacheDirectory();
  const layers = [await debianLayer(exampleRoot), await nodeLayer(cache), await programsLayer(cache)];
  // The configuration lists the digests of all layers, so its hash is a hash of everything.
  const configuration = imageConfiguration(layers, programs);
  const hash = shortHash(configuration);
  const reference = `${repository}:${hash}`;
  const tags = [reference, `${repository}:dev`];
  const archive = await cachedArchive('example', hash, (file) => writeTar(file, dockerArchive({ configuration, layers, tags })));
  return { archive, reference };
}

async function main(): Promise<void> {
  const { archive, reference } = await buildExampleImage();
  process.stdout.write(`${archive} ${reference}\n`);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main().catch((error: unknown) => {
    process.stderr.write(`the image could not be built: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
