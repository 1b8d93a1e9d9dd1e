// What tells a chart's content from any other: a hash over a file, or over all files of a folder. Reads; decides nothing.

import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** `sha256:` and 64 hexadecimal digits. */
export async function fileIdentity(file: string): Promise<string> {
  return printed(await addFile(createHash('sha256'), file));
}

/** The same for the same paths and contents, on any machine, in whatever order the file system lists them. */
export async function folderIdentity(directory: string): Promise<string> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const found = entries.map((entry) => ({ entry, path: relative(directory, join(entry.parentPath, entry.name)) }));
  const hash = createHash('sha256');
  for (const { entry, path } of found.toSorted((left, right) => (left.path < right.path ? -1 : 1))) {
    // What git notes of itself changes without the chart.
    if (entry.isDirectory() || path.split('/')[0] === '.git') continue;
    const target = join(directory, path);
    const content = entry.isSymbolicLink() ? `link ${await readlink(target)}` : await fileIdentity(target);
    hash.update(`${JSON.stringify(path)} ${content}\n`);
  }
  return printed(hash);
}

async function addFile(hash: Hash, file: string): Promise<Hash> {
  await pipeline(createReadStream(file), hash, { end: false });
  return hash;
}

function printed(hash: Hash): string {
  return `sha256:${hash.digest('hex')}`;
}
