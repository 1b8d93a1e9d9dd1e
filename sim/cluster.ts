// A cluster in memory that answers as an API server does, with controllers behind it. Knows nothing of changeover's labels.

import type { Duplex } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import type { Access, Cluster, ClusterIdentity, FollowLogOptions, LogLine, LogOptions, ObjectList, WatchEvent } from '../src/drivers/cluster/cluster.ts';
import { kinds, type Kind, type KubernetesObject, type ObjectReference } from '../src/drivers/cluster/objects.ts';
import { DriverError, type FailureReason } from '../src/drivers/failure.ts';
import type { Behaviour } from './behaviour.ts';
import type { VirtualClock } from './clock.ts';
import { startControllers } from './cluster/controllers.ts';
import { AddressPool, defaultTiming, dropFinalizer, insert, isoTime, requestDeletion, type ClusterTiming, type Inside } from './cluster/inside.ts';
import { countsGenerations, findKind } from './cluster/kinds.ts';
import { containerLog, followedLog } from './cluster/logs.ts';
import { merged } from './cluster/merge.ts';
import { fieldSelector, labelSelector } from './cluster/selectors.ts';
import { ObjectStore } from './cluster/store.ts';
import { watchChanges } from './cluster/watch.ts';
import type { PreparedWorld } from './prepared.ts';
import type { Random } from './random.ts';

export interface ClusterOptions {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly identity?: Partial<ClusterIdentity>;
  readonly behaviours?: Readonly<Record<string, Behaviour>>;
  /** What this account may not do; everything else it may. */
  readonly forbidden?: readonly Pick<Access, 'verb' | 'resource'>[];
  readonly timing?: Partial<ClusterTiming>;
  /** How far its clock is ahead of everybody else's. Default 0. */
  readonly aheadMs?: number;
  /** What is in it to begin with. Default: two namespaces. */
  readonly from?: Pick<PreparedWorld, 'store' | 'addresses' | 'readySince'>;
}

export class SimulatedCluster implements Cluster {
  /** Mutable, so that a scenario can change between two runs. */
  readonly behaviours: Map<string, Behaviour>;
  readonly inside: Inside;
  readonly #identity: ClusterIdentity;
  readonly #aheadMs: number;
  readonly #forbidden: NonNullable<ClusterOptions['forbidden']>;
  /** When each version came to be. */
  readonly #versions: { readonly at: number; readonly version: number }[] = [];

