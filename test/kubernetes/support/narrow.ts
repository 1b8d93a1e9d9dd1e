// The runner's chart in the embedded cluster, and real requests as the accounts that it makes: by their own tokens, without any of
// the program's own code. Runs no pod.

import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import https from 'node:https';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { parse } from 'yaml';
import type { Connection } from '../../../cluster/connection.ts';
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
  const config = configOf(world.connection);
  const contexts = config.contexts.map(({ name, context }) => ({ name, context: { ...context, user: 'narrow' } }));
  await writeFile(kubeconfig, JSON.stringify({ ...config, contexts, users: [{ name: 'narrow', user: { token } }] }), { mode: 0o600 });
  const env = { KUBECONFIG: kubeconfig, PATH: `${world.connection.binDir}:${process.env['PATH'] ?? ''}`, NO_COLOR: '1' };
  const { exitCode, stdout, stderr } = await execa(process.execPath, ['src/main.ts', ...command], { cwd: root, env, reject: false });
  return { exitCode: exitCode ?? -1, stdout, stderr };
}

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: { readonly 'certificate-authority-data': string } }[];
  readonly contexts: readonly { readonly name: string; readonly context: object }[];
}

function configOf({ kubeconfig }: Connection): Kubeconfig {
  return parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig;
}

export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With its query. */
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ApiAnswer {
  readonly status: number;
  /** `Status.message`, or the object. */
  readonly text: string;
}

export type Api = (call: ApiCall) => Promise<ApiAnswer>;

/** Requests with a bearer token, and nothing else to identify by. */
export function apiAs(connection: Connection, token: string): Api {
  const ca = Buffer.from(configOf(connection).clusters[0]?.cluster['certificate-authority-data'] ?? '', 'base64').toString('utf8');
  const agent = new https.Agent({ ca, keepAlive: true });
  return ({ method, path, body, headers }) =>
    new Promise((resolveAnswer, reject) => {
      const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
      const sent = https.request(`${connection.apiServer}${path}`, { agent, method, headers: { Authorization: `Bearer ${token}`, 'Content-Type': type, ...headers } }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolveAnswer({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }));
      });
      sent.on('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
}
