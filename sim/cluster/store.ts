// What etcd is to the API server: objects with versions, and the history of their changes. Checks no rules of the API.

import { isDeepStrictEqual } from 'node:util';
import type { Kind, KubernetesObject } from '../../src/drivers/cluster/objects.ts';

export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly kind: Kind;
  readonly object: KubernetesObject;
  readonly version: number;
}

export class ObjectStore {
  readonly #objects = new Map<string, KubernetesObject>();
  readonly #listeners = new Set<(change: Change) => void>();
  #history: Change[] = [];
  #compactedTo = 0;
  #version = 1_000;

  get version(): number {
    return this.#version;
  }

  get(kind: Kind, namespace: string | undefined, name: string): KubernetesObject | undefined {
    return this.#objects.get(key(kind, namespace, name));
  }

  /** In the order of the API server: by namespace, then by name. */
  all(kind: Kind, namespace?: string): readonly KubernetesObject[] {
    const prefix = namespace === undefined ? `${kind.apiVersion}/${kind.plural}/` : key(kind, namespace, '');
    return [...this.#objects]
      .filter(([path]) => path.startsWith(prefix))
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([, object]) => object);
  }

  /** Adds it, or overwrites what is there; a write that changes nothing keeps the version, as the API server does. */
  put(kind: Kind, object: KubernetesObject): KubernetesObject {
    const path = keyOf(kind, object);
    const before = this.#objects.get(path);
    if (before !== undefined && isDeepStrictEqual(withoutVersion(before), withoutVersion(object))) return before;
    const stored = this.#stamp(object);
    this.#objects.set(path, stored);
    this.#tell({ type: before === undefined ? 'ADDED' : 'MODIFIED', kind, object: stored, version: this.#version });
    return stored;
  }

  remove(kind: Kind, object: KubernetesObject): void {
    if (!this.#objects.delete(keyOf(kind, object))) return;
    this.#tell({ type: 'DELETED', kind, object: this.#stamp(object), version: this.#version });
  }

  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Changes after `version`, or undefined when they are not remembered any more. */
  since(version: number): readonly Change[] | undefined {
    return version < this.#compactedTo ? undefined : this.#history.filter((change) => change.version > version);
  }

  /** Forgets the history, as etcd does every few minutes. */
  compact(): void {
    this.#compactedTo = this.#version;
    this.#history = [];
  }

  #stamp(object: KubernetesObject): KubernetesObject {
    this.#version += 1;
    const stamped = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
    return frozen(structuredClone(stamped));
  }

  #tell(change: Change): void {
    this.#history.push(change);
    for (const listener of this.#listeners) listener(change);
  }
}

function key(kind: Kind, namespace: string | undefined, name: string): string {
  return `${kind.apiVersion}/${kind.plural}/${kind.namespaced ? (namespace ?? '') : ''}/${name}`;
}

function keyOf(kind: Kind, { metadata }: KubernetesObject): string {
  return key(kind, metadata.namespace, metadata.name);
}

function withoutVersion(object: KubernetesObject): unknown {
  return { ...object, metadata: { ...object.metadata, resourceVersion: undefined } };
}

/** Whoever changes an answer in place would change the server's memory: let it throw instead. */
function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}
