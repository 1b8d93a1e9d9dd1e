// Once before all Kubernetes tests: the program is made, and the images of the example and of the runner are built and in the cluster.
// Files that came upon one of them at the same time would each build it, and take it away from under the others.

import { runnerImage } from './image.ts';
import { makeProgram } from './program.ts';
import { importExampleImage } from './release.ts';

/** Resolves with what is to be done after all of them. */
export async function setup(): Promise<() => Promise<void>> {
  await importExampleImage();
  await runnerImage();
  return makeProgram();
}
