// Chart archives (tar, gzip), read in memory and checked before anything reaches the disk or Helm. Knows files and folders only.

import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DriverError } from '../failure.ts';
import { tarEntries } from './tar.ts';

export interface ArchivedFile {
  /** `portal/templates/service.yaml`: relative, with forward slashes, without `..`. */
  readonly path: string;
  readonly content: Buffer;
}

/** Helm keeps a release's whole chart in a Secret, 1 MiB when packed: what is larger than this could not be installed. */
export const mostBytes = 32 * 1024 * 1024;
const mostPackedBytes = 20 * 1024 * 1024;
const mostFiles = 10_000;

/** Rejects 'invalid' for an archive that is too large, is none, or holds links, devices, or paths that lead out of it. */
export async function readArchive(archive: string, mostUnpacked: number = mostBytes): Promise<readonly ArchivedFile[]> {
  const { size } = await stat(archive);
  if (size > mostPackedBytes) throw archiveError(archive, `it is larger than ${mostPackedBytes} bytes`);
  const files = unzippedFiles(await readFile(archive), { archive, mostUnpacked });
  if (files.length > mostFiles) throw archiveError(archive, `it has more than ${mostFiles} files`);
  const paths = new Set<string>();
  for (const { path } of files) {
    if (!isInner(path)) throw archiveError(archive, `the path ${JSON.stringify(path)} in it leads elsewhere`);
    // Which of two would count is for each program to say: the one that was checked may not be the one that is used.
    if (paths.has(path)) throw archiveError(archive, `the path ${JSON.stringify(path)} is in it twice`);
    paths.add(path);
  }
  return files;
}

function unzippedFiles(packed: Buffer, { archive, mostUnpacked }: { readonly archive: string; readonly mostUnpacked: number }): readonly ArchivedFile[] {
  try {
    return tarEntries(gunzipSync(packed, { maxOutputLength: Math.max(1, mostUnpacked) }));
  } catch (error) {
    throw archiveError(archive, error instanceof Error ? error.message : String(error));
  }
}

function isInner(path: string): boolean {
  const segments = path.split('/');
  return !/[\\\0]|^[a-z]:/i.test(path) && segments.every((segment) => segment !== '' && segment !== '.' && segment !== '..');
}

/** Writes the archive's one chart below `directory` and gives its folder. */
export async function unpackArchive(archive: string, directory: string): Promise<string> {
  const files = await readArchive(archive);
  const [root, ...others] = new Set(files.map(({ path }) => path.split('/', 1)[0] ?? ''));
  if (root === undefined || others.length > 0) throw archiveError(archive, 'it has not exactly one chart at its top');
  for (const { path, content } of files) {
    await mkdir(join(directory, dirname(path)), { recursive: true, mode: 0o700 });
    await writeFile(join(directory, path), content, { flag: 'wx', mode: 0o600 });
  }
  return join(directory, root);
}

function archiveError(archive: string, detail: string): DriverError {
  return new DriverError({ reason: 'invalid', attempted: `chart archive ${archive}`, detail });
}
