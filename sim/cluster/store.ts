// What etcd is to the API server: objects with versions, and the history of their changes. Checks no rules of the API.

import type { Kind, KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { Shelf } from './shelf.ts';
import { kept, same } from './values.ts';

export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly kind: Kind;
  readonly object: KubernetesObject;
  readonly version: number;
  /** What was there before. */
  readonly before: KubernetesObject | undefined;
}

/** All that a store is, to begin another one with. */
export interface StoreState {
  readonly objects: readonly { readonly kind: Kind; readonly object: KubernetesObject }[];
  readonly version: number;
}

export class ObjectStore {
  readonly #shelves = new Map<string, Shelf>();
  readonly #kinds = new Map<string, Kind>();
  readonly #listeners = new Set<(change: Change) => void>();
  #history: Change[] = [];
  #version = 1_000;
  #compactedTo = this.#version;
  #readingAt: number | undefined;

  get version(): number {
    return this.#readingAt ?? this.#version;
  }

  get(kind: Kind, namespace: string | undefined, name: string): KubernetesObject | undefined {
    return this.#readable(kind)?.get(kind.namespaced ? namespace : undefined, name);
  }

  /** In the order of the API server: by namespace, then by name. */
  all(kind: Kind, namespace?: string): readonly KubernetesObject[] {
    return this.#readable(kind)?.all(namespace) ?? [];
  }

  /** Adds it, or overwrites what is there; a write that changes nothing keeps the version, as the API server does. */
  put(kind: Kind, object: KubernetesObject): KubernetesObject {
    const before = this.get(kind, object.metadata.namespace, object.metadata.name);
    if (before !== undefined && isUnchanged(before, object)) return before;
    const stored = this.#stamp(object);
    this.#shelf(kind).put(stored);
    this.#tell({ type: before === undefined ? 'ADDED' : 'MODIFIED', kind, object: stored, version: this.#version, before });
    return stored;
  }

  remove(kind: Kind, object: KubernetesObject): void {
    const before = this.#shelf(kind).remove(object);
    if (before !== undefined) this.#tell({ type: 'DELETED', kind, object: this.#stamp(object), version: this.#version, before });
  }

  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Changes after `version`, or undefined when they are not remembered any more. */
  since(version: number): readonly Change[] | undefined {
    if (version < this.#compactedTo) return undefined;
    const last = this.#history.findLastIndex((change) => change.version <= version);
    return this.#history.slice(last + 1);
  }

  /** What `read` finds when it reads at once, as if nothing had happened since this version; at most as far back as the history goes. */
  at<T>(version: number, read: () => T): T {
    this.#readingAt = Math.max(version, this.#compactedTo);
    try {
      return read();
    } finally {
      this.#readingAt = undefined;
    }
  }

  /** Forgets the history, as etcd does every few minutes. */
  compact(): void {
    this.#compactedTo = this.#version;
    this.#history = [];
  }

  state(): StoreState {
    const objects = [...this.#kinds].flatMap(([key, kind]) => (this.#shelves.get(key)?.all() ?? []).map((object) => ({ kind, object })));
    return { objects, version: this.#version };
  }

  /** Becomes what another one was. Nobody hears of it: it is no change, and its history is not known. */
  restore({ objects, version }: StoreState): void {
    this.#shelves.clear();
    for (const { kind, object } of objects) this.#shelf(kind).put(object);
    this.#version = version;
    this.compact();
  }

  #readable(kind: Kind): Shelf | undefined {
    const shelf = this.#shelves.get(kindKey(kind));
    const version = this.#readingAt;
    if (version === undefined || shelf === undefined) return shelf;
    const changes = this.#history.filter((change) => change.version > version && kindKey(change.kind) === kindKey(kind));
    return shelf.without(changes);
  }

  #shelf(kind: Kind): Shelf {
    const key = kindKey(kind);
    const found = this.#shelves.get(key);
    if (found !== undefined) return found;
    const shelf = new Shelf();
    this.#shelves.set(key, shelf);
    this.#kinds.set(key, kind);
    return shelf;
  }

  #stamp(object: KubernetesObject): KubernetesObject {
    this.#version += 1;
    return kept({ ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } });
  }

  #tell(change: Change): void {
    this.#history.push(change);
    for (const listener of this.#listeners) listener(change);
  }
}

const kindKeys = new WeakMap<Kind, string>();

function kindKey(kind: Kind): string {
  const known = kindKeys.get(kind);
  if (known !== undefined) return known;
  const key = `${kind.apiVersion}/${kind.plural}`;
  kindKeys.set(kind, key);
  return key;
}

function isUnchanged(before: KubernetesObject, { metadata, ...content }: KubernetesObject): boolean {
  const { metadata: metadataBefore, ...contentBefore } = before;
  return same(contentBefore, content) && same({ ...metadataBefore, resourceVersion: undefined }, { ...metadata, resourceVersion: undefined });
}
