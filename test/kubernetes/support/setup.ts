// Once before all Kubernetes tests: the example's image is built and in the cluster. Two files that came upon that at once would do it twice.

import { join, resolve } from 'node:path';
import { execa } from 'execa';
import type { TestProject } from 'vitest/node';
import { buildExampleImage } from '../../../examples/images/build.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Its name in the cluster. */
    readonly exampleImage: string;
  }
}

const root = resolve(import.meta.dirname, '../../..');

export async function setup(project: TestProject): Promise<void> {
  const { archive, reference } = await buildExampleImage();
  await execa(process.execPath, [join(root, 'cluster/main.ts'), 'import', archive], { cwd: root });
  project.provide('exampleImage', reference);
}
