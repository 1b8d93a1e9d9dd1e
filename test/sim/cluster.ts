// A simulated cluster with one namespace, and short ways to look at it.

import { kinds, type Kind, type KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { SimulatedCluster, type ClusterOptions } from '../../sim/cluster.ts';
import { VirtualClock } from '../../sim/clock.ts';
import { seeded } from '../../sim/random.ts';
import { namespace } from '../support/objects.ts';

export interface TestCluster {
  readonly cluster: SimulatedCluster;
  readonly clock: VirtualClock;
  /** The object in the namespace `here`, which must be there. */
  find(kind: Kind, name: string): Promise<KubernetesObject>;
  all(kind: Kind): Promise<readonly KubernetesObject[]>;
}

export async function testCluster(options: Omit<ClusterOptions, 'clock' | 'random'> = {}): Promise<TestCluster> {
  const clock = new VirtualClock();
  const cluster = new SimulatedCluster({ clock, random: seeded(1), ...options });
  await cluster.create(kinds.namespace, namespace('here'));
  return {
    cluster,
    clock,
    find: async (kind, name) => {
      const found = await cluster.get({ kind, name, namespace: 'here' });
      if (found === undefined) throw new Error(`there is no ${kind.kind} ${name}`);
      return found;
    },
    all: async (kind) => (await cluster.list(kind, { namespace: 'here' })).items,
  };
}
