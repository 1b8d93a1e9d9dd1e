// One test file's own world on the embedded cluster: an environment of its own name, its own public names, real commands.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { readConnection, type Connection } from '../../../cluster/connection.ts';
import { ownerName } from '../../../src/plan/owners.ts';
import { apiAsAdministrator, type Api } from './api.ts';
import { programFile } from './program.ts';

const root = resolve(import.meta.dirname, '../../..');

export interface Finished {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that is under way: its streams, `kill`, and what it ends with. */
export type RunningCommand = ReturnType<KubernetesWorld['start']>;

type Layer = Readonly<Record<string, unknown>>;

interface Named {
  readonly items: readonly { readonly metadata: { readonly name: string } }[];
}

interface Objects {
  readonly items: readonly { readonly metadata: { readonly name: string; readonly uid: string; readonly generation?: number; readonly labels?: Readonly<Record<string, string>> }; readonly spec?: unknown }[];
}

/** As much of an object as changes when somebody touches it, and not by itself. */
export interface SeenObject {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly generation: number | undefined;
  readonly spec: unknown;
  /** Of what Helm keeps of a release: its revision and state. */
  readonly helm: string;
}

/** What a chart of the tests consists of, and what Helm keeps of its release. */
const looked = [
  ['Deployment', '/apis/apps/v1', 'deployments'],
  ['StatefulSet', '/apis/apps/v1', 'statefulsets'],
  ['Service', '/api/v1', 'services'],
  ['Secret', '/api/v1', 'secrets?labelSelector=owner=helm'],
] as const;

interface Services {
  readonly items: readonly { readonly status: { readonly loadBalancer: { readonly ingress?: readonly { readonly ip?: string }[] } } }[];
}

export class KubernetesWorld {
  readonly connection: Connection;
  readonly environment: string;
  readonly directory: string;
  readonly names: readonly string[];
  readonly #api: Api;
  #layers = 0;

  private constructor(connection: Connection, environment: string, directory: string) {
    this.connection = connection;
    this.environment = environment;
    this.directory = directory;
    this.#api = apiAsAdministrator(connection);
    this.names = [`${environment}-www.example.test.`, `${environment}-search.second.test.`];
  }

  /** Needs the cluster up. What an interrupted run of the same tests has left goes first. */
  static async create(environment: string): Promise<KubernetesWorld> {
    const connection = readConnection();
    if (connection === undefined) throw new Error('the embedded cluster is not up: npm run cluster -- up');
    const world = new KubernetesWorld(connection, environment, await mkdtemp(join(tmpdir(), 'changeover-test-')));
    await world.clean();
    return world;
  }

  /** The environment file of the tests; what is given replaces whole sections. */
  layer(more: Layer = {}): Layer {
    const { dns, clusterName } = this.connection;
    const servers = [dns.primary, dns.secondary].map(({ address, port }) => `${address}:${port}`);
    const [www = '', search = ''] = this.names;
    return {
      cluster: clusterName,
      environment: this.environment,
      deleteExisting: true,
      dns: [
        { zone: 'example.test', name: www, service: 'ingress', ttl: 1 },
        { zone: 'second.test', name: search, service: 'search-ingress', ttl: 1 },
      ],
      dnsProvider: { rfc2136: { server: servers[0], key: { file: dns.tsigKeyFile } } },
      dnsServers: { 'example.test': servers, 'second.test': servers },
      release: { chart: { path: join(root, 'test/kubernetes/chart') } },
      load: [{ name: 'base', job: { fromJob: 'loader' }, timeout: '1m' }],
      verify: { http: [{ url: `http://${www.replace(/\.$/, '')}/`, bodyContains: 'release' }], timeout: '20s' },
      drain: { soak: '1s', every: '500ms' },
      runner: { namespace: `changeover-${this.environment}`, leaseDuration: '3s' },
      ...more,
    };
  }

  async writeLayer(more: Layer = {}): Promise<string> {
    this.#layers += 1;
    const file = join(this.directory, `layer-${this.#layers}.yaml`);
    await writeFile(file, stringify(this.layer(more)));
    return file;
  }

  /** Values of the chart, as a `release` section. */
  release(values: Layer, more: Layer = {}): Layer {
    return { release: { chart: { path: join(root, 'test/kubernetes/chart') }, values: [{ inline: values }], ...more } };
  }

