// Reads the world for planning, once and completely. Has read-only drivers: it cannot write, whatever it does.

import type { Environment } from '../config/environment.ts';
import type { Access } from '../drivers/cluster/cluster.ts';
import type { ReadOnlyDrivers } from '../drivers/drivers.ts';
import { kinds } from '../drivers/cluster/objects.ts';
import type { Observed, ObservedRelease } from '../plan/observed.ts';
import { environmentSelector, ownedNamespace } from '../plan/ownership.ts';
import { retry, type RetryOptions } from '../run/retry.ts';
import { observeChart } from './chart.ts';
import { observeNames } from './names.ts';
import { readRecords } from './records.ts';

export interface ObserveOptions extends Pick<RetryOptions, 'clock' | 'signal'> {
  readonly environment: Environment;
  readonly drivers: ReadOnlyDrivers;
  /** The new release's name when the operation installs one: the chart is rendered under it. */
  readonly candidate: string | undefined;
  /** Permissions to ask for: the step that guards a run asks, so that making its plan need not. */
  readonly questions: readonly Access[];
}

/** Rejects when something could not be found out: unknown is not empty. Names with troubles carry them as `problems`. */
export async function observe(options: ObserveOptions): Promise<Observed> {
  const { drivers, candidate } = options;
  const [identity, helmVersion, access, releases, names, records, chart] = await Promise.all([
    retry(() => drivers.cluster.identity(), options),
    drivers.helm.version(),
    observeAccess(options),
    observeReleases(options),
    observeNames({ ...options, forChange: true }),
    retry(() => readRecords(drivers.records), options),
    candidate === undefined ? undefined : observeChart(options, candidate),
  ]);
  return { identity, helmVersion, access, releases, names, records: records.map(({ record }) => record), chart };
}

async function observeAccess({ questions, drivers, ...again }: ObserveOptions): Promise<Observed['access']> {
  const answers = await retry(() => drivers.cluster.allowed(questions), again);
  return questions.map((question, index) => ({ question, allowed: answers[index] ?? false }));
}

/** Every namespace that carries this environment's label, with its Services. */
export async function observeReleases(
  options: Pick<ObserveOptions, 'environment' | 'drivers' | 'clock' | 'signal'>,
): Promise<readonly ObservedRelease[]> {
  const { environment: { environment }, drivers: { cluster } } = options;
  const labelSelector = environmentSelector(environment);
  const namespaces = await retry(() => cluster.list(kinds.namespace, { labelSelector }), options);
  const owned = namespaces.items.map((item) => ownedNamespace(item, environment)).filter((item) => item !== undefined);
  return Promise.all(
    owned.map(async (release) => {
      const { items } = await retry(() => cluster.list(kinds.service, { namespace: release.name }), options);
      return { ...release, services: items };
    }),
  );
}
