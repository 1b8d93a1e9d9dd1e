// Where the embedded cluster keeps its things outside the checkout. It only names places and never touches them.
import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The checkout that this cluster belongs to; two checkouts have two clusters. */
export const checkoutDir = realpathSync(join(import.meta.dirname, '..'));

export const goDir = join(import.meta.dirname, 'go');

// Outside of the checkout, so that a fresh clone finds the binaries that another one built.
const cacheDir = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'changeover');

export function buildDir(sourceHash: string): string {
  return join(cacheDir, 'builds', sourceHash);
}

/** By version: a changed pin never meets the files of another one. */
export function toolsDir(version: string): string {
  return join(cacheDir, 'tools', version);
}

/** Short, so that it fits into cgroup and process names; of the path, so that a checkout finds its own again. */
export function clusterKey(checkout: string): string {
  return createHash('sha256').update(checkout).digest('hex').slice(0, 8);
}

/** One state for each checkout, by its key. */
export const clustersDir = join(cacheDir, 'clusters');

/** Logs, keys and containerd's content of this checkout's cluster. */
export const stateDir = join(clustersDir, clusterKey(checkoutDir));
