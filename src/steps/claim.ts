// Writing on a release's namespace under this runner's epoch, so that whatever an earlier one decided about it meets another version
// of it. Used by several steps; is none itself. Never writes over a later epoch.

import { Failure } from '../errors.ts';
import { DriverError, failedWith } from '../drivers/failure.ts';
import { kinds, type KubernetesObject } from '../drivers/cluster/objects.ts';
import { annotations, epochOf } from '../plan/ownership.ts';
import type { ReleaseIdentity } from '../plan/plan.ts';
import { retry } from '../run/retry.ts';
import type { StepContext } from '../run/step.ts';
import type { World } from './world.ts';

type Context = Pick<StepContext<World, unknown>, 'world' | 'run' | 'clock' | 'signal'>;

type Release = Partial<ReleaseIdentity> & { readonly name: string };

/** Each conflict is somebody else's writing on the namespace: others note things there, too. */
const mostAttempts = 5;

/** Compare-and-swap. Rejects with Failure 'LockLost' when a later runner has written on it, 'conflict' when it is another one now. */
export async function noteOnRelease(release: Release, notes: Readonly<Record<string, string>>, context: Context): Promise<void> {
  const { world: { drivers: { cluster } }, run } = context;
  for (let attempt = 1; ; attempt += 1) {
    const found = await readRelease(release, context);
    const { uid, resourceVersion } = { ...found.metadata, ...(release.namespaceUid !== undefined && { uid: release.namespaceUid }) };
    const patch = { metadata: { uid, resourceVersion, annotations: { ...notes, [annotations.epoch]: String(run.epoch) } } };
    try {
      await retry(() => cluster.patch({ kind: kinds.namespace, name: release.name }, patch), context);
      return;
    } catch (error) {
      if (attempt >= mostAttempts || found.metadata.uid !== uid || !failedWith(error, 'conflict')) throw error;
    }
  }
}

/** Before the public is led to it: a deletion of it that was decided earlier, and comes late, is then refused by the cluster itself. */
export async function claimRelease(release: Release, context: Context): Promise<void> {
  if (epochOf(await readRelease(release, context)) !== context.run.epoch) await noteOnRelease(release, {}, context);
}

/** The release as it was when it was looked at, and the version of that look. */
export interface Looked {
  readonly name: string;
  readonly uid: string;
  readonly version: string | undefined;
}

/** Nobody has written on the namespace since the look: rejects 'conflict' otherwise. Returns the version that it has now. */
export async function claimAsSeen({ name, uid, version }: Looked, context: Context): Promise<string | undefined> {
  const { world: { drivers: { cluster } }, run } = context;
  const patch = { metadata: { uid, resourceVersion: version, annotations: { [annotations.epoch]: String(run.epoch) } } };
  const claimed = await retry(() => cluster.patch({ kind: kinds.namespace, name }, patch), context);
  return claimed.metadata.resourceVersion;
}

/** Whoever has the lock now has it by a higher epoch: this runner was held up, and must not write any more. */
export function assertNotLater(namespace: KubernetesObject, { run }: Pick<Context, 'run'>): void {
  const epoch = epochOf(namespace);
  if (epoch <= run.epoch) return;
  throw new Failure('LockLost', { summary: `namespace ${namespace.metadata.name} was written on under epoch ${epoch}, and this runner has epoch ${run.epoch}: another one has taken over`, object: `Namespace ${namespace.metadata.name}` });
}

async function readRelease({ name }: Release, context: Context): Promise<KubernetesObject> {
  const found = await retry(() => context.world.drivers.cluster.get({ kind: kinds.namespace, name }), context);
  if (found === undefined) throw new DriverError({ reason: 'notFound', attempted: `reading Namespace ${name}`, detail: 'it is gone' });
  assertNotLater(found, context);
  return found;
}
