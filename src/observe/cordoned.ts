// Cordoned nodes, and what still runs there of this environment: what whoever upgrades a node pool waits for. Reads only.

import type { Environment } from '../config/environment.ts';
import { kinds, type KubernetesObject } from '../drivers/cluster/objects.ts';
import type { ReadOnlyDrivers } from '../drivers/drivers.ts';
import { failedWith } from '../drivers/failure.ts';
import type { ObservedRelease } from '../plan/observed.ts';
import { retry, type RetryOptions } from '../run/retry.ts';

export interface CordonedNode {
  readonly node: string;
  /** `prod-2hpwr/portal-6d5f`, without what a drain leaves alone: pods of DaemonSets, and pods that have ended. */
  readonly pods: readonly string[];
}

export interface CordonedOptions extends Pick<RetryOptions, 'clock' | 'signal'> {
  readonly environment: Environment;
  readonly drivers: Pick<ReadOnlyDrivers, 'cluster'>;
}

/** Undefined when this account may not list nodes. The pods are asked for only where there is a cordoned node. */
export async function observeCordoned(releases: readonly Pick<ObservedRelease, 'name'>[], options: CordonedOptions): Promise<readonly CordonedNode[] | undefined> {
  const { drivers: { cluster } } = options;
  // Asked first: an installed runner that is not configured to see nodes shall make no request that is refused.
  const [mayList] = await retry(() => cluster.allowed([{ verb: 'list', group: '', resource: 'nodes' }]), options);
  if (mayList !== true) return undefined;
  try {
    const { items } = await retry(() => cluster.list(kinds.node, {}), options);
    const cordoned = items.filter(isCordoned).map(({ metadata }) => metadata.name);
    if (cordoned.length === 0) return [];
    const lists = await Promise.all(releases.map(({ name: namespace }) => retry(() => cluster.list(kinds.pod, { namespace }), options)));
    const pods = lists.flatMap((list) => list.items).filter(wouldBeDrained);
    return cordoned.map((node) => ({ node, pods: pods.filter((pod) => specOf(pod).nodeName === node).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`) }));
  } catch (error) {
    if (failedWith(error, 'forbidden')) return undefined;
    throw error;
  }
}

function isCordoned(node: KubernetesObject): boolean {
  return specOf(node).unschedulable === true;
}

function wouldBeDrained(pod: KubernetesObject): boolean {
  const status = pod['status'] as { readonly phase?: string } | undefined;
  const owners = pod.metadata.ownerReferences ?? [];
  return !['Succeeded', 'Failed'].includes(status?.phase ?? '') && !owners.some(({ kind }) => kind === 'DaemonSet');
}

function specOf(object: KubernetesObject): { readonly unschedulable?: boolean; readonly nodeName?: string } {
  return (object['spec'] ?? {}) as { readonly unschedulable?: boolean; readonly nodeName?: string };
}
