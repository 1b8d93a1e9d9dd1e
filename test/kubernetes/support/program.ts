// The program as it is shipped: one bundle for all Kubernetes tests, which start it some hundreds of times. A start of it costs a third
// of one from the sources, and what is tested is what is installed.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '../../../scripts/build.ts';

const variable = 'CHANGEOVER_TEST_PROGRAM';

/** Once before all tests. Resolves with how to remove it again. */
export async function makeProgram(): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'changeover-program-'));
  // Inherited by the processes that the tests run in, which are started after this.
  process.env[variable] = (await bundle(join(directory, 'program'))).program;
  return () => rm(directory, { recursive: true });
}

/** Path of the file that is started. */
export function programFile(): string {
  const file = process.env[variable];
  if (file === undefined) throw new Error('the program is not made: only tests of the project `kubernetes` have it');
  return file;
}
