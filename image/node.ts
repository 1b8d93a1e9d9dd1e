// The Node binary that images run on, out of the npm package that this project's scripts run on too. It copies nothing.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

export interface NodeBinary {
  readonly version: string;
  readonly file: string;
  /** The npm package that it comes in. */
  readonly packageName: string;
}

export function nodeBinary(): NodeBinary {
  const packageName = `node-linux-${process.arch}`;
  const manifest = resolvePackage(packageName);
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  return { version, file: path.join(path.dirname(manifest), 'bin', 'node'), packageName };
}

/** Optional dependencies are skipped on other systems without a word, so the word is said here. */
function resolvePackage(name: string): string {
  try {
    return createRequire(import.meta.url).resolve(`${name}/package.json`);
  } catch (cause) {
    throw new Error(`the npm package ${name} is missing: run "npm ci" on Linux, with optional dependencies`, { cause });
  }
}
