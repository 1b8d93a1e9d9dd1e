// What was made once and need not be made again: layers and archives outside of the checkout. It does not know what is in them.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import type { Layer } from './archive.ts';

// The present one and some before: for going back to a change that was just left, and for whoever is about to import one.
const archivesKept = 4;

export async function cacheDirectory(): Promise<string> {
  const base = process.env['XDG_CACHE_HOME'] || path.join(homedir(), '.cache');
  const directory = path.join(base, 'changeover', 'images');
  await mkdir(directory, { recursive: true });
  return directory;
}

/** The layer in `file`, made by `make` if it is not there; its digest lies beside it, for hashing it again would take a second. */
export async function cachedLayer(file: string, make: (file: string) => Promise<void>): Promise<Layer> {
  const known = await cached(file).catch(() => undefined);
  if (known !== undefined) return known;
  // Written aside and renamed: two builds at once, or one that is killed, leave no half layer behind.
  const unfinished = `${file.slice(0, -'.tar'.length)}.${process.pid}.tar`;
  await make(unfinished);
  const digest = await sha256(unfinished);
  await rename(unfinished, file);
  await writeFile(`${file}.sha256`, digest);
  return cached(file);
}

/** `name-hash.tar` in the cache, made by `make` if it is not there; older ones of that name go, or the cache would only grow. */
export async function cachedArchive(name: string, hash: string, make: (file: string) => Promise<void>): Promise<string> {
  const cache = await cacheDirectory();
  const archive = path.join(cache, `${name}-${hash}.tar`);
  if (await exists(archive)) return archive;
  const unfinished = path.join(cache, `${name}-${hash}.${process.pid}.tar`);
  try {
    await make(unfinished);
    await rename(unfinished, archive);
  } finally {
    await rm(unfinished, { force: true });
  }
  await removeOldArchives(name, archive);
  return archive;
}

async function removeOldArchives(name: string, current: string): Promise<void> {
  const cache = path.dirname(current);
  const names = (await readdir(cache)).filter((file) => new RegExp(`^${name}-[0-9a-f]{12}\\.tar$`).test(file));
  const files = await Promise.all(
    names.map(async (file) => {
      const archive = path.join(cache, file);
      return { archive, changed: (await stat(archive)).mtimeMs };
    }),
  );
  const old = files
    .filter(({ archive }) => archive !== current)
    .toSorted((left, right) => right.changed - left.changed)
    .slice(archivesKept - 1);
  await Promise.all(old.map(({ archive }) => rm(archive, { force: true })));
}

export async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Of anything that JSON can tell: a short name for it that changes with it. */
export function shortHash(...inputs: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const input of inputs) hash.update(input);
  return hash.digest('hex').slice(0, 12);
}

async function cached(file: string): Promise<Layer> {
  return { file, digest: await readFile(`${file}.sha256`, 'utf8'), bytes: (await stat(file)).size };
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
