// What a pod of the runner's own making can connect to, and what the embedded cluster's NetworkPolicy controller has dropped of it.
// Only the pods that it starts are asked, and nothing outside of the test's own addresses.

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import type { Connection } from '../../../cluster/connection.ts';
import type { InstalledRunner } from './installed-runner.ts';

const root = resolve(import.meta.dirname, '../../..');

/** Addresses that a NetworkPolicy sees: behind the translation of Services. */
export function serverAddresses({ apiServer, stateDir }: Pick<Connection, 'apiServer' | 'stateDir'>): { readonly api: string; readonly clusterDns: string } {
  const resolvConf = readFileSync(join(stateDir, 'run', 'resolv.conf'), 'utf8');
  return { api: new URL(apiServer).hostname, clusterDns: /^nameserver (\S+)$/m.exec(resolvConf)?.[1] ?? '' };
}

/** `dns`: one question over UDP; any answer counts, also that there is no such name. */
export interface Target {
  readonly title: string;
  readonly by: 'tcp' | 'dns';
  readonly host: string;
  readonly port: number;
}

interface Template {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: { readonly containers: readonly object[] };
}

export class NetworkPod {
  readonly name: string;
  readonly #runner: InstalledRunner;

  private constructor(runner: InstalledRunner, name: string) {
    this.#runner = runner;
    this.name = name;
  }

  /** The pod of the runner's CronJob, labels, account and all, but idle; `labels` instead of its own make it any other pod. Not yet Ready. */
  static async start(runner: InstalledRunner, name: string, labels?: Readonly<Record<string, string>>): Promise<NetworkPod> {
    const { world, namespace } = runner;
    const cronJob = JSON.parse(await world.kubectl('get', 'cronjob', runner.name, '--namespace', namespace, '-o', 'json')) as { spec: { jobTemplate: { spec: { template: Template } } } };
    const { metadata, spec } = cronJob.spec.jobTemplate.spec.template;
    const idle = { command: ['/usr/local/bin/node', '-e', 'setInterval(() => undefined, 60_000)'], args: [] };
    const containers = spec.containers.map((container) => ({ ...container, ...idle }));
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels: labels ?? metadata.labels }, spec: { ...spec, containers, terminationGracePeriodSeconds: 0 } };
    await execa(join(world.connection.binDir, 'kubectl'), ['create', '-f', '-'], { env: { KUBECONFIG: world.connection.kubeconfig }, input: JSON.stringify(pod) });
    return new NetworkPod(runner, name);
  }

  /** Titles of the targets that answer within two seconds. */
  async reached(targets: readonly Target[]): Promise<readonly string[]> {
    const { world, namespace } = this.#runner;
    const printed = await world.kubectl('exec', '--namespace', namespace, this.name, '--', '/usr/local/bin/node', '-e', `(${probe.toString()})()`, JSON.stringify(targets));
    return JSON.parse(printed) as readonly string[];
  }

  /** The kernel's rules about what it sends, with the packets that met each: `[3:180] -A …`. None where no policy is about it. */
  async rules(): Promise<readonly string[]> {
    const { world, namespace } = this.#runner;
    const address = await world.kubectl('get', 'pod', '--namespace', namespace, this.name, '-o', 'jsonpath={.status.podIP}');
    const { stdout } = await execa(process.execPath, ['cluster/main.ts', 'exec', 'iptables-save', '--counters', '--table', 'mangle'], { cwd: root });
    return stdout.split('\n').filter((line) => line.includes(`-A CHANGEOVER-EGRESS -s ${address}/32 `));
  }

  /** Packets that no policy let through, since the pod began; undefined where no policy is about it. */
  async dropped(): Promise<number | undefined> {
    const last = (await this.rules()).find((line) => line.endsWith('-j DROP'));
    return last === undefined ? undefined : Number(/^\[(\d+):/.exec(last)?.[1]);
  }
}

/** Runs in the pod, as text: it may use nothing from outside of itself, and imports would be Vite's. */
async function probe(): Promise<void> {
  const net = process.getBuiltinModule('node:net');
  const dns = process.getBuiltinModule('node:dns/promises');
  const targets = JSON.parse(process.argv[1] ?? '') as { title: string; by: string; host: string; port: number }[];
  const byTcp = (host: string, port: number): Promise<boolean> =>
    new Promise((answer) => {
      const socket = net.connect({ host, port });
      const end = (isOpen: boolean): void => {
        socket.destroy();
        answer(isOpen);
      };
      socket.once('connect', () => end(true)).once('error', () => end(false)).setTimeout(2_000, () => end(false));
    });
  const byDns = async (host: string, port: number): Promise<boolean> => {
    const resolver = new dns.Resolver({ timeout: 2_000, tries: 1 });
    resolver.setServers([`${host}:${port}`]);
    const failure: unknown = await resolver.resolve4('www.example.test').catch((error: unknown) => error);
    return !(failure instanceof Error && 'code' in failure && (failure.code === 'ETIMEOUT' || failure.code === 'ECONNREFUSED'));
  };
  const answers = await Promise.all(targets.map(({ by, host, port }) => (by === 'dns' ? byDns(host, port) : byTcp(host, port))));
  console.log(JSON.stringify(targets.filter((_, position) => answers[position]).map(({ title }) => title)));
}
