// A settled world to begin with: what it keeps, copied once, so that a thousand runs need not each make it anew. Copies no processes.

import { kinds } from '../src/drivers/cluster/objects.ts';
import type { Addresses } from './cluster/inside.ts';
import type { StoreState } from './cluster/store.ts';
import type { ZoneContents } from './dns.ts';
import type { ChartScenario } from './helm.ts';
import type { SimulatedWorld } from './world.ts';

/** Data that nobody changes: any number of worlds may begin with it. */
export interface PreparedWorld {
  readonly at: number;
  readonly random: number;
  readonly store: StoreState;
  readonly readySince: ReadonlyMap<string, number>;
  readonly addresses: Addresses;
  readonly zones: ZoneContents;
  readonly charts: ReadonlyMap<string, ChartScenario>;
}

/** Longer than any deadline that a controller, a load balancer or a lagging server has of its own. */
const settlingMs = 3_600_000;

/**
 * Lets an hour pass, in which nobody works on the world, and copies it. What a scenario has planned for later than that is not carried
 * over, nor are the harvester's job lists. Throws where a namespace is still going then: such a world is not settled.
 */
export async function prepared({ clock, random, cluster: { inside }, dns, charts }: SimulatedWorld): Promise<PreparedWorld> {
  await clock.sleep(settlingMs);
  const going = inside.store.all(kinds.namespace).find(({ metadata }) => metadata.deletionTimestamp !== undefined);
  if (going !== undefined) throw new Error(`this world does not settle: namespace ${going.metadata.name} is being deleted`);
  return {
    at: clock.now(),
    random: random.state(),
    store: inside.store.state(),
    readySince: new Map(inside.readySince),
    addresses: inside.addresses.state(),
    zones: dns.contents(),
    charts: new Map(charts),
  };
}
