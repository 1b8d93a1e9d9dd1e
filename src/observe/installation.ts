// Whether a runner of this environment is installed here, told by the ClusterRole that its chart brings. Reads only.

import type { Environment } from '../config/environment.ts';
import type { ReadOnlyDrivers } from '../drivers/drivers.ts';
import { failedWith } from '../drivers/failure.ts';
import { kinds, type KubernetesObject } from '../drivers/cluster/objects.ts';
import type { Installation } from '../plan/observed.ts';
import { labels, type OwnedNamespace } from '../plan/ownership.ts';
import { clusterRoleNames, installerName } from '../plan/runner-names.ts';
import { retry, type RetryOptions } from '../run/retry.ts';

export interface InstallationOptions extends Pick<RetryOptions, 'clock' | 'signal'> {
  readonly environment: Pick<Environment, 'environment'>;
  readonly drivers: Pick<ReadOnlyDrivers, 'cluster'>;
}

/** Undefined where none is: then Helm works with the rights of whoever calls, from a laptop for instance. */
export async function observeInstallation(options: InstallationOptions): Promise<Installation | undefined> {
  const { environment: { environment }, drivers: { cluster } } = options;
  const name = clusterRoleNames(environment).installer;
  try {
    const role = await retry(() => cluster.get({ kind: kinds.clusterRole, name }), options);
    // `changeover-prod-installer` is the installer's of `prod`, and the runner's own of an environment `prod-installer`.
    return role?.metadata.labels?.[labels.environment] === environment ? { namespace: helmNamespace(role) } : undefined;
  } catch (error) {
    // An installed runner may read this one role. Whoever may not is somebody else, and goes by their own rights as ever.
    if (failedWith(error, 'forbidden')) return undefined;
    throw error;
  }
}

/**
 * Whether Helm's account, which is made last of all that a release needs, is there. Not to be allowed to look is the same as
 * nothing; whether one may is asked first, so that a refused request of a runner is always worth an alarm.
 */
export async function hasInstaller(namespace: string, { drivers: { cluster }, ...again }: Omit<InstallationOptions, 'environment'>): Promise<boolean> {
  const [mayLook] = await retry(() => cluster.allowed([{ verb: 'get', group: '', resource: 'serviceaccounts', namespace, name: installerName }]), again);
  if (mayLook !== true) return false;
  return (await retry(() => cluster.get({ kind: kinds.serviceAccount, namespace, name: installerName }), again)) !== undefined;
}

/** Names of the releases that the runner still has to bind itself in: made from a laptop, or adopted. */
export async function unboundReleases(releases: readonly OwnedNamespace[], options: Omit<InstallationOptions, 'environment'>): Promise<readonly string[]> {
  const staying = releases.filter(({ deleting }) => !deleting);
  const bound = await Promise.all(staying.map(({ name }) => hasInstaller(name, options)));
  return staying.filter((_, index) => bound[index] === false).map(({ name }) => name);
}

function helmNamespace({ metadata }: KubernetesObject): string | undefined {
  return metadata.annotations?.['meta.helm.sh/release-namespace'];
}
