// What an installed runner and Helm's account may do in the simulated cluster: the rights that the chart gives, decided as the
// authorizer does, from the bindings that it has heard of. The proof that the real chart gives no more is in test/kubernetes.

import type { Access, Cluster } from '../src/drivers/cluster/cluster.ts';
import { kinds, type Kind, type KubernetesObject } from '../src/drivers/cluster/objects.ts';
import { DriverError } from '../src/drivers/failure.ts';
import { labels } from '../src/plan/ownership.ts';
import { clusterRoleNames, installerName, runnerBindingName, runnerName } from '../src/plan/runner-names.ts';
import type { SimulatedCluster } from './cluster.ts';

export interface InstalledRunner {
  readonly environment: string;
  readonly namespace: string;
  /** From a binding's creation until the authorizer has heard of it. Default 300. */
  readonly authorizerDelayMs?: number;
}

interface Request {
  readonly verb: string;
  /** With a subresource: `pods/log`. */
  readonly resource: string;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

export class Rights {
  readonly #cluster: SimulatedCluster;
  readonly #runner: InstalledRunner;
  readonly #knownFrom = new Map<string, number>();

  constructor(cluster: SimulatedCluster, runner: InstalledRunner) {
    this.#cluster = cluster;
    this.#runner = runner;
    const { clock, store } = cluster.inside;
    store.subscribe(({ type, kind, object }) => {
      if (type !== 'ADDED' || kind.kind !== kinds.roleBinding.kind || object.metadata.uid === undefined) return;
      this.#knownFrom.set(object.metadata.uid, clock.now() + (runner.authorizerDelayMs ?? 300));
    });
  }

