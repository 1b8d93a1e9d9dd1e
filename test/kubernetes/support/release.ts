// The example application as a release in a namespace of the test's own, without changeover's own installing and waiting.

import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { buildExampleImage } from '../../../examples/images/build.ts';
import { connection } from './namespaces.ts';

const root = resolve(import.meta.dirname, '../../..');

/** Builds and imports the image where that has not happened yet. Returns its name. */
export async function importExampleImage(): Promise<string> {
  const { archive, reference } = await buildExampleImage();
  await execa(process.execPath, ['cluster/main.ts', 'import', archive], { cwd: root });
  return reference;
}

/** The name of the image, which is in the cluster before any test begins (`setup.ts`). */
export async function exampleImage(): Promise<string> {
  return (await buildExampleImage()).reference;
}

/** Resolves when all its Deployments and StatefulSets are rolled out. */
export async function installExample(namespace: string, values: Readonly<Record<string, string>>): Promise<void> {
  const settings = Object.entries(values).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
  await tool('helm', 'install', namespace, join(root, 'examples/portal/chart'), '--namespace', namespace, ...settings);
  await rolledOut(namespace);
}

/** Restarts the harvester with other settings, as a bad day would. */
export async function changeHarvester(namespace: string, variables: Readonly<Record<string, string>>): Promise<void> {
  await kubectl(namespace, 'set', 'env', 'deployment/harvester', ...Object.entries(variables).map(([name, value]) => `${name}=${value}`));
  await kubectl(namespace, 'rollout', 'status', 'deployment/harvester', '--timeout=60s');
}

export function kubectl(namespace: string, ...args: readonly string[]): Promise<string> {
  return tool('kubectl', '--namespace', namespace, ...args);
}

async function rolledOut(namespace: string): Promise<void> {
  const workloads = ['statefulset/database', 'deployment/harvester'];
  await Promise.all(workloads.map((workload) => kubectl(namespace, 'rollout', 'status', workload, '--timeout=120s')));
}

async function tool(name: 'helm' | 'kubectl', ...args: readonly string[]): Promise<string> {
  const { binDir, kubeconfig } = connection();
  const { stdout } = await execa(join(binDir, name), args, { env: { KUBECONFIG: kubeconfig } });
  return stdout;
}
