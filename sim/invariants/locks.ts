// Who holds the lock, as it is stored: whichever process wrote it last with success, for as long as nobody has written another.

import { kinds, type KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import type { SimulatedWorld } from '../world.ts';
import { isRequest, succeeded } from './scene.ts';

export interface Held {
  readonly holder: string;
  readonly epoch: number;
  readonly durationMs: number;
  /** As its holder wrote it: others may write on a lease, too, and that renews nothing. */
  readonly renewTime: string;
}

export class Locks {
  readonly #taken = new Map<number, Held>();
  readonly #lostAt = new Map<number, number>();
  #stored: Held = released;

  constructor({ cluster, clock, onTraffic }: SimulatedWorld) {
    const { store } = cluster.inside;
    for (const lease of store.all(kinds.lease)) this.#stored = heldOf(lease);
    store.subscribe(({ kind, object, type }) => {
      if (kind.kind !== kinds.lease.kind) return;
      const before = [...this.#taken.keys()].filter((process) => this.isHeldBy(process));
      this.#stored = type === 'DELETED' ? released : heldOf(object);
      for (const process of before) if (!this.isHeldBy(process)) this.#lostAt.set(process, clock.now());
    });
    onTraffic((traffic) => {
      const { request, moment } = traffic;
      const [kind, object] = traffic.input as [{ readonly kind?: string } | undefined, KubernetesObject];
      if (moment === 'done' && succeeded(traffic) && kind?.kind === kinds.lease.kind && isRequest(request, 'cluster', 'create', 'replace')) this.#taken.set(request.process, heldOf(object));
    });
  }

  get stored(): Held {
    return this.#stored;
  }

  /** What this process wrote into the lease last. */
  takenBy(process: number): Held | undefined {
    return this.#taken.get(process);
  }

  /** Whether this process, which does not hold it any more, still held it then. */
  wasHeldBy(process: number, at: number): boolean {
    return at < (this.#lostAt.get(process) ?? -Infinity);
  }

  isHeldBy(process: number): boolean {
    const taken = this.#taken.get(process);
    return taken !== undefined && taken.holder !== '' && taken.holder === this.#stored.holder && taken.epoch === this.#stored.epoch;
  }
}

const released: Held = { holder: '', epoch: 0, durationMs: 0, renewTime: '' };

export function heldOf(lease: KubernetesObject): Held {
  const { holderIdentity = '', leaseTransitions = 0, leaseDurationSeconds = 0, renewTime = '' } = (lease['spec'] ?? {}) as { readonly holderIdentity?: string; readonly leaseTransitions?: number; readonly leaseDurationSeconds?: number; readonly renewTime?: string };
  return { holder: holderIdentity, epoch: leaseTransitions, durationMs: leaseDurationSeconds * 1_000, renewTime };
}
