// A folder for the files of one test. It goes with the test, whatever becomes of it.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Its path. To be called in a test, not around it. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'changeover-test-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}
