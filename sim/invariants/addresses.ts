// Whose address a value is, also when its Service is long gone: the pool gives no address twice. Asks no driver.

import { kinds, type KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import type { ObjectStore } from '../cluster/store.ts';
import { addressesOf } from '../http.ts';

interface Owner {
  readonly namespace: string;
  readonly name: string;
}

export class AddressBook {
  readonly #store: ObjectStore;
  readonly #owners = new Map<string, Owner>();

  constructor(store: ObjectStore) {
    this.#store = store;
    for (const service of store.all(kinds.service)) this.#enter(service);
    store.subscribe(({ kind, object, type }) => {
      if (kind.kind === kinds.service.kind && type !== 'DELETED') this.#enter(object);
    });
  }

  /** The namespace of the Service that has, or had, this address or host name. */
  releaseOf(value: string): string | undefined {
    return this.#owners.get(bare(value))?.namespace;
  }

  /** The Service that has it now. */
  serviceAt(value: string): KubernetesObject | undefined {
    const owner = this.#owners.get(bare(value));
    const found = owner && this.#store.get(kinds.service, owner.namespace, owner.name);
    return found !== undefined && addressesOf(found).map(bare).includes(bare(value)) ? found : undefined;
  }

  #enter(service: KubernetesObject): void {
    const { namespace = '', name } = service.metadata;
    for (const address of addressesOf(service)) this.#owners.set(bare(address), { namespace, name });
  }
}

function bare(value: string): string {
  return value.toLowerCase().replace(/\.$/, '');
}
