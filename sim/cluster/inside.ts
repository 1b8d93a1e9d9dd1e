// What the controllers of the simulated cluster share: storage, time, chance, and the small writes they make.

import type { Kind, KubernetesObject, ObjectMeta } from '../../src/drivers/cluster/objects.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import type { Behaviours } from '../behaviour.ts';
import type { VirtualClock } from '../clock.ts';
import type { Random } from '../random.ts';
import { withDefaults } from './defaults.ts';
import { countsGenerations, findKind } from './kinds.ts';
import type { ObjectStore } from './store.ts';

export interface Inside {
  readonly store: ObjectStore;
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly behaviours: Behaviours;
  readonly timing: ClusterTiming;
  readonly addresses: AddressPool;
  /** Since when each pod, by uid, is ready; its status only knows the second. */
  readonly readySince: Map<string, number>;
  /** Until when each pod, by uid, does not answer because its scenario has it so: nobody has done anything to it. */
  readonly ailing: Map<string, number>;
  /** How many pods of each workload, by its uid, were evicted. */
  readonly evictions: Map<string, number>;
  /** When the quota refused a pod of each ReplicaSet, by its uid. */
  readonly refusedAt: Map<string, number>;
}

/** Mutable, so that a scenario can slow a cluster down. */
export interface ClusterTiming {
  /** How long a controller takes to see a change. */
  reactionMs: number;
  /** From the request to delete a pod until it is gone. */
  podTerminationMs: number;
  /** From the request to delete a namespace until its contents begin to go. */
  namespaceDeletionMs: number;
  /** How long a Service refuses connections after its pod became ready, until every node knows. */
  reachableAfterMs: number;
}

export const defaultTiming: Readonly<ClusterTiming> = { reactionMs: 5, podTerminationMs: 2_000, namespaceDeletionMs: 3_000, reachableAfterMs: 700 };

/** How many of each kind were given out. */
export interface Addresses {
  readonly pods: number;
  readonly services: number;
  readonly outside: number;
}

/** Addresses that were never given out before. */
export class AddressPool {
  #given: Addresses;

  constructor(given: Addresses = { pods: 0, services: 0, outside: 0 }) {
    this.#given = given;
  }

  pod(): string {
    const pods = this.#given.pods + 1;
    this.#given = { ...this.#given, pods };
    return `10.244.${pods >> 8}.${pods & 255}`;
  }

  service(): string {
    const services = this.#given.services + 1;
    this.#given = { ...this.#given, services };
    return `10.96.${services >> 8}.${services & 255}`;
  }

  /** From the networks for benchmarks and for documentation (RFC 2544, RFC 3849). */
  outside(): { readonly v4: string; readonly v6: string } {
    const outside = this.#given.outside + 1;
    this.#given = { ...this.#given, outside };
    return { v4: `198.18.${outside >> 8}.${outside & 255}`, v6: `2001:db8::${outside.toString(16)}` };
  }

  state(): Addresses {
    return this.#given;
  }
}

export type Draft = Omit<KubernetesObject, 'metadata' | 'apiVersion' | 'kind'> & { readonly metadata: ObjectMeta };

export function isoTime(clock: VirtualClock): string {
  return `${new Date(clock.now()).toISOString().slice(0, 19)}Z`;
}

/** Stores a new object with what the server fills in. */
export function insert(inside: Inside, kind: Kind, draft: Draft): KubernetesObject {
  const { store, random, clock, addresses } = inside;
  const generation = countsGenerations.has(kind.kind) ? { generation: 1 } : {};
  const { metadata, ...content } = withDefaults(kind, draft, addresses);
  const stamped = { ...metadata, uid: random.uid(), ...generation, creationTimestamp: isoTime(clock) };
  return store.put(kind, { ...content, apiVersion: kind.apiVersion, kind: kind.kind, metadata: stamped });
}

/** As the status subresource: everything but the status stays. Does nothing when the object is gone or replaced. */
export function setStatus(inside: Inside, object: KubernetesObject, status: object): void {
  const kind = findKind(object.apiVersion, object.kind);
  const found = kind === undefined ? undefined : present(inside, kind, object);
  if (kind !== undefined && found !== undefined) inside.store.put(kind, { ...found, status });
}

export function present(inside: Inside, kind: Kind, object: KubernetesObject): KubernetesObject | undefined {
  const found = inside.store.get(kind, object.metadata.namespace, object.metadata.name);
  return found?.metadata.uid === object.metadata.uid ? found : undefined;
}

export function ownedBy(owner: KubernetesObject, name: string, labels: Readonly<Record<string, string>> = {}): ObjectMeta {
  const { namespace, uid } = owner.metadata;
  if (namespace === undefined || uid === undefined) throw new Error(`${owner.kind} ${owner.metadata.name} cannot own anything`);
  return { name, namespace, labels, ownerReferences: [{ kind: owner.kind, name: owner.metadata.name, uid, controller: true }] };
}

export function childrenOf(inside: Inside, kind: Kind, owner: KubernetesObject): readonly KubernetesObject[] {
  return inside.store
    .all(kind, owner.metadata.namespace)
    .filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === owner.metadata.uid) === true);
}

/** Deletes as the API server does: at once, or by a mark when somebody still has to clean up. */
export function requestDeletion(inside: Inside, kind: Kind, object: KubernetesObject): void {
  const { store, clock, timing } = inside;
  if (object.metadata.deletionTimestamp !== undefined) return;
  const waits = kind.kind === 'Pod' || kind.kind === 'Namespace' || (object.metadata.finalizers ?? []).length > 0;
  if (!waits) return store.remove(kind, object);
  const status = kind.kind === 'Namespace' ? { status: { phase: 'Terminating' } } : {};
  const marked = store.put(kind, { ...object, ...status, metadata: { ...object.metadata, deletionTimestamp: isoTime(clock) } });
  if (kind.kind === 'Pod') clock.after(timing.podTerminationMs, () => removeIfPresent(inside, kind, marked));
}

export function removeIfPresent(inside: Inside, kind: Kind, object: KubernetesObject): void {
  const found = present(inside, kind, object);
  if (found !== undefined) inside.store.remove(kind, found);
}

export function dropFinalizer(inside: Inside, kind: Kind, object: KubernetesObject): void {
  const found = present(inside, kind, object);
  if (found === undefined) return;
  const { finalizers: _, ...metadata } = found.metadata;
  if (metadata.deletionTimestamp === undefined) inside.store.put(kind, { ...found, metadata });
  else inside.store.remove(kind, found);
}

export interface Happening {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** An Event beside the object it is about. */
export function recordEvent(inside: Inside, about: KubernetesObject, happening: Happening): void {
  const { name, namespace = 'default', uid } = about.metadata;
  const at = isoTime(inside.clock);
  insert(inside, kinds.event, {
    metadata: { name: `${name}.${inside.random.uid().replaceAll('-', '').slice(0, 16)}`, namespace },
    involvedObject: { apiVersion: about.apiVersion, kind: about.kind, name, namespace, uid },
    ...happening,
    count: 1,
    firstTimestamp: at,
    lastTimestamp: at,
  });
}

interface ConditionFacts {
  readonly status: 'True' | 'False';
  readonly reason?: string;
  readonly message?: string;
}

export function condition(inside: Inside, type: string, facts: ConditionFacts): object {
  return { type, lastTransitionTime: isoTime(inside.clock), ...facts };
}