  runnerMay({ verb, resource, namespace, name }: Request): boolean {
    if (resource === 'namespaces') return true;
    if (resource === 'clusterroles') return verb === 'get' || verb === 'bind' ? this.#ownRoles().includes(name ?? '') : false;
    if (resource === 'rolebindings' || resource === 'clusterrolebindings') return verb === 'create';
    if (namespace === undefined) return false;
    if (namespace === this.#runner.namespace) return ['configmaps', 'leases'].includes(resource) || (resource === 'events' && verb === 'create') || (resource === 'secrets' && verb === 'get');
    return this.#isBound(namespace, runnerBindingName, this.#runnerBinding()) && releaseRole(verb, resource);
  }

  installerMay(namespace: string): boolean {
    const { installer } = clusterRoleNames(this.#runner.environment);
    return this.#isBound(namespace, installerName, { role: installer, account: installerName, of: namespace });
  }

  /** Why the admission policy refuses this binding, or undefined. */
  bindingProblem(binding: KubernetesObject): string | undefined {
    const { name, namespace = '' } = binding.metadata;
    const found = this.#cluster.inside.store.get(kinds.namespace, undefined, namespace);
    if (found?.metadata.labels?.[labels.environment] !== this.#runner.environment) return `namespace ${namespace} is none of this environment`;
    const { installer } = clusterRoleNames(this.#runner.environment);
    const wanted = name === runnerBindingName ? this.#runnerBinding() : { role: installer, account: installerName, of: namespace };
    return (name === runnerBindingName || name === installerName) && grants(binding, wanted) ? undefined : `RoleBinding ${name} is none that a runner makes`;
  }

  #ownRoles(): readonly string[] {
    const { release, installer, installerCluster } = clusterRoleNames(this.#runner.environment);
    return [release, installer, installerCluster];
  }

  #runnerBinding(): Grant {
    const { environment, namespace } = this.#runner;
    return { role: clusterRoleNames(environment).release, account: runnerName(environment), of: namespace };
  }

  #isBound(namespace: string, name: string, grant: Grant): boolean {
    const { store, clock } = this.#cluster.inside;
    const binding = store.get(kinds.roleBinding, namespace, name);
    if (binding?.metadata.uid === undefined || !grants(binding, grant)) return false;
    return (this.#knownFrom.get(binding.metadata.uid) ?? 0) <= clock.now();
  }
}

interface Grant {
  readonly role: string;
  readonly account: string;
  /** Namespace of the account. */
  readonly of: string;
}

function grants(binding: KubernetesObject, { role, account, of }: Grant): boolean {
  const { roleRef, subjects = [] } = binding as unknown as { readonly roleRef?: { readonly name: string }; readonly subjects?: readonly { readonly name: string; readonly namespace: string }[] };
  return roleRef?.name === role && subjects.some(({ name, namespace }) => name === account && namespace === of);
}

const followed: ReadonlySet<string> = new Set(['pods', 'services', 'persistentvolumeclaims', 'events', 'endpointslices', 'deployments', 'replicasets', 'statefulsets', 'daemonsets', 'jobs']);
const others: ReadonlySet<string> = new Set(['list resourcequotas', 'get pods/log', 'create jobs', 'delete jobs', 'get serviceaccounts', 'create serviceaccounts', 'create serviceaccounts/token', 'get secrets']);

function releaseRole(verb: string, resource: string): boolean {
  return (followed.has(resource) && ['get', 'list', 'watch'].includes(verb)) || others.has(`${verb} ${resource}`);
}

/** The cluster as the runner's own account meets it: what it may not do is answered with 403. */
export function asRunner(cluster: SimulatedCluster, rights: Rights): Cluster {
  const checked = <T>(request: Request, act: () => T): T => {
    if (!rights.runnerMay(request)) throw denied(request);
    return act();
  };
  const about = (verb: string, { plural }: Kind, { namespace, name }: Place): Request => ({ verb, resource: plural, namespace, name });
  return {
    identity: async () => ({ ...(await cluster.identity()), context: undefined, cluster: undefined }),
    time: () => cluster.time(),
    discover: (apiVersion, kind) => cluster.discover(apiVersion, kind),
    allowed: async (questions) => questions.map((question: Access) => rights.runnerMay(question)),
    get: async (reference) => checked(about('get', reference.kind, reference), () => cluster.get(reference)),
    list: async (kind, options) => checked(about('list', kind, options), () => cluster.list(kind, options)),
    watch: (kind, options) => checked(about('watch', kind, options), () => cluster.watch(kind, options)),
    logs: async (reference, options) => checked({ verb: 'get', resource: 'pods/log', namespace: reference.namespace }, () => cluster.logs(reference, options)),
    followLog: (place, options) => checked({ verb: 'get', resource: 'pods/log', namespace: place.namespace }, () => cluster.followLog(place, options)),
    tunnel: async (namespace, pod, port) => checked({ verb: 'create', resource: 'pods/portforward', namespace }, () => cluster.tunnel(namespace, pod, port)),
    create: async (kind, object) => {
      const request = about('create', kind, object.metadata);
      const problem = kind.kind === kinds.roleBinding.kind ? rights.bindingProblem(object) : undefined;
      if (problem !== undefined) throw denied(request, problem);
      return checked(request, () => cluster.create(kind, object));
    },
    replace: async (kind, object) => checked(about('update', kind, object.metadata), () => cluster.replace(kind, object)),
    patch: async (reference, patch) => checked(about('patch', reference.kind, reference), () => cluster.patch(reference, patch)),
    delete: async (reference, uid, version) => checked(about('delete', reference.kind, reference), () => cluster.delete(reference, uid, version)),
    token: async (account) => checked({ verb: 'create', resource: 'serviceaccounts/token', ...account }, () => cluster.token(account)),
  };
}

interface Place {
  readonly namespace?: string | undefined;
  readonly name?: string;
}

function denied({ verb, resource, namespace }: Request, why = 'RBAC'): DriverError {
  return new DriverError({ reason: 'forbidden', attempted: `${verb} ${resource}`, detail: `403: cannot ${verb} resource "${resource}"${namespace === undefined ? '' : ` in namespace "${namespace}"`}: ${why}` });
}

/** What the chart leaves in the cluster when it is installed, as far as the program looks at it. */
export function installedObjects({ environment, namespace }: InstalledRunner): readonly KubernetesObject[] {
  const annotations = { 'meta.helm.sh/release-name': runnerName(environment), 'meta.helm.sh/release-namespace': namespace };
  const role = (name: string): KubernetesObject => ({
    apiVersion: kinds.clusterRole.apiVersion,
    kind: kinds.clusterRole.kind,
    metadata: { name, labels: { 'app.kubernetes.io/managed-by': 'Helm', [labels.environment]: environment }, annotations },
  });
  const { release, installer } = clusterRoleNames(environment);
  return [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, role(release), role(installer)];
}
