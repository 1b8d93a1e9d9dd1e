// `npm run build`: the program as plain JavaScript in dist/, for installing it: Node strips no types below node_modules.
// What is loaded lazily in the sources stays in files of its own, so that `--help` costs as little as there.

import { chmod, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '..');

/** Packages that still `require` what Node has. */
const requireForModules = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

export async function bundle(directory: string): Promise<string> {
  await rm(directory, { recursive: true, force: true });
  await build({
    entryPoints: [join(root, 'src/main.ts')],
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    minify: true,
    // Stack traces and error names keep their words.
    keepNames: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    banner: { js: requireForModules },
    logLevel: 'warning',
  });
  const program = join(directory, 'main.mjs');
  await chmod(program, 0o755);
  return program;
}

if (import.meta.main) console.log(await bundle(join(root, 'dist')));
