// Deleting a whole release, with every check that keeps a live one from being deleted. Used by several steps; is none itself.

import { Failure, type ErrorCode } from '../errors.ts';
import { DriverError, failedWith } from '../drivers/failure.ts';
import { kinds, type KubernetesObject } from '../drivers/cluster/objects.ts';
import { servedRecords } from '../observe/names.ts';
import { observeReleases } from '../observe/observe.ts';
import { pointedTo } from '../plan/live.ts';
import { annotations, ownedNamespace, type OwnedNamespace } from '../plan/ownership.ts';
import type { ReleaseIdentity } from '../plan/plan.ts';
import { timestamp } from '../run/clock.ts';
import { retry } from '../run/retry.ts';
import type { StepContext } from '../run/step.ts';
import { proportionalPause, waitFor, WaitTimeout } from '../run/wait.ts';
import { grantAccess } from './access.ts';
import { assertNotLater, claimAsSeen, noteOnRelease } from './claim.ts';
import { remains } from './remains.ts';
import type { World } from './world.ts';

export type DeletionContext = Pick<StepContext<World, unknown>, 'world' | 'run' | 'clock' | 'signal' | 'report'>;

/**
 * Uninstalls the release and removes its namespace, proven gone. Resolves at once when it is gone already.
 * Rejects with Failure `code` when a name points to it, when it is not ours, when its uid is another, or when time is up.
 */
export async function deleteRelease(release: ReleaseIdentity, context: DeletionContext, code: ErrorCode): Promise<void> {
  const owned = await ownNamespace(release, context, code);
  if (owned === undefined) return;
  // With what is in a namespace that is going its bindings go: nobody may work in it any more, and nothing is left to decide.
  const isGoing = context.world.plan.installer === true && owned.deleting;
  if (!isGoing) await remove(release, { ...context, owned }, code);
  await waitUntilGone(release, context, code);
}

interface RemovalContext extends DeletionContext {
  readonly owned: OwnNamespace;
}

/** The version under which nobody else has claimed it. */
type Claimed = { readonly version: string | undefined } | 'gone';

interface ClaimedContext extends RemovalContext {
  readonly claimed: Claimed;
}

async function remove(release: ReleaseIdentity, context: RemovalContext, code: ErrorCode): Promise<void> {
  await grantAccess(release, context);
  context.report({ message: `removing ${release.name}`, awaited: [`namespace ${release.name} to be gone`] });
  const claimed = await claimToRemove(release, { ...context, looked: context.owned }, code);
  try {
    await deleteNamespace(release, { ...context, claimed: await uninstall(release, { ...context, claimed }, code) }, code);
  } catch (error) {
    await noteHalfRemoved(release, context, code);
    throw error;
  }
}

/** No rollback may return to it, and the next run completes it: nobody else would. Says nothing when that fails, too: what went wrong first is told. */
async function noteHalfRemoved(release: ReleaseIdentity, context: RemovalContext, code: ErrorCode): Promise<void> {
  if (context.owned.state === 'candidate') return;
  const note = async (): Promise<void> => {
    if (await mayStillGo(release, context, code)) await noteOnRelease(release, { [annotations.state]: 'retiring' }, context);
  };
  await note().catch(() => undefined);
}

/** Each conflict is somebody's writing on the namespace since it was read: it is looked at again, before it is deleted as it is then. */
const mostAttempts = 5;

async function deleteNamespace(release: ReleaseIdentity, context: ClaimedContext, code: ErrorCode): Promise<void> {
  const { claimed, world: { drivers: { cluster } } } = context;
  if (claimed === 'gone') return;
  for (let attempt = 1, { version } = claimed; ; attempt += 1) {
    const present = version;
    try {
      await retry(() => cluster.delete({ kind: kinds.namespace, name: release.name }, release.namespaceUid, present), context);
      return;
    } catch (error) {
      if (attempt >= mostAttempts || !failedWith(error, 'conflict')) throw error;
    }
    const found = await ownNamespace(release, context, code);
    if (found === undefined) return;
    version = found.version;
  }
}

interface OwnNamespace extends OwnedNamespace {
  readonly version: string | undefined;
}

async function ownNamespace(release: ReleaseIdentity, context: DeletionContext, code: ErrorCode): Promise<OwnNamespace | undefined> {
  const { environment, drivers: { cluster } } = context.world;
  const namespace = await retry(() => cluster.get({ kind: kinds.namespace, name: release.name }), context);
  if (namespace === undefined) return undefined;
  assertNotLater(namespace, context);
  const owned = ownedNamespace(namespace, environment.environment);
  const object = `Namespace ${release.name}`;
  if (owned === undefined) throw new Failure(code, { summary: `namespace ${release.name} does not carry this environment's label: it is not ours`, object });
  // The name was given away since: whatever has it now is not what was meant, and a human should know.
  if (owned.uid !== release.namespaceUid) throw new Failure(code, { summary: `namespace ${release.name} is another one now (uid ${owned.uid})`, object });
  return { ...owned, version: namespace.metadata.resourceVersion };
}

