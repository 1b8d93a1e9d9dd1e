// The layers that are made here: Node from its npm package, and the example's programs as one bundle.
// Separate, so that a changed program costs a bundle of a second and no download.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { userId, type Layer } from './archive.ts';
import { writeTar } from './tar.ts';

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

export async function nodeLayer(cache: string): Promise<Layer> {
  const name = `node-linux-${process.arch}`;
  const manifest = resolvePackage(name);
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
  return cachedLayer(path.join(cache, `${name}-${version}.tar`), async (file) => {
    const binary = path.join(path.dirname(manifest), 'bin', 'node');
    const content = { file: binary, bytes: (await stat(binary)).size };
    await writeTar(file, [{ name: 'usr/local/bin/node', mode: 0o755, content }]);
  });
}

export async function programsLayer(cache: string): Promise<Layer> {
  const bundle = await bundlePrograms();
  const accounts = [
    // initdb wants to know the name of the user it runs as.
    { name: 'etc/passwd', content: Buffer.from(`root:x:0:0::/root:/bin/sh\nexample:x:${userId}:${userId}::/tmp:/bin/sh\n`) },
    { name: 'etc/group', content: Buffer.from(`root:x:0:\nexample:x:${userId}:\n`) },
  ];
  const key = createHash('sha256').update(bundle).update(JSON.stringify(accounts)).digest('hex').slice(0, 12);
  return cachedLayer(path.join(cache, `programs-${key}.tar`), (file) =>
    writeTar(file, [{ name: 'app/programs.cjs', content: bundle }, ...accounts]),
  );
}

async function cached(file: string): Promise<Layer> {
  return { file, digest: await readFile(`${file}.sha256`, 'utf8'), bytes: (await stat(file)).size };
}

async function bundlePrograms(): Promise<Buffer> {
  const result = await build({
    entryPoints: [fileURLToPath(new URL('../portal/programs/main.ts', import.meta.url))],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node24',
    // CommonJS, for `pg` requires Node's modules by name at run time.
    format: 'cjs',
    external: ['pg-native'],
    logLevel: 'error',
  });
  const [bundle] = result.outputFiles;
  if (bundle === undefined) throw new Error('esbuild wrote no bundle');
  return Buffer.from(bundle.contents);
}

/** Optional dependencies are skipped on other systems without a word, so the word is said here. */
function resolvePackage(name: string): string {
  try {
    return createRequire(import.meta.url).resolve(`${name}/package.json`);
  } catch (cause) {
    throw new Error(`the npm package ${name} is missing: run "npm ci" on Linux, with optional dependencies`, { cause });
  }
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
