// Short ways to wait for what controllers write, and to read it. Asserts nothing.

import type { Cluster } from '../../src/drivers/cluster/cluster.ts';
import type { Kind, KubernetesObject } from '../../src/drivers/cluster/objects.ts';

type Status = Readonly<Record<string, unknown>>;

export function statusOf(found: KubernetesObject): Status {
  return (found['status'] ?? {}) as Status;
}

interface Awaited {
  readonly cluster: Cluster;
  readonly kind: Kind;
  readonly namespace: string;
  /** Default: the first of which it is true. */
  readonly name?: string;
}

/** The object as soon as it is so. */
export async function until({ cluster, kind, namespace, name }: Awaited, isSo: (found: KubernetesObject) => boolean): Promise<KubernetesObject> {
  const fits = (found: KubernetesObject): boolean => (name === undefined || found.metadata.name === name) && isSo(found);
  const { items, resourceVersion } = await cluster.list(kind, { namespace });
  const present = items.find(fits);
  if (present !== undefined) return present;
  for await (const event of cluster.watch(kind, { namespace, resourceVersion, signal: AbortSignal.timeout(90_000) })) {
    if (event.type !== 'BOOKMARK' && event.type !== 'DELETED' && fits(event.object)) return event.object;
  }
  throw new Error(`no ${kind.kind} ${name ?? ''} was so`);
}

/** Nothing of the kind is in the namespace any more. */
export async function untilNone({ cluster, kind, namespace }: Omit<Awaited, 'name'>): Promise<void> {
  const { items, resourceVersion } = await cluster.list(kind, { namespace });
  const left = new Set(items.map(({ metadata }) => metadata.name));
  if (left.size === 0) return;
  for await (const event of cluster.watch(kind, { namespace, resourceVersion, signal: AbortSignal.timeout(90_000) })) {
    if (event.type === 'BOOKMARK') continue;
    if (event.type === 'DELETED') left.delete(event.object.metadata.name);
    else left.add(event.object.metadata.name);
    if (left.size === 0) return;
  }
  throw new Error(`there is still a ${kind.kind}`);
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

export function conditionOf(found: KubernetesObject, type: string): Condition | undefined {
  return (statusOf(found)['conditions'] as readonly Condition[] | undefined)?.find((condition) => condition.type === type);
}

/** Each as `Type=Status Reason`, in the order of their types. */
export function conditions(found: KubernetesObject): readonly string[] {
  const all = (statusOf(found)['conditions'] ?? []) as readonly Condition[];
  return all.map(({ type, status, reason }) => [`${type}=${status}`, ...(reason === undefined || reason === '' ? [] : [reason])].join(' ')).toSorted();
}

export function owner(found: KubernetesObject): string {
  return (found.metadata.ownerReferences ?? []).map(({ kind, name }) => `${kind}/${name}`).join(' ');
}

export const isOf = (app: string) => (found: KubernetesObject): boolean => found.metadata.labels?.['app'] === app;
export const isReady = (found: KubernetesObject): boolean => conditionOf(found, 'Ready')?.status === 'True';
export const hasEnded = (found: KubernetesObject): boolean => ['Succeeded', 'Failed'].includes(String(statusOf(found)['phase']));
