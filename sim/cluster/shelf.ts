// The objects of one kind, in the order of the API server. Thousands of lookups come between two writes, so lists are kept.

import type { KubernetesObject } from '../../src/drivers/cluster/objects.ts';

export class Shelf {
  readonly #objects = new Map<string, KubernetesObject>();
  readonly #lists = new Map<string | undefined, readonly KubernetesObject[]>();

  get(namespace: string | undefined, name: string): KubernetesObject | undefined {
    return this.#objects.get(path(namespace, name));
  }

  all(namespace?: string): readonly KubernetesObject[] {
    const known = this.#lists.get(namespace);
    if (known !== undefined) return known;
    const list = namespace === undefined ? this.#sorted() : this.all().filter(({ metadata }) => metadata.namespace === namespace);
    this.#lists.set(namespace, list);
    return list;
  }

  put(object: KubernetesObject): void {
    this.#objects.set(pathOf(object), object);
    this.#forgetLists(object);
  }

  /** What was there. */
  remove(object: KubernetesObject): KubernetesObject | undefined {
    const before = this.#objects.get(pathOf(object));
    this.#forgetLists(object);
    this.#objects.delete(pathOf(object));
    return before;
  }

  /** As it was before these changes, the last ones there were. */
  without(changes: readonly { readonly object: KubernetesObject; readonly before: KubernetesObject | undefined }[]): Shelf {
    const shelf = new Shelf();
    for (const object of this.#objects.values()) shelf.put(object);
    for (const { object, before } of changes.toReversed()) {
      if (before === undefined) shelf.remove(object);
      else shelf.put(before);
    }
    return shelf;
  }

  #sorted(): readonly KubernetesObject[] {
    return [...this.#objects].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, object]) => object);
  }

  #forgetLists({ metadata }: KubernetesObject): void {
    this.#lists.delete(metadata.namespace);
    this.#lists.delete(undefined);
  }
}

function path(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}

function pathOf({ metadata }: KubernetesObject): string {
  return path(metadata.namespace, metadata.name);
}
