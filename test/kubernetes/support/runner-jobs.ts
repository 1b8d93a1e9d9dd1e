// A Job of the installed runner, its pods one after another, and what they tell. Ends pods only where a test asks for it.

import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { execa } from 'execa';
import { vi } from 'vitest';
import type { InstalledRunner } from './installed-runner.ts';
import { peak, processesOf } from './memory.ts';
import type { KubernetesWorld } from './world.ts';

/** A line of the runner's log, as far as tests look at it. */
export interface LogLine {
  readonly type?: string;
  readonly step?: string;
  readonly run?: string;
  readonly resumed?: boolean;
  readonly outcome?: string;
  readonly cordoned?: readonly { readonly node: string; readonly pods: readonly string[] }[];
}

interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: { readonly nodeName?: string; readonly containers: readonly { readonly image: string }[] };
  readonly status: { readonly phase: string; readonly containerStatuses?: readonly { readonly containerID?: string }[] };
}

interface Status {
  readonly failed?: number;
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
}

const patience = { timeout: 120_000, interval: 200 };

export class RunnerJob {
  readonly name: string;
  readonly #runner: InstalledRunner;
  readonly #seen = new Set<string>();

  private constructor(runner: InstalledRunner, name: string) {
    this.#runner = runner;
    this.name = name;
  }

  /** As `kubectl create job --from` by hand. */
  static async start(runner: InstalledRunner, name: string): Promise<RunnerJob> {
    await runner.world.kubectl('create', 'job', '--namespace', runner.namespace, `--from=cronjob/${runner.name}`, name);
    return new RunnerJob(runner, name);
  }

  /** The first, or the one that has replaced the one before; its container has started. */
  async nextPod(): Promise<RunnerPod> {
    const pod = await this.#awaited(({ status }) => status.phase !== 'Pending');
    this.#seen.add(pod.metadata.name);
    return new RunnerPod(this.#runner, pod);
  }

  /** The node that its next pod is to run on, as soon as that is decided. */
  async nextNode(): Promise<string> {
    const { spec } = await this.#awaited(({ spec: { nodeName } }) => nodeName !== undefined);
    return spec.nodeName ?? '';
  }

  /** Resolves when it has ended, and rejects when that was not well: how many of its pods were lost before. */
  async lostPods(): Promise<number> {
    const { world, namespace } = this.#runner;
    const look = async (): Promise<Status> => {
      const status = await this.#status();
      if (!isTrue(status, 'Complete') && !isTrue(status, 'Failed')) throw new Error(`Job ${this.name} has not ended`);
      return status;
    };
    const status = await vi.waitFor(look, patience);
    if (isTrue(status, 'Failed')) throw new Error(await world.kubectl('logs', '--namespace', namespace, `job/${this.name}`, '--tail=3'));
    return status.failed ?? 0;
  }

  async #status(): Promise<Status> {
    const { world, namespace } = this.#runner;
    return (await world.read<{ status: Status }>(`/apis/batch/v1/namespaces/${namespace}/jobs/${this.name}`)).status;
  }

  #awaited(isAwaited: (pod: Pod) => boolean): Promise<Pod> {
    const look = async (): Promise<Pod> => {
      const pod = (await this.#pods()).find(isAwaited);
      if (pod === undefined) throw new Error(`there is no new pod of ${this.name}: ${JSON.stringify(await this.#status())}`);
      return pod;
    };
    return vi.waitFor(look, patience);
  }

  async #pods(): Promise<readonly Pod[]> {
    const { world, namespace } = this.#runner;
    const { items } = await world.read<{ items: Pod[] }>(`/api/v1/namespaces/${namespace}/pods?labelSelector=job-name=${this.name}`);
    return items.filter(({ metadata }) => !this.#seen.has(metadata.name));
  }
}

export class RunnerPod {
  readonly name: string;
  readonly world: KubernetesWorld;
  readonly namespace: string;
  readonly node: string;
  readonly image: string;
  readonly #pod: Pod;

