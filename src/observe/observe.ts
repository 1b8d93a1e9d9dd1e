// Reads the world for planning, once and completely. Has read-only drivers: it cannot write, whatever it does.

import type { Environment } from '../config/environment.ts';
import type { Access } from '../drivers/cluster/cluster.ts';
import type { PlanningDrivers, ReadOnlyDrivers } from '../drivers/drivers.ts';
import { kinds } from '../drivers/cluster/objects.ts';
import type { ChartSource } from '../drivers/helm/helm.ts';
import { Failure } from '../errors.ts';
import { failedWith } from '../drivers/failure.ts';
import type { Installation, Observed, ObservedRelease } from '../plan/observed.ts';
import { environmentSelector, ownedNamespace, type OwnedNamespace } from '../plan/ownership.ts';
import { clusterRoleNames, runnerBindingName, runnerName } from '../plan/runner-names.ts';
import { retry, type RetryOptions } from '../run/retry.ts';
import { observeChart } from './chart.ts';
import { observeInstallation, unboundReleases } from './installation.ts';
import type { AccessOptions } from '../plan/access.ts';
import { observeNames } from './names.ts';
import { readRecords } from './records.ts';

export interface ObserveOptions extends Pick<RetryOptions, 'clock' | 'signal'> {
  readonly environment: Environment;
  readonly drivers: PlanningDrivers;
  /** The new release's name when the operation installs one: the chart is rendered under it. */
  readonly candidate: string | undefined;
  /** Default: the configured one. */
  readonly chart?: ChartSource;
  /** Permissions to ask for, when it is known whether a runner is installed: the step that guards a run asks, so that making its plan need not. */
  readonly questions: (options: AccessOptions) => readonly Access[];
}

/** Rejects when something could not be found out: unknown is not empty. Names with troubles carry them as `problems`. */
export async function observe(options: ObserveOptions): Promise<Observed> {
  const { drivers, candidate } = options;
  const [identity, helmVersion, { installation, access }, releases, names, records, chart] = await Promise.all([
    retry(() => drivers.cluster.identity(), options),
    drivers.helm.version(),
    observeRights(options),
    observeReleases(options),
    observeNames({ ...options, forChange: true }),
    retry(() => readRecords(drivers.records), options),
    candidate === undefined ? undefined : observeChart(options, candidate),
  ]);
  const unbound = installation === undefined ? [] : await unboundReleases(releases, options);
  return { identity, helmVersion, installation, unbound, access, releases, names, records: records.map(({ record }) => record), chart };
}

async function observeRights(options: ObserveOptions): Promise<Pick<Observed, 'installation' | 'access'>> {
  const installation: Installation | undefined = await observeInstallation(options);
  const questions = options.questions({ installed: installation !== undefined });
  const answers = await retry(() => options.drivers.cluster.allowed(questions), options);
  return { installation, access: questions.map((question, index) => ({ question, allowed: answers[index] ?? false })) };
}

type ReleaseOptions = Pick<ObserveOptions, 'environment' | 'drivers' | 'clock' | 'signal'>;

interface NamespaceOptions extends Pick<RetryOptions, 'clock' | 'signal'> {
  readonly environment: Pick<Environment, 'environment'>;
  readonly drivers: Pick<ReadOnlyDrivers, 'cluster'>;
}

/** Every namespace that carries this environment's label, with its Services. */
export async function observeReleases(options: ReleaseOptions): Promise<readonly ObservedRelease[]> {
  const owned = await observeNamespaces(options);
  return Promise.all(owned.map(async (release) => ({ ...release, services: await servicesOf(release, options) })));
}

/** Every namespace that carries this environment's label. */
export async function observeNamespaces({ environment: { environment }, drivers: { cluster }, ...again }: NamespaceOptions): Promise<readonly OwnedNamespace[]> {
  const labelSelector = environmentSelector(environment);
  const namespaces = await retry(() => cluster.list(kinds.namespace, { labelSelector }), again);
  return namespaces.items.map((item) => ownedNamespace(item, environment)).filter((item) => item !== undefined);
}

async function servicesOf(release: OwnedNamespace, { environment, drivers: { cluster }, ...again }: ReleaseOptions): Promise<ObservedRelease['services']> {
  try {
    return (await retry(() => cluster.list(kinds.service, { namespace: release.name }), again)).items;
  } catch (error) {
    if (!failedWith(error, 'forbidden')) throw error;
    // A namespace that is going may lose the runner's binding before its Services. Names that still point to it then point to
    // nobody that is known, which stops a run; and nothing can take away more from it than its deletion does.
    if (release.deleting) return [];
    throw unreadable(release, environment, error);
  }
}

/** The runner of an installed chart binds itself there before it reads; whoever only looks is told what is missing. */
function unreadable({ name }: OwnedNamespace, { environment, runner }: Environment, cause: Error): Failure {
  const binding = `kubectl -n ${name} create rolebinding ${runnerBindingName} --clusterrole=${clusterRoleNames(environment).release} --serviceaccount=${runner.namespace}:${runnerName(environment)}`;
  return new Failure('AccessDenied', {
    summary: `this account may not list the Services of release ${name}, so what the names point to cannot be told`,
    object: `Namespace ${name}`,
    reason: cause.message,
    next: `The next run of an installed runner gives itself that right; to give it now: ${binding}`,
    cause,
  });
}
