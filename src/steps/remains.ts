// What a release still has when Helm could not remove it: Helm itself does not say (seen with 4.2.3). Reads only.

import { DriverError } from '../drivers/failure.ts';
import type { KubernetesObject } from '../drivers/cluster/objects.ts';
import type { OwnedNamespace } from '../plan/ownership.ts';
import { retry } from '../run/retry.ts';
import type { StepContext } from '../run/step.ts';
import type { World } from './world.ts';

interface RemainsContext extends Pick<StepContext<World, unknown>, 'world' | 'clock' | 'signal'> {
  readonly owned: OwnedNamespace;
}

/** One line each. It only explains a failure: what cannot be found out is left out, or said to be so. */
export async function remains(context: RemainsContext): Promise<readonly string[]> {
  const { owned: { name, helmRelease }, world: { drivers: { helm } } } = context;
  try {
    const objects = await retry(() => helm.manifest(helmRelease, name), context);
    const lines = await Promise.all(objects.map((object) => remaining(object, context)));
    return lines.filter((line) => line !== undefined);
  } catch (error) {
    if (!(error instanceof DriverError)) throw error;
    return [`what it still has cannot be told: ${error.message}`];
  }
}

async function remaining(object: KubernetesObject, context: RemainsContext): Promise<string | undefined> {
  const { owned, world: { drivers: { cluster } } } = context;
  const what = `${object.kind} ${object.metadata.name}`;
  const kind = await retry(() => cluster.discover(object.apiVersion, object.kind), context);
  if (kind === undefined) return undefined;
  const place = kind.namespaced ? { namespace: object.metadata.namespace ?? owned.name } : {};
  try {
    const found = await retry(() => cluster.get({ kind, name: object.metadata.name, ...place }), context);
    return found === undefined || found.metadata.deletionTimestamp !== undefined ? undefined : `${what} is still there`;
  } catch (error) {
    if (!(error instanceof DriverError)) throw error;
    // What lies in the namespace goes with it; only what lies outside can stay behind unseen.
    return kind.namespaced ? undefined : `${what} lies outside of namespaces, and this account may not look whether it is gone`;
  }
}
