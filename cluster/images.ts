// Images in containerd: archives of the user, each imported once and removed when it is superseded, and the one that holds the
// sandboxes of pods.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { run, tail, type Argv } from './command.ts';
import { sandboxImage } from './components/containerd.ts';
import { megabytesOf } from './disk.ts';
import { isCrowded, noteImport, readImports, superseded, writeImports } from './imports.ts';
import { containerdSocket, type Layout } from './layout.ts';
import { enterInit } from './namespaces.ts';

/** Kubernetes' own namespace of containerd; images elsewhere are invisible to the kubelet. */
function ctr(init: number, argv: readonly string[]): Argv {
  return enterInit(init, ['ctr', '--address', containerdSocket, '--namespace', 'k8s.io', ...argv]);
}

/** Returns the names of the archive's images; does nothing where containerd has them all with the same digests. */
export async function importArchive({ init, recordDir }: ImportTarget, archive: string): Promise<ImportResult> {
  const record = recordOf(recordDir);
  const hash = await hashOf(archive);
  const known = (await readImports(record))[hash]?.images ?? {};
  const names = Object.keys(known);
  const present = await digests(init);
  const wasThere = names.length > 0 && names.every((name) => present.get(name) === known[name]);
  const images = wasThere ? known : importedImages(await run(ctr(init, ['images', 'import', archive])));
  await noteImport(record, hash, images);
  return { names: Object.keys(images), wasThere };
}

/** A node's process 1, and where is noted what its containerd was given. */
export interface ImportTarget {
  readonly init: number;
  readonly recordDir: string;
}

function recordOf(directory: string): string {
  return join(directory, 'imports.json');
}

/** `wasThere` when nothing had to be done. */
export interface ImportResult {
  readonly names: readonly string[];
  readonly wasThere: boolean;
}

/** `ctr images import` prints one line for each image: `unpacking NAME (sha256:…)...done`. */
export function importedImages(printed: string): Record<string, string> {
  const found = printed.matchAll(/^unpacking (\S+) \((sha256:[0-9a-f]+)\)/gm);
  return Object.fromEntries([...found].map(([, name = '', digest = '']) => [name, digest]));
}

/** What containerd has at this moment: a record of ours alone would not notice an image that was moved or removed. */
async function digests(init: number): Promise<Map<string, string>> {
  const printed = await run(ctr(init, ['images', 'list']));
  const rows = printed.split('\n').slice(1).map((line) => line.split(/\s+/));
  return new Map(rows.map(([name = '', , digest = '']) => [name, digest]));
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/**
 * Removes what newer imports have superseded, and the content that was only theirs. For a node without pods. Says what it did; a
 * failure costs room and no boot.
 */
export async function removeSuperseded({ init, recordDir }: ImportTarget, containerdRoot: string, log: (line: string) => void): Promise<void> {
  try {
    const record = recordOf(recordDir);
    const imports = await readImports(record);
    if (!isCrowded(imports)) return;
    const { names, remaining } = superseded(imports, await digests(init));
    const before = await megabytesOf(containerdRoot);
    const isFreed = await removeImages(init, names);
    // Else the next boot looks again: the last request may not even have been heard.
    if (isFreed) await writeImports(record, remaining);
    const tags = names.filter((name) => !name.startsWith('sha256:')).length;
    const freed = isFreed ? `${before - (await megabytesOf(containerdRoot))} MB freed` : 'containerd goes on freeing what was theirs';
    if (names.length > 0) log(`superseded images removed: ${tags}, ${freed}`);
  } catch (error) {
    log(`superseded images stay, for they could not be removed: ${tail(String(error), 1)}`);
  }
}

// Three images of 281 MB take one, seventy may take minutes on a busy disk.
const freeingSeconds = 5;

/** Returns whether their content and snapshots are gone, too. */
async function removeImages(init: number, names: readonly string[]): Promise<boolean> {
  const last = names.at(-1);
  if (last === undefined) return true;
  const others = names.slice(0, -1);
  if (others.length > 0) await run(ctr(init, ['images', 'remove', ...others]));
  // `--sync` has containerd collect what nobody refers to any more, which else waits for some later change. It does not stop
  // when nobody waits for it.
  const freeing = run(['timeout', String(freeingSeconds), ...ctr(init, ['images', 'remove', '--sync', last])]);
  return await freeing.then(() => true, (error: unknown) => {
    if (String(error).includes('failed (124)')) return false;
    throw error;
  });
}

/** Containers of an earlier boot are only records by now; kubelet would spend its first seconds on burying them. */
export async function forgetContainers(init: number): Promise<void> {
  const containers = (await run(ctr(init, ['containers', 'list', '--quiet']))).split('\n').filter(Boolean);
  if (containers.length > 0) await run(ctr(init, ['containers', 'delete', ...containers]));
}

/** The kubelet refuses pods without it, and there is no registry that it could come from. */
export async function importSandboxImage(target: ImportTarget, layout: Layout): Promise<void> {
  const archive = join(target.recordDir, 'pause.tar');
  await buildSandboxArchive(archive, join(dirname(layout.kubernetes), 'pause'));
  await importArchive(target, archive);
}

/** Images that one node has, for another; names as `kubectl describe pod` shows them. */
export async function copyImages(from: number, to: ImportTarget, names: readonly string[]): Promise<void> {
  const archive = join(to.recordDir, 'copied.tar');
  await run(ctr(from, ['images', 'export', archive, ...names]));
  await run(ctr(to.init, ['images', 'import', archive]));
  await rm(archive);
}

/** An archive in docker's format of one layer with one file, the same bytes every time. */
async function buildSandboxArchive(archive: string, binary: string): Promise<void> {
  const directory = `${archive}.d`;
  await mkdir(directory, { recursive: true });
  await copyFile(binary, join(directory, 'pause'));
  await chmod(join(directory, 'pause'), 0o755);
  const tar = ['tar', '--create', '--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--directory', directory] as const;
  await run([...tar, '--file', join(directory, 'layer.tar'), 'pause']);
  const config = {
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: { Entrypoint: ['/pause'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${await hashOf(join(directory, 'layer.tar'))}`] },
  };
  const manifest = [{ Config: 'config.json', RepoTags: [sandboxImage], Layers: ['layer.tar'] }];
  await writeFile(join(directory, 'config.json'), JSON.stringify(config));
  await writeFile(join(directory, 'manifest.json'), JSON.stringify(manifest));
  await run([...tar, '--file', archive, 'config.json', 'layer.tar', 'manifest.json']);
  await rm(directory, { recursive: true });
}
