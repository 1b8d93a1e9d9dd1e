// Once around all fast tests: they have a folder of their own for temporary files, and it must be empty when they are done.

import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let directory: string;

export async function setup(): Promise<void> {
  directory = await mkdtemp(join(tmpdir(), 'changeover-fast-'));
  // The workers are started after this, and `tmpdir()` there answers with it.
  process.env['TMPDIR'] = directory;
}

export async function teardown(): Promise<void> {
  // Node's own cache of compiled modules is nobody's to remove.
  const left = (await readdir(directory)).filter((name) => name !== 'node-compile-cache');
  await rm(directory, { recursive: true });
  if (left.length > 0) throw new Error(`tests have left temporary files behind: ${left.toSorted().join(', ')}`);
}
