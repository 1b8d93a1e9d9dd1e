// Builds the one image of the example without a registry and prints where it lies and what it is called.
// Everything is cached outside the checkout; it never touches a container runtime.
import { createHash } from 'node:crypto';
import { access, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { dockerArchive, imageConfiguration } from './archive.ts';
import { debianLayer } from './debian.ts';
import { nodeLayer, programsLayer } from './layers.ts';
import { writeTar } from './tar.ts';

const repository = 'changeover.local/example';
// The present one and the one before, for going back to a change that was just left.
const archivesKept = 2;

export interface ExampleImage {
  /** A docker-archive file, as `ctr images import` and `docker load` read it. */
  archive: string;
  /** The name with a tag that changes with the content; the archive carries it as `:dev` as well. */
  reference: string;
}

/** About 20 s with an empty cache, well under a second when nothing changed. */
export async function buildExampleImage(): Promise<ExampleImage> {
  const cache = await cacheDirectory();
  const layers = [await debianLayer(cache), await nodeLayer(cache), await programsLayer(cache)];
  // The configuration lists the digests of all layers, so its hash is a hash of everything.
  const configuration = imageConfiguration(layers);
  const hash = createHash('sha256').update(configuration).digest('hex').slice(0, 12);
  const reference = `${repository}:${hash}`;
  const archive = path.join(cache, `example-${hash}.tar`);
  if (!(await exists(archive))) {
    const unfinished = `${archive}.${process.pid}`;
    await writeTar(unfinished, dockerArchive({ configuration, layers, tags: [reference, `${repository}:dev`] }));
    await rename(unfinished, archive);
    await removeOldArchives(cache, archive);
  }
  return { archive, reference };
}

async function cacheDirectory(): Promise<string> {
  const base = process.env['XDG_CACHE_HOME'] || path.join(homedir(), '.cache');
  const directory = path.join(base, 'changeover', 'images');
  await mkdir(directory, { recursive: true });
  return directory;
}

/** Every change of a program makes a new archive of 300 MB; without this the cache would only grow. */
async function removeOldArchives(cache: string, current: string): Promise<void> {
  const names = (await readdir(cache)).filter((name) => /^example-[0-9a-f]{12}\.tar$/.test(name));
  const files = await Promise.all(
    names.map(async (name) => {
      const file = path.join(cache, name);
      return { file, changed: (await stat(file)).mtimeMs };
    }),
  );
  const old = files
    .filter(({ file }) => file !== current)
    .toSorted((left, right) => right.changed - left.changed)
    .slice(archivesKept - 1);
  await Promise.all(old.map(({ file }) => rm(file, { force: true })));
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
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
