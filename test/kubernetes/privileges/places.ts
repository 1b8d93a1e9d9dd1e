// Where the forbidden and the allowed requests go, and the objects that they would write. Data only.

import type { ApiCall } from '../support/api.ts';

export const environment = 't-priv';
export const runner = `changeover-${environment}`;
/** Made by the runner itself, with its bindings and the installer's account. */
export const release = `${environment}-aaaaa`;
/** Another environment, whose records lie in the same namespace. */
export const other = 't-privo';
export const otherRelease = `${other}-bbbbb`;
/** A namespace of nobody's that is called like a release. */
export const lookalike = `${environment}-ccccc`;

/** `title` completes "the runner cannot …". */
export interface Row extends ApiCall {
  readonly title: string;
}

export const core = '/api/v1';
export const apps = '/apis/apps/v1';
export const batch = '/apis/batch/v1';
export const rbac = '/apis/rbac.authorization.k8s.io/v1';
export const admission = '/apis/admissionregistration.k8s.io/v1';
export const coordination = '/apis/coordination.k8s.io/v1';

/** Nothing would happen even if it were allowed: admission and authorization decide about it all the same. */
export const dryRun = '?dryRun=All';

export const inNamespace = (group: string, namespace: string, rest: string): string => `${group}/namespaces/${namespace}/${rest}`;

export const ownLabels = { 'app.kubernetes.io/managed-by': 'changeover', 'changeover.dev/environment': environment };

export function namespace(name: string, labels: Readonly<Record<string, string>> = ownLabels) {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

/** `type`: `apps/v1 Deployment`. */
export function object(type: string, name: string, more: object = {}) {
  const [apiVersion, kind] = type.split(' ');
  return { apiVersion, kind, metadata: { name }, ...more };
}

export interface Bound {
  readonly name: string;
  readonly role: string;
  readonly kind?: string;
  readonly subjects: readonly object[];
}

export function binding({ name, role, kind = 'ClusterRole', subjects }: Bound) {
  return object('rbac.authorization.k8s.io/v1 RoleBinding', name, { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: role }, subjects });
}

export const account = (name: string, of: string) => ({ kind: 'ServiceAccount', name, namespace: of });
export const user = (name: string) => ({ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name });

export const installerBinding = (of: string) => binding({ name: 'changeover-installer', role: `${runner}-installer`, subjects: [account('changeover-installer', of)] });
export const runnerBinding = binding({ name: 'changeover-runner', role: `${runner}-release`, subjects: [account(runner, runner)] });

const podSpec = { containers: [{ name: 'main', image: 'changeover.local/example:dev', command: ['true'] }], restartPolicy: 'Never' };
export const pod = object('v1 Pod', 'intruder', { spec: podSpec });
export const job = object('batch/v1 Job', 'intruder', { spec: { template: { spec: podSpec } } });

export const deployment = object('apps/v1 Deployment', 'intruder', {
  spec: { selector: { matchLabels: { app: 'intruder' } }, template: { metadata: { labels: { app: 'intruder' } }, spec: { ...podSpec, restartPolicy: 'Always' } } },
});

export function role(kind: 'Role' | 'ClusterRole', name: string, ...rules: readonly object[]) {
  return object(`rbac.authorization.k8s.io/v1 ${kind}`, name, { rules });
}

export const tokenRequest = object('authentication.k8s.io/v1 TokenRequest', '', { spec: { expirationSeconds: 600 } });
export const configMap = (name: string) => object('v1 ConfigMap', name, { data: { record: '{}' } });
export const lease = (name: string) => object('coordination.k8s.io/v1 Lease', name, { spec: { holderIdentity: 'intruder' } });
/** Called as the chart calls it, and planted: the real one cannot be changed by anybody, which would be said before any policy is asked. */
export const configuration = `${runner}-configuration-0123456789`;
export const record = (of: string): string => `changeover-${of}-20261121-104512-aaaaa`;
