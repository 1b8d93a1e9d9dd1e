// The embedded cluster as the bench uses it, with an identity of its own: so the audit log tells its requests from all others.
// Touches only what it made: namespaces with its label, the environment `bench`, and its own names.

import { mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { execa } from 'execa';
import { parse, stringify } from 'yaml';
import { readConnection, type Connection } from '../cluster/connection.ts';
import { cluster } from '../examples/demo/commands.ts';
import { buildExampleImage } from '../examples/images/build.ts';

export const root = resolve(import.meta.dirname, '..');

export const environment = 'bench';
export const runnerNamespace = 'changeover-bench';
const identityNamespace = 'bench-identity';
export const identity = `system:serviceaccount:${identityNamespace}:bench`;

export const oneZone = ['bench-a.example.test.', 'bench-b.example.test.', 'bench-c.example.test.'] as const;
export const otherZone = 'bench-d.second.test.';

export interface Bench {
  readonly connection: Connection;
  /** For files of this run; removed at the end. */
  readonly directory: string;
  readonly image: string;
  /** Of the bench's own identity. */
  readonly kubeconfig: string;
  /** As the administrator, who is not counted. */
  kubectl(...args: readonly string[]): Promise<string>;
  /** Removes every trace, and takes the cluster down if it was not up before. */
  close(): Promise<void>;
}

export async function openBench(): Promise<Bench> {
  const wasUp = readConnection() !== undefined;
  if (!wasUp) await cluster('up');
  const connection = readConnection();
  if (connection === undefined) throw new Error('the cluster is not up; see: npm run cluster -- status');
  const { archive, reference } = await buildExampleImage();
  await cluster('import', archive);
  const directory = await mkdtemp(join(tmpdir(), 'changeover-bench-'));
  const kubectl = async (...args: readonly string[]): Promise<string> => (await execa(join(connection.binDir, 'kubectl'), args, { env: { KUBECONFIG: connection.kubeconfig } })).stdout;
  const place = { connection, directory, kubectl };
  await clean(place);
  const kubeconfig = await writeKubeconfig(place);
  const close = async (): Promise<void> => {
    await clean(place);
    await rm(directory, { recursive: true });
    if (!wasUp) await cluster('down');
  };
  return { ...place, image: reference, kubeconfig, close };
}

type Place = Pick<Bench, 'connection' | 'directory' | 'kubectl'>;

async function clean({ connection: { dns }, kubectl }: Place): Promise<void> {
  const own = ['delete', 'namespaces', '--wait=true', '--ignore-not-found'];
  await kubectl(...own, runnerNamespace, identityNamespace);
  await Promise.all([`changeover.dev/environment=${environment}`, throwAway].map((label) => kubectl(...own, '-l', label)));
  await kubectl('delete', 'clusterrolebinding', identityNamespace, '--ignore-not-found');
  const deletions = [...oneZone.map((name) => ['example.test', name]), ['second.test', otherZone]];
  for (const [zone, name] of deletions) {
    const input = [`server ${dns.primary.address} ${dns.primary.port}`, `zone ${zone}`, `update delete ${name}`, `update delete _changeover.${name}`, 'send', ''].join('\n');
    await execa('nsupdate', ['-k', dns.tsigKeyFile], { input });
  }
}

async function writeKubeconfig({ connection, directory, kubectl }: Place): Promise<string> {
  await kubectl('create', 'namespace', identityNamespace);
  await kubectl('create', 'serviceaccount', 'bench', '-n', identityNamespace);
  await kubectl('create', 'clusterrolebinding', identityNamespace, '--clusterrole=cluster-admin', `--serviceaccount=${identityNamespace}:bench`);
  const token = await kubectl('create', 'token', 'bench', '-n', identityNamespace, '--duration=24h');
  const config = parse(await readFile(connection.kubeconfig, 'utf8')) as { readonly users: readonly { readonly name: string }[] };
  const file = join(directory, 'kubeconfig');
  const users = config.users.map(({ name }) => ({ name, user: { token } }));
  await writeFile(file, stringify({ ...config, users }), { mode: 0o600 });
  return file;
}

/** Variables of a process that acts as the bench, with helm and kubectl on its PATH. */
export function processEnvironment({ connection, kubeconfig }: Pick<Bench, 'connection' | 'kubeconfig'>): Record<string, string> {
  return { KUBECONFIG: kubeconfig, PATH: `${connection.binDir}${delimiter}${process.env['PATH'] ?? ''}`, NO_COLOR: '1' };
}

const throwAway = 'changeover.dev/bench=throw-away';

export async function makeNamespace({ kubectl }: Pick<Bench, 'kubectl'>, name: string): Promise<void> {
  await kubectl('create', 'namespace', name);
  await kubectl('label', 'namespace', name, throwAway);
}

/** What is written to a log after this moment. */
export async function followLog(file: string): Promise<() => Promise<string>> {
  const { size } = await stat(file);
  return async () => {
    const handle = await open(file);
    try {
      const length = (await handle.stat()).size - size;
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size);
      return buffer.subarray(0, bytesRead).toString();
    } finally {
      await handle.close();
    }
  };
}
