// The chart as it would be installed: fetched, rendered, and compared with cluster-scoped objects that exist already.

import { Failure } from '../errors.ts';
import { failedWith } from '../drivers/failure.ts';
import type { KubernetesObject } from '../drivers/cluster/objects.ts';
import type { LocalChart } from '../drivers/helm/helm.ts';
import type { ObservedChart } from '../plan/observed.ts';
import { helmOwner, isHook } from '../plan/rendered.ts';
import { retry } from '../run/retry.ts';
import type { ObserveOptions } from './observe.ts';
import { releaseValues } from './values.ts';

export async function observeChart(options: ObserveOptions, candidate: string): Promise<ObservedChart> {
  const { environment, drivers: { helm }, signal } = options;
  const chart = await retry(() => helm.chart(options.chart ?? environment.release.chart), options);
  const values = await releaseValues(environment, options);
  const rendered = await render(() => helm.render({ name: candidate, namespace: candidate, chart, values, signal }), chart);
  const clusterScoped = await Promise.all(rendered.filter((object) => !isHook(object)).map((object) => conflict(object, options)));
  return { chart, rendered, conflicts: clusterScoped.filter((found) => found !== undefined) };
}

async function render(attempt: () => Promise<readonly KubernetesObject[]>, chart: LocalChart): Promise<readonly KubernetesObject[]> {
  try {
    return await attempt();
  } catch (error) {
    if (!failedWith(error, 'invalid')) throw error;
    throw new Failure('ChartInvalid', { summary: error.detail ?? error.message, object: `chart ${chart.name} ${chart.version} from ${chart.origin}`, cause: error });
  }
}

async function lookFor<T>({ kind, metadata }: KubernetesObject, look: () => Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (error) {
    if (!failedWith(error, 'forbidden')) throw error;
    throw new Failure('AccessDenied', {
      summary: `the chart has ${kind} ${metadata.name}, which lies outside of namespaces, and this account may not look whether there is one already`,
      object: `${kind} ${metadata.name}`,
      reason: error.detail ?? error.message,
      next: 'Use an account that may; for an installed runner: list the kind under release.permissions.cluster and update the runner (helm upgrade)',
      cause: error,
    });
  }
}

async function conflict(object: KubernetesObject, options: ObserveOptions): Promise<ObservedChart['conflicts'][number] | undefined> {
  const { drivers: { cluster } } = options;
  const kind = await retry(() => cluster.discover(object.apiVersion, object.kind), options);
  // A kind that the server does not know yet comes with the chart's own CRDs, or Helm will name it.
  if (kind === undefined || kind.namespaced) return undefined;
  const existing = await lookFor(object, () => retry(() => cluster.get({ kind, name: object.metadata.name }), options));
  if (existing === undefined) return undefined;
  return { object: `${object.kind} ${object.metadata.name}`, owner: helmOwner(existing) ?? 'nobody that Helm knows of' };
}
