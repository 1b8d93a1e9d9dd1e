// Which nodes there are, read only while some pod finds none. Not to know them is never a reason to give up.

import { kinds } from '../drivers/cluster/objects.ts';
import type { ClusterReader } from '../drivers/cluster/cluster.ts';
import type { Node } from '../readiness/pod-shapes.ts';
import type { Clock, Milliseconds } from '../run/clock.ts';
import { Persistence } from './persistence.ts';

/** An autoscaler looks every 10 s and tells in an Event that it has ordered a node; before that nobody is given up. */
const graceMs = 20_000;
const rereadMs = 30_000;

export class NodeKnowledge {
  readonly #cluster: Pick<ClusterReader, 'list'>;
  readonly #clock: Clock;
  readonly #unschedulable: Persistence;
  #nodes: readonly Node[] | undefined;
  #readAt: Milliseconds | undefined;

  constructor(cluster: Pick<ClusterReader, 'list'>, clock: Clock) {
    this.#cluster = cluster;
    this.#clock = clock;
    this.#unschedulable = new Persistence(clock);
  }

  /** Undefined while nobody has waited for a node long enough, and when the nodes cannot be read. */
  async whenNeeded({ isNeeded }: { readonly isNeeded: boolean }): Promise<readonly Node[] | undefined> {
    const waitedMs = this.#unschedulable.tell({ holds: isNeeded });
    if (waitedMs === undefined || waitedMs < graceMs) return undefined;
    if (this.#readAt === undefined || this.#clock.now() - this.#readAt >= rereadMs) await this.#read();
    return this.#nodes;
  }

  async #read(): Promise<void> {
    this.#readAt = this.#clock.now();
    try {
      const { items } = await this.#cluster.list(kinds.node, {});
      this.#nodes = items as readonly Node[];
    } catch {
      // Forbidden in many clusters. The scheduler's own message is shown all the same.
      this.#nodes = undefined;
    }
  }
}
