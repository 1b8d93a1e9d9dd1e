// What was made once and need not be made again: layers and archives outside of the checkout, the last few of each kind. It does not
// know what is in them.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import type { Layer } from './archive.ts';

// The present one and some before: for going back to a change that was just left, and for whoever is about to import one.
const kept = 4;

// Longer than anything takes to be made: what is younger may be somebody's who is making it.
const makingMs = 3_600_000;

export async function cacheDirectory(): Promise<string> {
  const base = process.env['XDG_CACHE_HOME'] || path.join(homedir(), '.cache');
  const directory = path.join(base, 'changeover', 'images');
  await mkdir(directory, { recursive: true });
  return directory;
}

/** The layer in `file`, made by `make` if it is not there; its digest lies beside it, for hashing it again would take a second. */
export async function cachedLayer(file: string, make: (file: string) => Promise<void>): Promise<Layer> {
  const known = await cached(file).catch(() => undefined);
  if (known !== undefined) {
    await noteUse(file);
    return known;
  }
  // Written aside and renamed: two builds at once, or one that is killed, leave no half layer behind.
  const unfinished = `${file.slice(0, -'.tar'.length)}.${process.pid}.tar`;
  await make(unfinished);
  const digest = await sha256(unfinished);
  await rename(unfinished, file);
  await writeFile(`${file}.sha256`, digest);
  await removeOld(file);
  return cached(file);
}

/** `name-hash.tar` in the cache, made by `make` if it is not there. */
export async function cachedArchive(name: string, hash: string, make: (file: string) => Promise<void>): Promise<string> {
  const cache = await cacheDirectory();
  const archive = path.join(cache, `${name}-${hash}.tar`);
  if (await exists(archive)) {
    await noteUse(archive);
    return archive;
  }
  const unfinished = path.join(cache, `${name}-${hash}.${process.pid}.tar`);
  try {
    await make(unfinished);
    await rename(unfinished, archive);
  } finally {
    await rm(unfinished, { force: true });
  }
  await removeOld(archive);
  return archive;
}

/** Its time is that of its last use, by which the others of its name go or stay. */
async function noteUse(file: string): Promise<void> {
  const now = new Date();
  await utimes(file, now, now);
}

/** Older files of the same name, or the cache would only grow, with all that lies beside them. */
async function removeOld(current: string): Promise<void> {
  const cache = path.dirname(current);
  const found = (await readdir(cache, { withFileTypes: true })).filter((entry) => entry.isFile()).map(async ({ name }) => {
    // Another build may have removed it meanwhile.
    const changedMs = (await stat(path.join(cache, name)).catch(() => undefined))?.mtimeMs;
    return changedMs === undefined ? [] : [{ name, ageMs: Date.now() - changedMs }];
  });
  const superseded = supersededFiles((await Promise.all(found)).flat(), path.basename(current));
  await Promise.all(superseded.map((name) => rm(path.join(cache, name), { force: true })));
}

export interface CacheFile {
  readonly name: string;
  readonly ageMs: number;
}

/**
 * What goes after `current`, `family-version.tar`, was made: all but the newest of its family, what lies beside one that is gone
 * (`.cdx.json`, `.tar.sha256`), and what a killed build left (`family-version.PID.tar`).
 */
export function supersededFiles(files: readonly CacheFile[], current: string): readonly string[] {
  const family = partsOf(current)?.family;
  const own = files.flatMap((file) => {
    const parts = partsOf(file.name);
    return parts?.family === family && parts !== undefined ? [{ ...file, ...parts }] : [];
  });
  const whole = own.filter(({ ending }) => ending === '.tar');
  const versions = whole.toSorted((left, right) => left.ageMs - right.ageMs).map(({ version }) => version);
  const stay = new Set([...new Set([partsOf(current)?.version, ...versions])].slice(0, kept));
  return own.filter(({ version, ending, ageMs }) => {
    const isPart = ending === unfinished || !versions.includes(version);
    return isPart ? ageMs > makingMs : !stay.has(version);
  }).map(({ name }) => name);
}

const unfinished = '.PID.tar';

/** Versions are short hashes, or those of packages. */
function partsOf(name: string): { readonly family: string; readonly version: string; readonly ending: string } | undefined {
  const [, family, version, ending] = /^(.+)-([0-9a-f]{12}|\d+\.\d+\.\d+)(\.cdx\.json|\.tar\.sha256|(?:\.\d+)?\.tar)$/.exec(name) ?? [];
  if (family === undefined || version === undefined || ending === undefined) return undefined;
  return { family, version, ending: ending.replace(/^\.\d+/, '.PID') };
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