  start(command: string, layer: string, ...args: readonly string[]) {
    return execa(process.execPath, [programFile(), command, ...args, '-f', layer], { cwd: root, env: this.processEnvironment(), reject: false });
  }

  async run(command: string, more: Layer = {}, ...args: readonly string[]): Promise<Finished> {
    const { exitCode, stdout, stderr } = await this.start(command, await this.writeLayer(more), ...args);
    return { exitCode: exitCode ?? -1, stdout: String(stdout), stderr: String(stderr) };
  }

  async kubectl(...args: readonly string[]): Promise<string> {
    const { stdout } = await execa(join(this.connection.binDir, 'kubectl'), args, { env: this.processEnvironment() });
    return stdout;
  }

  async helm(...args: readonly string[]): Promise<string> {
    const { stdout } = await execa(join(this.connection.binDir, 'helm'), args, { cwd: root, env: this.processEnvironment() });
    return stdout;
  }

  /** What kubectl would read, at the price of one request: for what is looked at until it is so. The path is an API path with its query. */
  async read<T>(path: string): Promise<T> {
    const { status, text } = await this.#api({ method: 'GET', path });
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    return JSON.parse(text) as T;
  }

  /** What one server answers for a name, without any of the program's own code. */
  async dig(name: string, server: 'primary' | 'secondary' = 'primary'): Promise<readonly string[]> {
    const { address, port } = this.connection.dns[server];
    const { stdout } = await execa('dig', ['+short', '+tries=1', '+time=2', '-p', String(port), `@${address}`, name, 'A']);
    return stdout.split('\n').filter((line) => line !== '').toSorted();
  }

  async nsupdate(...lines: readonly string[]): Promise<void> {
    const { address, port } = this.connection.dns.primary;
    const input = [`server ${address} ${port}`, ...lines, 'send', ''].join('\n');
    await execa('nsupdate', ['-k', this.connection.dns.tsigKeyFile], { input });
  }

  /** Names of this environment's releases, told by label. */
  async releases(): Promise<readonly string[]> {
    const { items } = await this.read<Named>(`/api/v1/namespaces?labelSelector=changeover.dev/environment=${this.environment}`);
    return items.map(({ metadata }) => metadata.name).toSorted();
  }

  /** Of a release's load balancers. */
  async addressesOf(release: string): Promise<readonly string[]> {
    const { items } = await this.read<Services>(`/api/v1/namespaces/${release}/services`);
    return items.flatMap(({ status }) => (status.loadBalancer.ingress ?? []).flatMap(({ ip }) => ip ?? []));
  }

  /** Of a release, whoever has installed it; four requests. */
  async objectsOf(namespace: string): Promise<readonly SeenObject[]> {
    const found = looked.map(async ([kind, api, resource]) => {
      const { items } = await this.read<Objects>(`${api}/namespaces/${namespace}/${resource}`);
      return items.map(({ metadata: { name, uid, generation, labels = {} }, spec }) => ({ kind, name, uid, generation, spec, helm: `${labels['version'] ?? ''} ${labels['status'] ?? ''}`.trim() }));
    });
    return (await Promise.all(found)).flat();
  }

  /** Removes every trace: releases, records, names. By default it is gone when this resolves. */
  async clean({ wait }: { readonly wait: boolean } = { wait: true }): Promise<void> {
    const labelled = ['delete', 'namespaces', '-l', `changeover.dev/environment=${this.environment}`, `--wait=${wait}`];
    await Promise.all([this.kubectl(...labelled), this.kubectl('delete', 'namespace', `changeover-${this.environment}`, '--ignore-not-found', `--wait=${wait}`)]);
    const [www = '', search = ''] = this.names;
    // What is left at the owner's name would keep the next one out: its lease begins anew, at a lower epoch.
    await this.nsupdate('zone example.test', `update delete ${www}`, `update delete ${ownerName(www)}`);
    await this.nsupdate('zone second.test', `update delete ${search}`, `update delete ${ownerName(search)}`);
  }

  async end(): Promise<void> {
    // Whoever comes next with this name waits until it is gone; nobody else needs to.
    await this.clean({ wait: false });
    await rm(this.directory, { recursive: true });
  }

  private processEnvironment(): Record<string, string> {
    const { kubeconfig, binDir } = this.connection;
    return { KUBECONFIG: kubeconfig, PATH: `${binDir}${delimiter}${process.env['PATH'] ?? ''}`, NO_COLOR: '1' };
  }
}
