// The layers that are made here: Node from its npm package, and the example's programs as one bundle.
// Separate, so that a changed program costs a bundle of a second and no download.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { userId, type Layer } from '../../image/archive.ts';
import { cachedLayer, shortHash } from '../../image/cache.ts';
import { nodeBinary } from '../../image/node.ts';
import { writeTar } from '../../image/tar.ts';

export async function nodeLayer(cache: string): Promise<Layer> {
  const { packageName, version, file: binary } = nodeBinary();
  return cachedLayer(path.join(cache, `${packageName}-${version}.tar`), async (file) => {
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
  const key = shortHash(bundle, JSON.stringify(accounts));
  return cachedLayer(path.join(cache, `programs-${key}.tar`), (file) =>
    writeTar(file, [{ name: 'app/programs.cjs', content: bundle }, ...accounts]),
  );
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