  constructor({ clock, random, ...options }: ClusterOptions) {
    this.behaviours = new Map(Object.entries(options.behaviours ?? {}));
    const timing = { ...defaultTiming, ...options.timing };
    this.inside = { store: new ObjectStore(), clock, random, behaviours: this.behaviours, timing, addresses: new AddressPool(options.from?.addresses), readySince: new Map(options.from?.readySince), ailing: new Map(), evictions: new Map(), refusedAt: new Map() };
    this.#identity = { context: 'simulated', cluster: 'simulated', server: 'https://simulated:6443', version: 'v1.35.4', ...options.identity };
    this.#aheadMs = options.aheadMs ?? 0;
    this.#forbidden = options.forbidden ?? [];
    this.inside.store.subscribe(({ version }) => this.#versions.push({ at: clock.now(), version }));
    startControllers(this.inside);
    if (options.from !== undefined) this.inside.store.restore(options.from.store);
    else for (const name of ['default', 'kube-system']) this.#insertNow(kinds.namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }

  async identity(): Promise<ClusterIdentity> {
    return this.#identity;
  }

  async time(): Promise<number> {
    return Math.floor((this.inside.clock.now() + this.#aheadMs) / 1_000) * 1_000;
  }

  async get(reference: ObjectReference): Promise<KubernetesObject | undefined> {
    this.#check('get', reference.kind);
    return this.#find(reference);
  }

  async list(kind: Kind, options: { readonly namespace?: string; readonly labelSelector?: string; readonly fieldSelector?: string }): Promise<ObjectList> {
    this.#check('list', kind);
    const [byLabel, byField] = [labelSelector(options.labelSelector), fieldSelector(options.fieldSelector)];
    const items = this.inside.store.all(kind, options.namespace).filter((object) => byLabel(object) && byField(object));
    return { items, resourceVersion: String(this.inside.store.version) };
  }

  watch(kind: Kind, options: { readonly namespace: string; readonly resourceVersion: string; readonly signal: AbortSignal }): AsyncIterable<WatchEvent> {
    this.#check('watch', kind);
    return watchChanges(this.inside, { kind, ...options });
  }

  async logs(reference: ObjectReference, options: LogOptions): Promise<string> {
    const pod = this.#find(reference);
    if (pod === undefined) throw refused('notFound', `reading the log of ${reference.name}`, '404: pod not found');
    return containerLog(this.inside, pod, options);
  }

  followLog(pod: { readonly namespace: string; readonly pod: string }, options: FollowLogOptions): AsyncIterable<LogLine> {
    return followedLog(this.inside, pod, options);
  }

  async allowed(questions: readonly Access[]): Promise<readonly boolean[]> {
    return questions.map(({ verb, resource }) => !this.#isForbidden(verb, resource));
  }

  async discover(apiVersion: string, kind: string): Promise<Kind | undefined> {
    return findKind(apiVersion, kind);
  }

  async tunnel(namespace: string, pod: string, port: number): Promise<Duplex> {
    const attempted = `forwarding to ${namespace}/${pod}:${port}`;
    if (this.#find({ kind: kinds.pod, namespace, name: pod }) === undefined) throw refused('notFound', attempted, '404: pod not found');
    throw refused('invalid', attempted, 'the simulated cluster has no tunnels');
  }

  async create(kind: Kind, object: KubernetesObject): Promise<KubernetesObject> {
    this.#check('create', kind);
    const { namespace, name } = object.metadata;
    const attempted = `creating ${kind.kind} ${name}`;
    if (kind.namespaced) this.#checkNamespace(namespace, attempted);
    if (object.metadata.resourceVersion !== undefined) throw refused('invalid', attempted, '422: resourceVersion should not be set on objects to be created');
    if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name)) throw refused('invalid', attempted, `422: metadata.name: Invalid value: "${name}"`);
    if (this.inside.store.get(kind, namespace, name) !== undefined) throw refused('conflict', attempted, '409: already exists');
    return this.#insertNow(kind, object);
  }

  async replace(kind: Kind, object: KubernetesObject): Promise<KubernetesObject> {
    this.#check('update', kind);
    const attempted = `replacing ${kind.kind} ${object.metadata.name}`;
    const before = this.#find({ kind, ...object.metadata });
    if (object.metadata.resourceVersion === undefined) throw refused('conflict', attempted, 'without a resourceVersion this would overwrite whatever is there');
    if (before === undefined) throw refused('notFound', attempted, '404: not found');
    if (before.metadata.resourceVersion !== object.metadata.resourceVersion) throw refused('conflict', attempted, '409: the object has been modified');
    return this.#write(kind, before, object);
  }

  async patch(reference: ObjectReference, patch: Readonly<Record<string, unknown>>): Promise<KubernetesObject> {
    this.#check('patch', reference.kind);
    const attempted = `patching ${reference.kind.kind} ${reference.name}`;
    const before = this.#find(reference);
    if (before === undefined) throw refused('notFound', attempted, '404: not found');
    const { uid, resourceVersion } = (patch['metadata'] ?? {}) as { readonly uid?: string; readonly resourceVersion?: string };
    const isOther = (uid ?? before.metadata.uid) !== before.metadata.uid;
    const isOutdated = (resourceVersion ?? before.metadata.resourceVersion) !== before.metadata.resourceVersion;
    if (isOther || isOutdated) throw refused('conflict', attempted, '409: the object is another one now, or has been modified');
    return this.#write(reference.kind, before, merged(before, patch) as KubernetesObject);
  }

  async delete(reference: ObjectReference, uid: string, resourceVersion?: string): Promise<void> {
    this.#check('delete', reference.kind);
    const found = this.#find(reference);
    if (found === undefined) return;
    if (found.metadata.uid !== uid) throw refused('conflict', `deleting ${reference.kind.kind} ${reference.name}`, '409: the UID in the precondition does not match');
    const isOutdated = (resourceVersion ?? found.metadata.resourceVersion) !== found.metadata.resourceVersion;
    if (isOutdated) throw refused('conflict', `deleting ${reference.kind.kind} ${reference.name}`, '409: the ResourceVersion in the precondition does not match');
    requestDeletion(this.inside, reference.kind, found);
  }

  async token({ namespace, name }: { readonly namespace: string; readonly name: string }): Promise<string> {
    const attempted = `requesting a token of ${namespace}/${name}`;
    if (this.#find({ kind: kinds.serviceAccount, namespace, name }) === undefined) throw refused('notFound', attempted, '404: not found');
    return `token-of-${namespace}-${name}-${this.inside.random.uid()}`;
  }

  /** What `read`, which must read at once, finds as of so long ago. */
  asOf<T>(agoMs: number, read: () => T): T {
    const { store, clock } = this.inside;
    const after = this.#versions.findIndex(({ at }) => at > clock.now() - agoMs);
    return after === -1 ? read() : store.at((this.#versions[after]?.version ?? 1) - 1, read);
  }

  /** Somebody annotates what these arguments of `replace` or `patch` are about. */
  touch([first, second]: readonly unknown[]): void {
    const reference = 'plural' in (first as object) ? { kind: first as Kind, ...(second as KubernetesObject).metadata } : (first as ObjectReference);
    const found = this.#find(reference);
    if (found === undefined) return;
    const annotations = { ...found.metadata.annotations, 'example.org/touched-at': isoTime(this.inside.clock) };
    this.inside.store.put(reference.kind, { ...found, metadata: { ...found.metadata, annotations } });
  }

  #insertNow(kind: Kind, object: KubernetesObject): KubernetesObject {
    const { status: _, apiVersion: __, kind: ___, ...draft } = object;
    return insert(this.inside, kind, draft);
  }

  /** The status and what the server itself fills in are not the writer's to change. */
  #write(kind: Kind, before: KubernetesObject, wanted: KubernetesObject): KubernetesObject {
    const { uid, creationTimestamp, deletionTimestamp, generation = 1 } = before.metadata;
    const isNewGeneration = countsGenerations.has(kind.kind) && !isDeepStrictEqual(before['spec'], wanted['spec']);
    const metadata = {
      ...wanted.metadata,
      ...(uid === undefined ? {} : { uid }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
      ...(countsGenerations.has(kind.kind) ? { generation: isNewGeneration ? generation + 1 : generation } : {}),
    };
    const { status: _, ...rest } = wanted;
    const stored = this.inside.store.put(kind, { ...rest, metadata, ...('status' in before ? { status: before['status'] } : {}) });
    const isReleased = deletionTimestamp !== undefined && (metadata.finalizers ?? []).length === 0 && kind.kind !== 'Pod' && kind.kind !== 'Namespace';
    if (isReleased) dropFinalizer(this.inside, kind, stored);
    return stored;
  }

  #find({ kind, namespace, name }: ObjectReference): KubernetesObject | undefined {
    return this.inside.store.get(kind, namespace, name);
  }

  #checkNamespace(namespace: string | undefined, attempted: string): void {
    const found = this.inside.store.get(kinds.namespace, undefined, namespace ?? '');
    if (found === undefined) throw refused('notFound', attempted, `404: namespaces "${namespace ?? ''}" not found`);
    if (found.metadata.deletionTimestamp !== undefined) throw refused('forbidden', attempted, `403: namespace ${namespace} is being terminated`);
  }

  #check(verb: string, { plural }: Kind): void {
    if (this.#isForbidden(verb, plural)) throw refused('forbidden', `${verb} ${plural}`, `403: cannot ${verb} resource "${plural}"`);
  }

  #isForbidden(verb: string, resource: string): boolean {
    return this.#forbidden.some((denied) => denied.verb === verb && denied.resource === resource);
  }
}

function refused(reason: FailureReason, attempted: string, detail: string): DriverError {
  return new DriverError({ reason, attempted, detail });
}
