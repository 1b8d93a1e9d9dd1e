// `npm run build`: the program as plain JavaScript in dist/, for installing it: Node strips no types below node_modules.
// What is loaded lazily in the sources stays in files of its own, so that `--help` costs as little as there.

import { chmod, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { lazyBuiltins } from './build/builtins.ts';
import { loadOnDemand } from './build/on-demand.ts';
import { shortenLocals } from './build/shorten.ts';
import { leaveOutUnused } from './build/unused.ts';

const root = resolve(import.meta.dirname, '..');

/** Packages that still `require` what Node has. */
const requireForModules = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

export interface Bundle {
  /** Path of the file that is started; those beside it are loaded by it. */
  readonly program: string;
  /** Which files went into it, by their path from the checkout. */
  readonly inputs: Metafile['inputs'];
  /** What it was made into, and which of it loads which, by the same kind of path. */
  readonly outputs: Metafile['outputs'];
}

export async function bundle(directory: string): Promise<Bundle> {
  await rm(directory, { recursive: true, force: true });
  const { metafile } = await build({
    entryPoints: [join(root, 'src/main.ts')],
    outdir: directory,
    // Also for the names of the parts, which are hashes of paths: two checkouts give the same files.
    absWorkingDir: root,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    // Names only in `shortenLocals`: stack traces and error names keep their words.
    minifySyntax: true,
    minifyWhitespace: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    banner: { js: requireForModules },
    metafile: true,
    plugins: [leaveOutUnused, loadOnDemand, lazyBuiltins, shortenLocals],
    logLevel: 'warning',
  });
  const program = join(directory, 'main.mjs');
  await chmod(program, 0o755);
  return { program, inputs: metafile.inputs, outputs: metafile.outputs };
}

if (import.meta.main) console.log((await bundle(join(root, 'dist'))).program);