  constructor({ world, namespace }: InstalledRunner, pod: Pod) {
    this.world = world;
    this.namespace = namespace;
    this.name = pod.metadata.name;
    this.node = pod.spec.nodeName ?? '';
    this.image = pod.spec.containers[0]?.image ?? '';
    this.#pod = pod;
  }

  /** Follows its log until a line of this kind; rejects when the log ends without. */
  async until({ type, step }: Pick<LogLine, 'type' | 'step'>): Promise<void> {
    const lines: string[] = [];
    for await (const text of this.#follow()) {
      lines.push(text);
      const line = parsed(text);
      if (line.type === type && (step === undefined || line.step === step)) return;
    }
    throw new Error(`${this.name} ended before ${type} ${step ?? ''}:\n${lines.slice(-10).join('\n')}`);
  }

  /** All of its log, also of one that goes away meanwhile. */
  async logToTheEnd(): Promise<readonly LogLine[]> {
    const lines: LogLine[] = [];
    for await (const text of this.#follow()) lines.push(parsed(text));
    return lines;
  }

  async *#follow(): AsyncIterable<string> {
    const { kubeconfig, binDir } = this.world.connection;
    const following = execa(join(binDir, 'kubectl'), ['logs', '--follow', '--namespace', this.namespace, this.name], { env: { KUBECONFIG: kubeconfig }, reject: false });
    try {
      yield* createInterface({ input: following.stdout });
    } finally {
      following.kill();
    }
  }

  /** Needs its pod to be there still. */
  async log(): Promise<readonly LogLine[]> {
    const text = await this.world.kubectl('logs', '--namespace', this.namespace, this.name);
    return text.split('\n').map(parsed);
  }

  /** The exit code of its container, once that has ended; to be asked for before the pod can be gone. */
  async exitCode(): Promise<string> {
    const path = '{.status.containerStatuses[0].state.terminated.exitCode}';
    const pod = ['--namespace', this.namespace, `pod/${this.name}`];
    return (await this.world.kubectl('wait', ...pod, `--for=jsonpath=${path}`, '--timeout=120s', '-o', `jsonpath=${path}`)).trim();
  }

  /** Puts a file into its /tmp. Where that is in memory, it does not count as the pod's. */
  async fillTmp(megabytes: number): Promise<void> {
    const [first = 0] = await this.#processes();
    await writeFile(`/proc/${first}/root/tmp/filler`, Buffer.alloc(megabytes * 2 ** 20));
  }

  /** As the kernel does it to one that wants too much memory: no signal that it could hear. */
  async kill(): Promise<void> {
    // The first is process 1 of the container, and takes the others with it.
    const [first = 0] = await this.#processes();
    process.kill(first, 'SIGKILL');
  }

  /** What it has needed so far, at most; while it runs. */
  async peakMegabytes(): Promise<number> {
    return Math.round((await peak(this.world.connection, this.#pod.metadata.uid, this.#containerId())) / 1e6);
  }

  #processes(): Promise<readonly number[]> {
    return processesOf(this.world.connection, this.#pod.metadata.uid, this.#containerId());
  }

  #containerId(): string {
    return this.#pod.status.containerStatuses?.[0]?.containerID?.replace('containerd://', '') ?? '';
  }

  /** As the node's controller does it to those of a node that is gone: the pod is no more, whatever its process does. */
  async deleteByForce(): Promise<void> {
    await this.world.kubectl('delete', 'pod', '--namespace', this.namespace, this.name, '--grace-period=0', '--force');
  }
}

function isTrue({ conditions = [] }: Status, type: string): boolean {
  return conditions.some((condition) => condition.type === type && condition.status === 'True');
}

/** A line that is not the runner's own, such as a stack of Node's, comes to light where the lines before are told. */
function parsed(text: string): LogLine {
  return text.startsWith('{') ? (JSON.parse(text) as LogLine) : {};
}
