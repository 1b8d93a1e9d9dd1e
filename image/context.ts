// Puts together what the Dockerfile copies: the bundle, Node, Helm. The same checkout gives the same files wherever it lies.
import { copyFile, cp, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { installTools } from '../cluster/packages.ts';
import { bundle, type Bundle } from '../scripts/build.ts';
import { nodeBinary } from './node.ts';

const root = resolve(import.meta.dirname, '..');

export interface Context {
  readonly directory: string;
  readonly bundle: Bundle;
  readonly versions: { readonly node: string; readonly helm: string };
}

/** For `kubectl exec`: the base has no `env`, by which the program itself would find Node. */
const command = "#!/usr/local/bin/node\nimport('/usr/lib/changeover/main.mjs');\n";

/** Fills `directory`, which has to be empty; afterwards any builder of images can take it. */
export async function prepareContext(directory: string): Promise<Context> {
  const node = nodeBinary();
  const helm = join(await installTools(() => undefined), 'helm');
  await mkdir(join(directory, 'bin'), { recursive: true });
  await copyFile(join(root, 'Dockerfile'), join(directory, 'Dockerfile'));
  await copyFile(node.file, join(directory, 'bin', 'node'));
  await copyFile(helm, join(directory, 'bin', 'helm'));
  await writeFile(join(directory, 'bin', 'changeover'), command, { mode: 0o755 });
  await cp(join(import.meta.dirname, 'warm'), join(directory, 'warm'), { recursive: true });
  for (const name of ['demo-base.yaml', 'demo.yaml']) await copyFile(join(root, 'config', name), join(directory, 'warm', name));
  const bundled = await bundle(join(directory, 'program'));
  const { stdout } = await execa(helm, ['version', '--template', '{{.Version}}']);
  return { directory, bundle: bundled, versions: { node: node.version, helm: stdout.replace(/^v/, '') } };
}
