// The epochs that are written outside of the lease: its count must not begin anew when it is deleted, or lost with its cluster. Reads only.

import type { Environment } from '../config/environment.ts';
import type { ReadOnlyDrivers } from '../drivers/drivers.ts';
import { kinds } from '../drivers/cluster/objects.ts';
import { heldOwner, ownerName } from '../plan/owners.ts';
import { environmentSelector, epochOf } from '../plan/ownership.ts';
import { isEpoch } from '../run/epoch.ts';

export interface EpochOptions {
  readonly environment: Pick<Environment, 'environment' | 'dns' | 'swap'>;
  readonly drivers: Pick<ReadOnlyDrivers, 'cluster' | 'dns' | 'records'>;
}

/** Of this environment's records, releases and owner records; what cannot be read now says nothing, and is met later by whoever needs it. */
export async function highestEpoch(options: EpochOptions): Promise<number> {
  const epochs = await Promise.all([ofRecords(options), ofReleases(options), ...options.environment.dns.map((name) => ofName(name, options))].map((epoch) => epoch.catch(() => 0)));
  return Math.max(0, ...epochs);
}

async function ofRecords({ drivers: { records } }: EpochOptions): Promise<number> {
  const stored = await records.list();
  return Math.max(0, ...stored.map(({ body }) => epochIn(body)));
}

function epochIn(body: string): number {
  try {
    const { epoch } = JSON.parse(body) as { readonly epoch?: unknown };
    return isEpoch(epoch) ? epoch : 0;
  } catch {
    return 0;
  }
}

async function ofReleases({ environment: { environment }, drivers: { cluster } }: EpochOptions): Promise<number> {
  const { items } = await cluster.list(kinds.namespace, { labelSelector: environmentSelector(environment) });
  return Math.max(0, ...items.map(epochOf));
}

async function ofName({ zone: id, name }: Environment['dns'][number], { environment, drivers: { dns } }: EpochOptions): Promise<number> {
  if (!environment.swap.ownerRecords) return 0;
  const { owner } = heldOwner(name, await dns.readText(await dns.zone(id), ownerName(name)));
  return owner?.environment === environment.environment ? owner.epoch : 0;
}
