// Further nodes of the embedded cluster for as long as a test wants them. A node without a taint takes pods of every test.

import { resolve } from 'node:path';
import { execa } from 'execa';

const root = resolve(import.meta.dirname, '../../..');

export interface WantedNode {
  /** Of no other test. */
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** `key=value:Effect`: keeps away what does not tolerate it. */
  readonly taints?: readonly string[];
  /** Names of images that the first node has; `import` brings those that come later to every node. */
  readonly images?: readonly string[];
  /** Size of a disk of its own, such as `128m`: with less than 40 % of it free the kubelet evicts its pods. */
  readonly disk?: string;
}

export interface TestNode {
  readonly name: string;
  readonly address: string;
  /** As a machine that is switched off: nothing on it is stopped in order. */
  remove(): Promise<void>;
}

/** Resolves when the node is Ready, which takes three to five seconds. One of the same name that a killed test left goes first. */
export async function withNode({ name, labels = {}, taints = [], images = [], disk }: WantedNode): Promise<TestNode> {
  const remove = async (): Promise<void> => {
    await cluster('remove-node', name);
  };
  await remove();
  const options = [
    ...Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]),
    ...taints.flatMap((taint) => ['--taint', taint]),
    ...images.flatMap((image) => ['--image', image]),
    ...(disk === undefined ? [] : ['--disk', disk]),
  ];
  const printed = await cluster('add-node', name, ...options);
  return { name, address: /Ready at (\S+)/.exec(printed)?.[1] ?? '', remove };
}

async function cluster(...args: readonly string[]): Promise<string> {
  return (await execa(process.execPath, ['cluster/main.ts', ...args], { cwd: root })).stdout;
}
