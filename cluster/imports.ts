// Which archives were imported into a containerd, when each was last asked for, and whose images newer ones have superseded.
// It reads and writes the record only, and never asks containerd.
import { readFile, rename, writeFile } from 'node:fs/promises';

/** The images of one archive, name to digest. `usedAt` is an ISO 8601 time; entries of older versions have none. */
export interface Import {
  readonly images: Readonly<Record<string, string>>;
  readonly usedAt?: string;
}

/** By the archive's hash, in the order in which they were last noted. */
export type Imports = Readonly<Record<string, Import>>;

/** Enough to go back to the commit before, and from there to the one that was just left. */
const archivesKept = 3;

/** Empty where there is none, or half of one after a loss of power: then archives are imported again, and nothing is removed. */
export async function readImports(record: string): Promise<Imports> {
  const entries = Object.entries(parsed(await readFile(record, 'utf8').catch(() => '')));
  return Object.fromEntries(entries.map(([hash, entry]) => [hash, isImport(entry) ? entry : { images: entry }]));
}

function parsed(text: string): Record<string, Import | Import['images']> {
  try {
    return JSON.parse(text) as Record<string, Import | Import['images']>;
  } catch {
    return {};
  }
}

function isImport(entry: Import | Import['images']): entry is Import {
  return typeof entry['images'] === 'object';
}

/** As the newest of all, also where it was noted before. */
export async function noteImport(record: string, hash: string, images: Import['images']): Promise<void> {
  const { [hash]: _, ...others } = await readImports(record);
  await writeImports(record, { ...others, [hash]: { images, usedAt: new Date().toISOString() } });
}

/** Put into place as a whole: others import at the same time and must not read half of it. What one of them loses is imported again. */
export async function writeImports(record: string, imports: Imports): Promise<void> {
  const aside = `${record}.${process.pid}`;
  await writeFile(aside, JSON.stringify(imports, undefined, 2));
  await rename(aside, record);
}

/** Whether any repository has more archives than are kept: asked of every boot, and cheaper than to ask containerd. */
export function isCrowded(imports: Imports): boolean {
  const archives = newestFirst(imports).flatMap(({ images }) => [...new Set(Object.keys(images).map(repositoryOf))]);
  return archives.some((repository) => archives.filter((other) => other === repository).length > archivesKept);
}

export interface Superseded {
  /** What to remove from containerd: names, and the digests under which the kubelet's plugin keeps the same images. */
  readonly names: readonly string[];
  /** What the record says truly afterwards. */
  readonly remaining: Imports;
}

/**
 * Of each repository the images of the archives that were used last stay; a name that moved from archive to archive is the newest
 * one's. `present` is what containerd has, name to digest: what is not there as it was imported is none of ours.
 */
export function superseded(imports: Imports, present: ReadonlyMap<string, string>): Superseded {
  const own = newestFirst(imports).flatMap(({ images }) => Object.entries(images).filter(([name, digest]) => present.get(name) === digest));
  const kept = new Set(own.filter(([name, digest]) => isAmongNewest(own, repositoryOf(name), digest)).map(([name]) => name));
  const gone = new Set(own.map(([name]) => name).filter((name) => !kept.has(name)));
  const left = new Map([...present].filter(([name]) => !gone.has(name)));
  const named = new Set([...left].filter(([name]) => !isDigest(name)).map(([, digest]) => digest));
  const imported = new Set(Object.values(imports).flatMap(({ images }) => Object.values(images)));
  // Such a name alone keeps the whole image, also after a fixed tag moved on.
  const nameless = [...left].filter(([name, digest]) => isDigest(name) && imported.has(digest) && !named.has(digest)).map(([name]) => name);
  const isTrue = ({ images }: Import): boolean => Object.entries(images).some(([name, digest]) => left.get(name) === digest);
  const remaining = Object.entries(imports).filter(([, entry]) => isTrue(entry));
  return { names: [...gone, ...nameless], remaining: Object.fromEntries(remaining) };
}

/** Two archives with the same image count once. */
function isAmongNewest(own: readonly (readonly [name: string, digest: string])[], repository: string, digest: string): boolean {
  const digests = new Set(own.filter(([name]) => repositoryOf(name) === repository).map(([, other]) => other));
  return [...digests].slice(0, archivesKept).includes(digest);
}

/** Without a time it is older than any with one; else the one that was noted later is newer. */
function newestFirst(imports: Imports): readonly Import[] {
  return Object.values(imports).toReversed().toSorted((left, right) => (right.usedAt ?? '').localeCompare(left.usedAt ?? ''));
}

/** A colon before the last slash is a registry's port. */
function repositoryOf(name: string): string {
  return name.replace(/:[^/:]*$/, '');
}

function isDigest(name: string): boolean {
  return name.startsWith('sha256:');
}
