// The runner's image in the embedded cluster: built and imported where that has not happened yet. It starts no pod.

import { resolve } from 'node:path';
import { execa } from 'execa';
import { buildRunnerImage } from '../../../image/build.ts';

const root = resolve(import.meta.dirname, '../../..');

/** One for all tests, whatever commit they run on: unchanged sources need no new image. */
const anyCommit = { revision: 'test', seconds: 0 };

let imported: Promise<string> | undefined;

/** The name that a pod on the embedded cluster gives as its image. About 10 s after a change, 3 s without one. */
export function runnerImage(): Promise<string> {
  imported ??= importImage();
  return imported;
}

/** What is to be done with a tag that was made for a test. */
export interface OtherTag {
  readonly tag: string;
  remove(): Promise<void>;
}

/** One more tag of an image, as a new version has it; on the first node only, and for one test at a time. */
export async function otherTag(image: string, tag: string): Promise<OtherTag> {
  const other = image.replace(/:[^:/]+$/, `:${tag}`);
  await containerd('tag', '--force', image, other);
  return { tag, remove: () => containerd('remove', other) };
}

async function containerd(...args: readonly string[]): Promise<void> {
  await execa(process.execPath, ['cluster/main.ts', 'exec', 'ctr', '--namespace', 'k8s.io', 'images', ...args], { cwd: root });
}

async function importImage(): Promise<string> {
  const { archive, reference } = await buildRunnerImage({ commit: anyCommit });
  await execa(process.execPath, ['cluster/main.ts', 'import', archive], { cwd: root });
  return reference;
}
