// A node whose disk one pod can fill, so that its kubelet evicts that pod. The disk is in memory: nothing of the machine's own is used up.

import { vi } from 'vitest';
import { withNode, type TestNode } from './nodes.ts';
import type { RunnerPod } from './runner-jobs.ts';

const key = 'changeover.test/disk';
/** Of the 67 MiB that pods may use, the runner's asks for 64. */
const disk = '112m';
const fillerMegabytes = 75;

/** Only pods with the values of `onSmallNode` come here. */
export function withSmallNode(name: string, image: string): Promise<TestNode> {
  return withNode({ name, labels: { [key]: name }, taints: [`${key}=${name}:NoSchedule`], images: [image], disk });
}

/** Values of `pod`: to that node, but elsewhere while its disk is full. */
export function onSmallNode(name: string): object {
  const preference = { matchExpressions: [{ key, operator: 'In', values: [name] }] };
  return {
    affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference }] } },
    tolerations: [{ key, operator: 'Exists' }],
  };
}

interface Evicted {
  readonly phase: string;
  readonly reason?: string;
  readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason?: string }[];
}

/** Fills the disk below the pod. Resolves with its status when it has ended, for which its kubelet, who looks every 10 s, gives it 1 s. */
export async function fillDiskBelow(pod: RunnerPod): Promise<Evicted> {
  const { world, namespace, name } = pod;
  await pod.fillTmp(fillerMegabytes);
  const ended = async (): Promise<Evicted> => {
    const { status } = await world.read<{ status: Evicted }>(`/api/v1/namespaces/${namespace}/pods/${name}`);
    if (status.phase !== 'Failed') throw new Error(`pod ${name} has not failed: ${JSON.stringify(status)}`);
    return status;
  };
  return vi.waitFor(ended, { timeout: 60_000, interval: 200 });
}
