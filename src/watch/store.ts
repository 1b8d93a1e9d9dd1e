// What the mirror knows: objects by kind, which kinds are up to date, and a bell that rings at every change.

import type { Kind, KubernetesObject } from '../drivers/cluster/objects.ts';
import type { ObjectList, WatchEvent } from '../drivers/cluster/cluster.ts';

export interface Snapshot {
  readonly objects: readonly KubernetesObject[];
  /** Kinds (plural) that were never listed, or that may have changed unseen since: their objects are the last known ones. */
  readonly stale: readonly string[];
  /** Rises with every change. */
  readonly version: number;
}

interface Shelf {
  readonly objects: ReadonlyMap<string, KubernetesObject>;
  readonly fresh: boolean;
}

export class MirrorStore {
  readonly #shelves: Map<Kind, Shelf>;
  #version = 0;
  #bell = Promise.withResolvers<void>();
  #failure: { readonly error: unknown } | undefined;

  constructor(kinds: readonly Kind[]) {
    this.#shelves = new Map(kinds.map((kind) => [kind, { objects: new Map(), fresh: false }]));
  }

  snapshot(): Snapshot {
    const shelves = [...this.#shelves];
    return {
      objects: shelves.flatMap(([, { objects }]) => [...objects.values()]),
      stale: shelves.flatMap(([kind, { fresh }]) => (fresh ? [] : [kind.plural])),
      version: this.#version,
    };
  }

  /** Resolves when there is something newer than `version`, or `fail` was called; rejects with its error from then on. */
  changedSince(version: number): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    return this.#version > version ? Promise.resolve() : this.#bell.promise;
  }

  replace(kind: Kind, { items }: ObjectList): void {
    this.#put(kind, { objects: new Map(items.map((object) => [object.metadata.name, object])), fresh: true });
  }

  apply(kind: Kind, { type, object }: Exclude<WatchEvent, { readonly type: 'BOOKMARK' }>): void {
    const shelf = this.#shelves.get(kind);
    const objects = new Map(shelf?.objects);
    if (type === 'DELETED') objects.delete(object.metadata.name);
    else objects.set(object.metadata.name, object);
    this.#put(kind, { objects, fresh: shelf?.fresh ?? false });
  }

  /** Keeps what is known: a question that got no answer does not mean that nothing is there. */
  markStale(kind: Kind): void {
    const shelf = this.#shelves.get(kind);
    if (shelf?.fresh === true) this.#put(kind, { ...shelf, fresh: false });
  }

  fail(error: unknown): void {
    this.#failure = { error };
    this.#ring();
  }

  #put(kind: Kind, shelf: Shelf): void {
    this.#shelves.set(kind, shelf);
    this.#version += 1;
    this.#ring();
  }

  #ring(): void {
    const rung = this.#bell;
    this.#bell = Promise.withResolvers();
    rung.resolve();
  }
}
