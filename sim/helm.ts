// Helm in memory: charts as data, releases as Secrets in the simulated cluster, as Helm keeps them. Judges nothing.

import { createHash } from 'node:crypto';
import { kinds, type Kind, type KubernetesObject } from '../src/drivers/cluster/objects.ts';
import { DriverError, failedWith, type FailureReason } from '../src/drivers/failure.ts';
import type { ChartSource, Helm, HelmRelease, LocalChart, ReleaseRequest } from '../src/drivers/helm/helm.ts';
import type { SimulatedCluster } from './cluster.ts';
import { findKind } from './cluster/kinds.ts';
import type { HelmLimit } from './passage.ts';

export interface ChartScenario {
  readonly name: string;
  readonly version: string;
  /** `{release}` in any text becomes the release's name. Hooks bear the annotation `helm.sh/hook`. */
  readonly objects: readonly KubernetesObject[];
  /** Helm's message when the chart does not render. */
  readonly broken?: string;
  /** What `helm test` says when it fails; default: it passes. */
  readonly failingTest?: string;
}

export interface SimulatedHelmOptions {
  readonly cluster: SimulatedCluster;
  /** By path, address or repository name: whatever the configuration calls it. */
  readonly charts: Map<string, ChartScenario>;
  /** From one object that Helm creates to the next. Default 50. */
  readonly objectMs?: number;
  /** Whose rights Helm has in this namespace: refuses with what Helm would say. Default: it may do everything. */
  readonly authorize?: (namespace: string) => Promise<void>;
  /** Aborts when the process that started Helm is killed, and Helm with it. */
  readonly died: AbortSignal;
  /** Asked after each object that was created or deleted; throws when Helm dies there. */
  readonly fate?: (objects: number) => void;
}

/** When Helm shall die: after so many objects, alone or with the process that started it. */
export class HelmFate {
  #limit: HelmLimit | undefined;

  limit(limit: HelmLimit | undefined): void {
    this.#limit = limit;
  }

