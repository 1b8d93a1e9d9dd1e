// Rights inside one release: the runner's own binding, and the account that Helm works as. Made before anything in there is read
// or installed; used by several steps, is none itself. Never gives anybody more than the chart's own ClusterRoles.

import { Failure } from '../errors.ts';
import type { Environment } from '../config/environment.ts';
import type { Access } from '../drivers/cluster/cluster.ts';
import type { Drivers } from '../drivers/drivers.ts';
import { failedWith } from '../drivers/failure.ts';
import { kinds, type Kind, type KubernetesObject } from '../drivers/cluster/objects.ts';
import { hasInstaller } from '../observe/installation.ts';
import { describeAccess } from '../plan/access.ts';
import type { ReleaseIdentity } from '../plan/plan.ts';
import { labels } from '../plan/ownership.ts';
import { releaseAccess } from '../plan/release-access.ts';
import { installerName, runnerBindingName } from '../plan/runner-names.ts';
import { retry, type RetryOptions } from '../run/retry.ts';
import type { StepContext } from '../run/step.ts';
import { proportionalPause, waitFor, WaitTimeout, type Look } from '../run/wait.ts';
import type { World } from './world.ts';

export interface AccessContext extends Pick<RetryOptions, 'clock' | 'signal'> {
  readonly environment: Environment;
  readonly drivers: Pick<Drivers, 'cluster'>;
  /** Told what is awaited, if anything is. */
  readonly remind: (awaited: readonly string[]) => void;
}

/**
 * Looks first; killed anywhere, it is done anew to the same end. Rejects with Failure 'AccessDenied' when the cluster does not
 * grant in time what the bindings say, and with 'forbidden' when they may not be made (a namespace that is going takes nothing).
 */
export async function ensureAccess(release: ReleaseIdentity, context: AccessContext): Promise<void> {
  const { environment } = context;
  // The account is made last: where it is, all bindings were made before it. The one outside of the namespace may be of a later day.
  const complete = environment.release.permissions.cluster.length === 0 && (await hasInstaller(release.name, context));
  if (complete) return;
  const { bindings, account } = releaseAccess(release, environment);
  let binding: 'made' | 'found' = 'made';
  for (const { kind, object } of bindings) binding = await create(kind, object, context);
  await untilGranted(release.name, context, binding);
  await create(kinds.serviceAccount, account, context);
}

/** The same within a run, if its plan says that a runner is installed. */
export async function grantAccess(release: ReleaseIdentity, { world: { plan, environment, drivers }, report, ...context }: GrantContext): Promise<void> {
  if (plan.installer !== true) return;
  await ensureAccess(release, { ...context, environment, drivers, remind: (awaited) => report({ message: `giving rights in ${release.name}`, awaited }) });
}

/**
 * What Helm answers once its own binding is known too. The cluster was asked about the runner's, which was made after it; but
 * another API server may hear of both a moment later.
 */
export async function onceGranted<T>(ask: () => Promise<T>, { world: { plan }, report, clock, signal }: GrantContext): Promise<T> {
  if (plan.installer !== true) return ask();
  let refusal: unknown;
  const look = async (): Promise<Look<T>> => {
    try {
      return { done: true, value: await ask() };
    } catch (error) {
      if (!failedWith(error, 'forbidden')) throw error;
      refusal = error;
      return { done: false, awaited: [error.detail ?? error.message] };
    }
  };
  try {
    return await waitFor(look, { clock, signal, timeoutMs: patienceMs, pauseMs, remind: (awaited) => report({ message: 'giving rights to Helm', awaited }) });
  } catch (error) {
    throw error instanceof WaitTimeout ? refusal : error;
  }
}

type GrantContext = Pick<StepContext<World, unknown>, 'world' | 'clock' | 'signal' | 'report'>;

/** One that is there already is as good: whether it grants what it should, the wait tells. */
async function create(kind: Kind, object: KubernetesObject, context: AccessContext): Promise<'made' | 'found'> {
  try {
    await retry(() => context.drivers.cluster.create(kind, object), context);
    return 'made';
  } catch (error) {
    if (!failedWith(error, 'conflict')) throw error;
    return 'found';
  }
}

const patienceMs = 30_000;
const pauseMs = proportionalPause(0.5, 50, 2_000);

/** The authorizer hears of a binding a moment after it was stored. One that was there may be of a runner in another namespace. */
async function untilGranted(namespace: string, context: AccessContext, binding: 'made' | 'found'): Promise<void> {
  const questions = firstNeeded(namespace);
  const look = async () => {
    const answers = await retry(() => context.drivers.cluster.allowed(questions), context);
    const awaited = questions.filter((_, index) => answers[index] !== true).map((question) => `the right to ${describeAccess(question)}`);
    return awaited.length === 0 ? ({ done: true, value: undefined } as const) : ({ done: false, awaited } as const);
  };
  try {
    await waitFor(look, { ...context, timeoutMs: patienceMs, pauseMs, remind: context.remind });
  } catch (error) {
    if (!(error instanceof WaitTimeout)) throw error;
    throw new Failure('AccessDenied', {
      summary: `${patienceMs / 1_000} s after RoleBinding ${namespace}/${runnerBindingName} was ${binding} the cluster still does not grant ${error.awaited.join(', ')}`,
      object: `RoleBinding ${namespace}/${runnerBindingName}`,
      ...(binding === 'found' ? { next: whereMoved(context.environment.environment) } : {}),
      cause: error,
    });
  }
}

/** The bindings name the account of the runner that made them, and it may change none of them itself. */
function whereMoved(environment: string): string {
  const those = `--all-namespaces -l ${labels.environment}=${environment} --field-selector metadata.name=${runnerBindingName}`;
  return `If the runner was installed in another namespace before, remove what that one was given, as an administrator, then try again: kubectl delete rolebindings ${those}`;
}

/** What is read first in a release, and what Helm needs before anything else. */
function firstNeeded(namespace: string): readonly Access[] {
  return [
    { verb: 'list', group: '', resource: 'services', namespace },
    { verb: 'create', group: '', resource: 'serviceaccounts', namespace },
    { verb: 'create', group: '', resource: 'serviceaccounts/token', namespace, name: installerName },
  ];
}
