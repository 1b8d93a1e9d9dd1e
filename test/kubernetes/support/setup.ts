// Once before all Kubernetes tests: the images of the example and of the runner are built and in the cluster. Files that came upon one
// of them at the same time would each build it, and take it away from under the others.

import { runnerImage } from './image.ts';
import { importExampleImage } from './release.ts';

export async function setup(): Promise<void> {
  await importExampleImage();
  await runnerImage();
}
