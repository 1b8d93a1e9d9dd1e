// Creates the candidate's namespace, marked as ours, and installs the chart into it. Says nothing about readiness.

import * as z from 'zod';
import { Failure } from '../errors.ts';
import { DriverError, failedWith } from '../drivers/failure.ts';
import { kinds } from '../drivers/cluster/objects.ts';
import type { HelmRelease } from '../drivers/helm/helm.ts';
import { releaseValues } from '../observe/values.ts';
import { keysForMissingRights } from '../plan/missing-right.ts';
import { namespaceOf, ownedNamespace, type OwnedNamespace } from '../plan/ownership.ts';
import type { ReleaseIdentity } from '../plan/plan.ts';
import { timestamp } from '../run/clock.ts';
import { retry } from '../run/retry.ts';
import type { StepContext } from '../run/step.ts';
import { grantAccess, onceGranted } from './access.ts';
import { deleteRelease } from './deletion.ts';
import { assertPlannedChart, plannedSource } from './planned-chart.ts';
import type { ReleaseStep, World } from './world.ts';

type Context = StepContext<World, unknown>;

const installResult = z.object({ namespaceUid: z.string() });
export type InstallResult = z.infer<typeof installResult>;

export const installRelease: ReleaseStep<'installRelease', InstallResult> = {
  name: 'installRelease',
  title: 'Install the new release',
  output: installResult,

  async act(context) {
    await discardHalfInstalled(context);
    const namespaceUid = await ensureNamespace(context);
    await grantAccess({ name: context.world.plan.candidate, namespaceUid }, context);
    await install(context);
    context.report({ message: `${context.world.plan.candidate} is installed` });
    return { namespaceUid };
  },

  async undo(context) {
    const { candidate, createsCandidate } = context.world.plan;
    if (!createsCandidate) return;
    if (context.world.environment.release.onFailure === 'keep' && !context.run.cancelled) {
      context.warn(`${candidate} is kept for a look (release.onFailure: keep); the next run removes it`);
      return;
    }
    const own = await ownNamespace(context);
    if (own === undefined) return;
    await deleteRelease(identityOf(own), context, 'UndoFailed').catch((error: unknown) => leaveIt(error, context));
  },
};

/**
 * What this run never led a name to harms nobody where it stands, and the next run removes it: whoever does not answer now, a name server
 * above all, makes no human necessary. Not of a cancelled run, of which it is said that nothing is left.
 */
function leaveIt(error: unknown, { run, world: { plan: { candidate } }, warn }: Context): void {
  if (run.mayBePublic === true || run.cancelled === true || !failedWith(error, 'timeout', 'unavailable')) throw error;
  warn(`${candidate} is left, and the next run removes it: no name was led to it, and it could not be removed now (${error.message})`);
}

/** The candidate's namespace, or undefined when there is none. Rejects when it belongs to anybody else. */
async function ownNamespace(context: Context): Promise<OwnedNamespace | undefined> {
  const { plan: { candidate }, environment, drivers: { cluster } } = context.world;
  const namespace = await retry(() => cluster.get({ kind: kinds.namespace, name: candidate }), context);
  if (namespace === undefined) return undefined;
  const owned = ownedNamespace(namespace, environment.environment);
  if (owned?.run === context.run.id) return owned;
  throw new Failure('InstallFailed', { summary: `namespace ${candidate} exists already and does not belong to this run`, object: `Namespace ${candidate}` });
}

function identityOf({ name, uid }: OwnedNamespace): ReleaseIdentity {
  return { name, namespaceUid: uid };
}

/** A killed helm leaves `pending-*`, a lock that never expires: a fresh candidate in that state is thrown away, never repaired. */
async function discardHalfInstalled(context: Context): Promise<void> {
  const { plan: { candidate } } = context.world;
  const own = await ownNamespace(context);
  if (own === undefined) return;
  const state = own.deleting ? 'deleting' : await stateOf(own, context);
  if (state === undefined || state === 'deployed') return;
  context.report({ message: `an earlier attempt left ${candidate} in state ${state}; it is thrown away` });
  await deleteRelease(identityOf(own), context, 'InstallFailed');
}

/** By Helm's own account; undefined when Helm knows of no such release. */
async function stateOf(own: OwnedNamespace, context: Context): Promise<string | undefined> {
  await grantAccess(identityOf(own), context);
  return (await findRelease(context))?.status;
}

function findRelease(context: Context): Promise<HelmRelease | undefined> {
  const { plan: { candidate }, drivers: { helm } } = context.world;
  return onceGranted(() => retry(() => helm.find(candidate, candidate), context), context);
}

async function ensureNamespace(context: Context): Promise<string> {
  const { plan: { candidate }, environment, drivers: { cluster } } = context.world;
  const present = await ownNamespace(context);
  if (present !== undefined) return present.uid;
  const wanted = namespaceOf(candidate, { environment: environment.environment, run: context.run.id, epoch: context.run.epoch });
  try {
    await retry(() => cluster.create(kinds.namespace, wanted), context);
  } catch (error) {
    // A create whose answer was lost is answered 'conflict' when it is tried again: reading back tells whose it is.
    if (!failedWith(error, 'conflict')) throw error;
  }
  const created = await ownNamespace(context);
  if (created === undefined) throw new Failure('InstallFailed', { summary: `namespace ${candidate} was created, and is gone again`, object: `Namespace ${candidate}` });
  return created.uid;
}

async function install(context: Context): Promise<void> {
  const { plan: { candidate }, environment, drivers: { helm } } = context.world;
  const present = await findRelease(context);
  if (present?.status === 'deployed') return;
  const chart = await retry(() => helm.chart(plannedSource(context.world)), context);
  assertPlannedChart({ plan: context.world.plan, clock: context.clock }, chart);
  const values = await releaseValues(environment, { ...context, drivers: context.world.drivers });
  try {
    await helm.install({ name: candidate, namespace: candidate, chart, values, signal: context.signal });
  } catch (error) {
    context.signal.throwIfAborted();
    throw installFailure(error, context);
  }
  const installed = await retry(() => helm.find(candidate, candidate), context);
  if (installed?.status !== 'deployed') throw installFailure(`its state is ${installed?.status ?? 'unknown'} after helm had ended`, context);
}

function installFailure(cause: unknown, { clock, world: { plan: { candidate, installer } } }: Context): Failure {
  const reason = cause instanceof DriverError ? (cause.detail ?? cause.message) : String(cause);
  const lacksRights = installer === true && failedWith(cause, 'forbidden');
  return new Failure('InstallFailed', { summary: `${candidate}: ${reason}`, object: `release ${candidate}`, reason, since: timestamp(clock), ...(lacksRights ? { next: toList(reason) } : {}), cause });
}

/** Helm tells the first kind that it may not write; the next one comes out when that is listed. */
function toList(reason: string): string {
  const keys = keysForMissingRights(reason);
  const added = keys.length === 0 ? 'List what the chart needs beyond the ordinary kinds under release.permissions' : `Add to the environment file: ${keys.join(' and ')}`;
  return `${added}; then update the installed runner (helm upgrade)`;
}
