// The objects that give the runner and Helm their rights in one release, as data. Pure.

import type { Environment } from '../config/environment.ts';
import { kinds, type Kind, type KubernetesObject } from '../drivers/cluster/objects.ts';
import { labels, manager } from './ownership.ts';
import type { ReleaseIdentity } from './plan.ts';
import { clusterBindingName, clusterRoleNames, installerName, runnerBindingName, runnerName } from './runner-names.ts';

export interface ReleaseAccess {
  /** In the order in which they are made. The runner's own comes last: when it is known to the cluster, so are the others. */
  readonly bindings: readonly { readonly kind: Kind; readonly object: KubernetesObject }[];
  /** Helm's account in the release: made last, so that it stands for all of them. */
  readonly account: KubernetesObject;
}

/** As the plan prints it: `RoleBinding changeover-runner`. */
export interface GivenAccess {
  readonly release: string;
  readonly objects: readonly string[];
}

export function releaseAccess(release: ReleaseIdentity, environment: Pick<Environment, 'environment' | 'runner' | 'release'>): ReleaseAccess {
  const { name: namespace, namespaceUid } = release;
  const roles = clusterRoleNames(environment.environment);
  const marks = { [labels.managedBy]: manager, [labels.environment]: environment.environment };
  const runner = { kind: 'ServiceAccount', name: runnerName(environment.environment), namespace: environment.runner.namespace };
  const installer = { kind: 'ServiceAccount', name: installerName, namespace };
  const binding = (name: string, role: string, subject: object) => ({
    kind: kinds.roleBinding,
    object: { ...headOf(kinds.roleBinding), metadata: { name, namespace, labels: marks }, roleRef: roleRef(role), subjects: [subject] },
  });
  const cluster = {
    kind: kinds.clusterRoleBinding,
    object: {
      ...headOf(kinds.clusterRoleBinding),
      // It lies outside of the namespace, and goes with it all the same.
      metadata: { name: clusterBindingName(namespace), labels: marks, ownerReferences: [{ ...headOf(kinds.namespace), name: namespace, uid: namespaceUid }] },
      roleRef: roleRef(roles.installerCluster),
      subjects: [installer],
    },
  };
  return {
    bindings: [
      ...(environment.release.permissions.cluster.length === 0 ? [] : [cluster]),
      binding(installerName, roles.installer, installer),
      binding(runnerBindingName, roles.release, runner),
    ],
    account: { ...headOf(kinds.serviceAccount), metadata: { name: installerName, namespace, labels: marks } },
  };
}

/** For the plan: what is made in a new release before the chart's own objects. */
export function describeReleaseAccess(release: string, environment: Pick<Environment, 'environment' | 'runner' | 'release'>): readonly string[] {
  const { bindings, account } = releaseAccess({ name: release, namespaceUid: '' }, environment);
  return [...bindings.map(({ object }) => object), account].map(({ kind, metadata }) => `${kind} ${metadata.name}`);
}

function headOf({ apiVersion, kind }: Kind): { readonly apiVersion: string; readonly kind: string } {
  return { apiVersion, kind };
}

function roleRef(name: string): object {
  return { apiGroup: 'rbac.authorization.k8s.io', kind: kinds.clusterRole.kind, name };
}
