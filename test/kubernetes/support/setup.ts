// Once before all Kubernetes tests: the example's image is built and in the cluster. Two files that came upon that at once would do it twice.

import { importExampleImage } from './release.ts';

export async function setup(): Promise<void> {
  await importExampleImage();
}