  reached(process: { kill(): void }): (objects: number) => void {
    return (objects) => {
      if (this.#limit?.objects !== objects) return;
      if (this.#limit.dies === 'process') process.kill();
      throw new HelmKilled({ reason: 'unavailable', attempted: 'helm', detail: 'ended by SIGKILL, as the system does when no memory is left' });
    };
  }
}

class HelmKilled extends DriverError {}

const releaseType = 'helm.sh/release.v1';

export function simulatedHelm(options: SimulatedHelmOptions): Helm {
  const { cluster, authorize = async () => undefined } = options;
  return {
    version: async () => 'v4.2.3',
    chart: async (source) => localChart(source, options),
    render: async (request) => rendered(request, options),
    find: async (name, namespace) => {
      await authorize(namespace);
      const secret = await findSecret(cluster, name, namespace);
      return secret && toRelease(secret);
    },
    list: async (namespace) => {
      await authorize(namespace);
      const secrets = await cluster.list(kinds.secret, { namespace, labelSelector: 'owner=helm' });
      return secrets.items.map(toRelease);
    },
    manifest: async (name, namespace) => {
      await authorize(namespace);
      const secret = await findSecret(cluster, name, namespace);
      if (secret === undefined) throw refused('notFound', `helm get manifest ${name}`, 'Error: release: not found');
      return stored(secret);
    },
    install: async (request) => {
      await authorize(request.namespace);
      return install(request, options);
    },
    test: async (name, namespace, { signal }) => {
      signal.throwIfAborted();
      await authorize(namespace);
      const secret = await findSecret(cluster, name, namespace);
      if (secret === undefined) throw refused('notFound', `helm test ${name}`, 'Error: release: not found');
      await cluster.inside.clock.sleep(2_000, signal);
      const chart = options.charts.get(secret.metadata.annotations?.['chart'] ?? '');
      if (chart?.failingTest !== undefined) throw refused('invalid', `helm test ${name}`, chart.failingTest);
    },
    uninstall: async (name, namespace, { signal }) => {
      signal.throwIfAborted();
      await authorize(namespace);
      const secret = await findSecret(cluster, name, namespace);
      if (secret === undefined) return;
      await uninstall(secret, options, signal);
      await cluster.delete({ kind: kinds.secret, name: secret.metadata.name, namespace }, secret.metadata.uid ?? '');
    },
  };
}

function keyOf(source: ChartSource): string {
  if ('git' in source) return source.git;
  if ('oci' in source) return source.oci;
  return 'repository' in source ? source.name : source.path;
}

function localChart(source: ChartSource, { charts }: SimulatedHelmOptions): LocalChart {
  const key = keyOf(source);
  const isCommit = 'git' in source && /^[0-9a-f]{40}$/.test(source.ref);
  const chart = charts.get(isCommit ? `${key}@${source.ref}` : key);
  if (chart === undefined) throw refused('notFound', `helm pull ${key}`, 'Error: chart not found');
  const { name, version } = chart;
  const digest = digestOf(chart);
  if (!('git' in source)) return { directory: key, name, version, origin: key, identity: `sha256:${digest}` };
  // The branch may move on; its commits stay.
  const commit = digest.slice(0, 40);
  charts.set(`${key}@${commit}`, chart);
  return { directory: `${key}@${commit}`, name, version, origin: key, identity: `commit ${commit}` };
}

const digests = new WeakMap<ChartScenario, string>();

function digestOf(chart: ChartScenario): string {
  const known = digests.get(chart) ?? createHash('sha256').update(JSON.stringify(chart)).digest('hex');
  digests.set(chart, known);
  return known;
}

function rendered({ name, namespace, chart, signal }: ReleaseRequest, { charts }: SimulatedHelmOptions): readonly KubernetesObject[] {
  signal.throwIfAborted();
  const scenario = charts.get(chart.directory);
  if (scenario === undefined) throw refused('notFound', `helm template ${name}`, 'Error: chart not found');
  if (scenario.broken !== undefined) throw refused('invalid', `helm template ${name}`, scenario.broken);
  const objects = JSON.parse(JSON.stringify(scenario.objects).replaceAll('{release}', name)) as readonly KubernetesObject[];
  return objects.map((object) => ({ ...object, metadata: { ...object.metadata, ...owned(object, { name, namespace }) } }));
}

function owned({ metadata }: KubernetesObject, { name, namespace }: Pick<ReleaseRequest, 'name' | 'namespace'>): object {
  return {
    labels: { ...metadata.labels, 'app.kubernetes.io/managed-by': 'Helm' },
    annotations: { ...metadata.annotations, 'meta.helm.sh/release-name': name, 'meta.helm.sh/release-namespace': namespace },
  };
}

async function install(request: ReleaseRequest, options: SimulatedHelmOptions): Promise<void> {
  const { name, namespace, chart, signal } = request;
  const { cluster } = options;
  const objects = rendered(request, options).filter((object) => !isHook(object));
  const attempted = `helm install ${name}`;
  if ((await findSecret(cluster, name, namespace)) !== undefined) throw refused('conflict', attempted, 'Error: INSTALLATION FAILED: cannot reuse a name that is still in use');
  for (const object of objects) await checkOwner(object, { cluster, attempted });
  const annotations = { chart: chart.directory, manifest: JSON.stringify(objects) };
  const metadata = { name: `sh.helm.release.v1.${name}.v1`, namespace, annotations, labels: { owner: 'helm', name, status: 'pending-install', version: '1' } };
  await cluster.create(kinds.secret, { apiVersion: 'v1', kind: 'Secret', metadata, type: releaseType });
  try {
    await eachInTurn(objects, { signal, options }, (object) => createOne(object, { namespace, options }));
    await setState(cluster, metadata, 'deployed');
  } catch (error) {
    // Helm notes a failure and a polite request to stop; a killed one leaves the lock that never expires (helm#10599).
    if (!options.died.aborted && !(error instanceof HelmKilled)) await setState(cluster, metadata, 'failed');
    throw error;
  }
}

interface Work {
  readonly signal: AbortSignal;
  readonly options: SimulatedHelmOptions;
}

/** One after the other, with time between them: in each of these moments Helm may be killed. */
async function eachInTurn(objects: readonly KubernetesObject[], { signal, options }: Work, act: (object: KubernetesObject) => Promise<void>): Promise<void> {
  const { cluster, objectMs = 50, died, fate = () => undefined } = options;
  fate(0);
  for (const [index, object] of objects.entries()) {
    await cluster.inside.clock.sleep(objectMs, AbortSignal.any([signal, died]));
    await act(object);
    fate(index + 1);
  }
}

/** Half a release that is being uninstalled keeps its Secret, which says so. */
async function uninstall(secret: KubernetesObject, options: SimulatedHelmOptions, signal: AbortSignal): Promise<void> {
  const { name, namespace = '' } = secret.metadata;
  await setState(options.cluster, { name, namespace }, 'uninstalling');
  await eachInTurn(stored(secret), { signal, options }, (object) => remove(options.cluster, object));
}

interface Creation {
  readonly namespace: string;
  readonly options: SimulatedHelmOptions;
}

async function createOne(object: KubernetesObject, { namespace, options }: Creation): Promise<void> {
  const kind = kindOf(object);
  try {
    await options.cluster.create(kind, kind.namespaced ? { ...object, metadata: { ...object.metadata, namespace } } : object);
  } catch (error) {
    if (!failedWith(error, 'conflict')) throw error;
    throw refused('conflict', `helm install ${namespace}`, `Error: INSTALLATION FAILED: ${error.message}`);
  }
}

async function checkOwner(object: KubernetesObject, { cluster, attempted }: { readonly cluster: SimulatedCluster; readonly attempted: string }): Promise<void> {
  const kind = kindOf(object);
  if (kind.namespaced) return;
  const found = await cluster.get({ kind, name: object.metadata.name });
  const owner = found?.metadata.annotations?.['meta.helm.sh/release-name'];
  if (found === undefined || owner === object.metadata.annotations?.['meta.helm.sh/release-name']) return;
  throw refused('conflict', attempted, `Error: INSTALLATION FAILED: ${kind.kind} "${object.metadata.name}" exists and cannot be imported into the current release: invalid ownership metadata`);
}

async function remove(cluster: SimulatedCluster, object: KubernetesObject): Promise<void> {
  const { annotations, name } = object.metadata;
  const kind = kindOf(object);
  const namespace = annotations?.['meta.helm.sh/release-namespace'] ?? '';
  const reference = kind.namespaced ? { kind, name, namespace } : { kind, name };
  const found = await cluster.get(reference);
  if (found?.metadata.uid !== undefined) await cluster.delete(reference, found.metadata.uid);
}

async function findSecret(cluster: SimulatedCluster, name: string, namespace: string): Promise<KubernetesObject | undefined> {
  return (await cluster.list(kinds.secret, { namespace, labelSelector: `owner=helm,name=${name}` })).items[0];
}

async function setState(cluster: SimulatedCluster, { name, namespace }: { readonly name: string; readonly namespace: string }, status: string): Promise<void> {
  await cluster.patch({ kind: kinds.secret, name, namespace }, { metadata: { labels: { status } } });
}

function toRelease(secret: KubernetesObject): HelmRelease {
  const { labels = {}, namespace = '' } = secret.metadata;
  return { name: labels['name'] ?? '', namespace, status: labels['status'] ?? 'unknown', revision: Number(labels['version']) };
}

function stored(secret: KubernetesObject): readonly KubernetesObject[] {
  return JSON.parse(secret.metadata.annotations?.['manifest'] ?? '[]') as readonly KubernetesObject[];
}

function isHook({ metadata }: KubernetesObject): boolean {
  return metadata.annotations?.['helm.sh/hook'] !== undefined;
}

function kindOf({ apiVersion, kind }: KubernetesObject): Kind {
  const found = findKind(apiVersion, kind);
  if (found === undefined) throw refused('invalid', 'helm install', `Error: resource mapping not found: no matches for kind "${kind}" in version "${apiVersion}"`);
  return found;
}

function refused(reason: FailureReason, attempted: string, detail: string): DriverError {
  return new DriverError({ reason, attempted, detail });
}
