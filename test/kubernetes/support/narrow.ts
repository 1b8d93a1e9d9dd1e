// The runner's chart in the embedded cluster, and commands as the accounts that it makes, by their own tokens. Runs no pod.

import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { parse } from 'yaml';
import { programFile } from './program.ts';
import type { Finished, KubernetesWorld } from './world.ts';

const root = resolve(import.meta.dirname, '../../..');

type Layer = Readonly<Record<string, unknown>>;

/** The namespace is the one that the world's own layer names. */
export async function installChart(world: KubernetesWorld, more: Layer = {}): Promise<string> {
  const namespace = `changeover-${world.environment}`;
  const args = ['upgrade', '--install', world.environment, join(root, 'chart'), '-f', await world.writeLayer(more), '--namespace', namespace, '--create-namespace'];
  await execa(join(world.connection.binDir, 'helm'), args, { env: { KUBECONFIG: world.connection.kubeconfig } });
  return namespace;
}

export async function uninstallChart(world: KubernetesWorld): Promise<void> {
  const args = ['uninstall', world.environment, '--namespace', `changeover-${world.environment}`, '--ignore-not-found'];
  await execa(join(world.connection.binDir, 'helm'), args, { env: { KUBECONFIG: world.connection.kubeconfig } });
}

export async function tokenOf(world: KubernetesWorld, namespace: string, account: string): Promise<string> {
  return (await world.kubectl('--namespace', namespace, 'create', 'token', account, '--duration=1h')).trim();
}

/** A command under an account's own rights, as in its pod, but for the way to the cluster. */
export async function runAs(world: KubernetesWorld, token: string, command: readonly string[]): Promise<Finished> {
  const kubeconfig = join(world.directory, 'narrow.kubeconfig');
  const config = parse(await readFile(world.connection.kubeconfig, 'utf8')) as Kubeconfig;
  const contexts = config.contexts.map(({ name, context }) => ({ name, context: { ...context, user: 'narrow' } }));
  await writeFile(kubeconfig, JSON.stringify({ ...config, contexts, users: [{ name: 'narrow', user: { token } }] }), { mode: 0o600 });
  const env = { KUBECONFIG: kubeconfig, PATH: `${world.connection.binDir}:${process.env['PATH'] ?? ''}`, NO_COLOR: '1' };
  const { exitCode, stdout, stderr } = await execa(process.execPath, [programFile(), ...command], { cwd: root, env, reject: false });
  return { exitCode: exitCode ?? -1, stdout, stderr };
}

interface Kubeconfig {
  readonly contexts: readonly { readonly name: string; readonly context: object }[];
}