/** From fresh reads of the zones and of every authoritative server: what any of them still says, the public may follow. */
async function assertNothingPointsTo(release: ReleaseIdentity, context: DeletionContext, code: ErrorCode): Promise<void> {
  const { environment, drivers } = context.world;
  const releases = await observeReleases({ environment, drivers, clock: context.clock, signal: context.signal });
  for (const { zone: id, name } of environment.dns) {
    const zone = await retry(() => drivers.dns.zone(id), context);
    const held = await retry(() => drivers.dns.read(zone, name), context);
    const served = await Promise.all(zone.servers.map((server) => retry(() => servedRecords(drivers.resolver, server, name), context)));
    if (!pointedTo([...held, ...served.flat()], releases).includes(release.name)) continue;
    throw new Failure(code, { summary: `${name} still points to ${release.name}: it is not deleted`, object: `Namespace ${release.name}` });
  }
}

/** Tries again what passes; but a time-out may take a minute, in which somebody may have claimed the release: it is looked at again before. */
async function uninstall(release: ReleaseIdentity, context: ClaimedContext, code: ErrorCode): Promise<Claimed> {
  const { owned: { helmRelease }, world: { drivers: { helm } } } = context;
  let fresh: Claimed | undefined = context.claimed;
  const attempt = async (): Promise<Claimed> => {
    const claimed = fresh ?? (await claimToRemove(release, { ...context, looked: undefined }, code));
    fresh = undefined;
    if (claimed !== 'gone') await helm.uninstall(helmRelease, release.name, { signal: context.signal });
    return claimed;
  };
  try {
    return await retry(attempt, context);
  } catch (error) {
    context.signal.throwIfAborted();
    throw error instanceof Failure ? error : await notUninstalled(error, context, code);
  }
}

/**
 * Helm compares nothing before it removes: so the look at the namespace, on which the removal rests, is compared and swapped just
 * before. To ask every server may take as long as a time-out, and what others wrote meanwhile is looked at anew.
 */
async function claimToRemove(release: ReleaseIdentity, context: RemovalContext & { readonly looked: OwnNamespace | undefined }, code: ErrorCode): Promise<Claimed> {
  for (let attempt = 1, { looked } = context; ; attempt += 1, looked = undefined) {
    const found = looked ?? (await ownNamespace(release, context, code));
    if (found === undefined) return 'gone';
    await assertNothingPointsTo(release, context, code);
    try {
      return { version: await claimAsSeen(found, context) };
    } catch (error) {
      if (attempt >= mostAttempts || !failedWith(error, 'conflict', 'notFound')) throw error;
    }
  }
}

/**
 * Not when it is gone, or when somebody has claimed it meanwhile: that is why it was left. Where nobody can say what the names lead to,
 * it may: whoever completes the removal asks again.
 */
async function mayStillGo(release: ReleaseIdentity, context: RemovalContext, code: ErrorCode): Promise<boolean> {
  if ((await ownNamespace(release, context, code)) === undefined) return false;
  try {
    await assertNothingPointsTo(release, context, code);
    return true;
  } catch (error) {
    return error instanceof DriverError;
  }
}

async function notUninstalled(error: unknown, context: RemovalContext, code: ErrorCode): Promise<Failure> {
  const { owned: { name, helmRelease }, world: { plan: { installer } } } = context;
  const reason = error instanceof DriverError ? (error.detail ?? error.message) : String(error);
  const details = await remains(context);
  const remedy = `helm uninstall ${helmRelease} -n ${name} && kubectl delete namespace ${name}`;
  // With too few rights Helm removes what it can, and only says that it failed.
  const next = installer === true && details.length > 0 ? { next: `List these kinds under release.permissions and update the installed runner (helm upgrade), or, as an administrator: ${remedy}` } : {};
  return new Failure(code, { summary: `helm could not uninstall ${helmRelease}: ${reason}`, object: `release ${name}`, reason, since: timestamp(context.clock), details, ...next, cause: error });
}

async function waitUntilGone(release: ReleaseIdentity, context: DeletionContext, code: ErrorCode): Promise<void> {
  const { environment: { retire }, drivers: { cluster } } = context.world;
  let since = timestamp(context.clock);
  const look = async () => {
    const present = await retry(() => cluster.get({ kind: kinds.namespace, name: release.name }), context);
    if (present === undefined || present.metadata.uid !== release.namespaceUid) return { done: true, value: undefined } as const;
    since = present.metadata.deletionTimestamp ?? since;
    return { done: false, awaited: [whatHolds(present)] } as const;
  };
  try {
    await waitFor(look, {
      clock: context.clock,
      signal: context.signal,
      timeoutMs: retire.timeout,
      pauseMs: proportionalPause(0.2, 1_000, 5_000),
      remind: (awaited) => context.report({ message: `removing ${release.name}`, awaited }),
    });
  } catch (error) {
    if (!(error instanceof WaitTimeout)) throw error;
    throw new Failure(code, { summary: error.message, object: `Namespace ${release.name}`, reason: `still awaited: ${error.awaited[0]}`, since, cause: error });
  }
}

/** Why a namespace lingers, in the API server's own words. */
function whatHolds(namespace: KubernetesObject): string {
  const status = namespace['status'] as { conditions?: readonly { type: string; status: string; message?: string }[] } | undefined;
  const remaining = status?.conditions?.find(({ type, status: held }) => held === 'True' && type.endsWith('Remaining'));
  return `namespace ${namespace.metadata.name} to be gone${remaining?.message === undefined ? '' : ` (${remaining.message})`}`;
}
