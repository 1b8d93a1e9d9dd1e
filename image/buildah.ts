// Calls buildah with a store of this project's own. It configures nothing on the machine and leaves only base images behind.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { aptInstall, locate } from '../cluster/packages.ts';
import { cacheDirectory } from './cache.ts';

/** What buildah printed; rejects with what it complained of. One call at a time: two at once would fight over the store. */
export async function buildah(...args: readonly string[]): Promise<string> {
  const store = path.join(await cacheDirectory(), 'buildah');
  await mkdir(store, { recursive: true });
  const own = ['--root', path.join(store, 'root'), '--runroot', path.join(store, 'run'), '--storage-driver', 'overlay'];
  const { stdout } = await execa('flock', [path.join(store, 'lock'), 'buildah', ...own, ...args]);
  return stdout;
}

/** Debian's packages that building takes, where they are missing. */
export async function installBuildTools(): Promise<void> {
  const tools = ['buildah', 'mmdebstrap', 'unzip'];
  const found = await Promise.all(tools.map(locate));
  const missing = tools.filter((_, position) => found[position] === undefined);
  if (missing.length > 0) await aptInstall(missing);
}
