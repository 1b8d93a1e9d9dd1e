// What Helm's account in a release must not be able to do, as real requests. Data only; each must be answered with 403.

import {
  account, admission, apps, batch, binding, configMap, configuration, coordination, core, deployment, environment, inNamespace, lease, namespace, object, otherRelease, ownLabels, pod, rbac, release, role, runner,
  tokenRequest, user, type Row,
} from './places.ts';

const elsewhere: readonly Row[] = [
  { title: 'read the secrets of the runner', method: 'GET', path: inNamespace(core, runner, 'secrets') },
  { title: 'read the records of runs', method: 'GET', path: inNamespace(core, runner, 'configmaps') },
  { title: 'take the lock', method: 'PUT', path: inNamespace(coordination, runner, `leases/changeover-${environment}`), body: lease(`changeover-${environment}`) },
  { title: 'change the runner’s configuration', method: 'PUT', path: inNamespace(core, runner, `configmaps/${configuration}`), body: configMap(configuration) },
  { title: 'change when the runner runs', method: 'PATCH', path: inNamespace(batch, runner, `cronjobs/${runner}`), body: { spec: { suspend: true } } },
  { title: 'make a pod beside the runner', method: 'POST', path: inNamespace(core, runner, 'pods'), body: pod },
  { title: 'read the secrets of another release', method: 'GET', path: inNamespace(core, otherRelease, 'secrets') },
  { title: 'install into another release', method: 'POST', path: inNamespace(apps, otherRelease, 'deployments'), body: deployment },
  { title: 'install into kube-system', method: 'POST', path: inNamespace(apps, 'kube-system', 'deployments'), body: deployment },
  { title: 'read the secrets of the whole cluster', method: 'GET', path: `${core}/secrets` },
  { title: 'see what namespaces there are', method: 'GET', path: `${core}/namespaces` },
  { title: 'look at its own namespace', method: 'GET', path: `${core}/namespaces/${release}` },
  { title: 'delete its own namespace', method: 'DELETE', path: `${core}/namespaces/${release}` },
  { title: 'mark its own namespace as live', method: 'PATCH', path: `${core}/namespaces/${release}`, body: { metadata: { annotations: { 'changeover.dev/state': 'live' } } } },
  { title: 'make a namespace', method: 'POST', path: `${core}/namespaces`, body: namespace(`${environment}-eeeee`, ownLabels) },
];

const bindings = inNamespace(rbac, release, 'rolebindings');
const roles = inNamespace(rbac, release, 'roles');
const rights: readonly Row[] = [
  { title: 'bind cluster-admin', method: 'POST', path: bindings, body: binding({ name: 'intruder', role: 'cluster-admin', subjects: [account('changeover-installer', release)] }) },
  { title: 'bind the role admin', method: 'POST', path: bindings, body: binding({ name: 'intruder', role: 'admin', subjects: [user('mallory')] }) },
  { title: 'bind the runner’s role, which can do what it cannot', method: 'POST', path: bindings, body: binding({ name: 'intruder', role: `${runner}-release`, subjects: [account('changeover-installer', release)] }) },
  { title: 'bind itself everywhere', method: 'POST', path: `${rbac}/clusterrolebindings`, body: { ...binding({ name: 'intruder', role: `${runner}-installer`, subjects: [account('changeover-installer', release)] }), kind: 'ClusterRoleBinding' } },
  { title: 'make a Role that can do everything', method: 'POST', path: roles, body: role('Role', 'intruder', { apiGroups: ['*'], resources: ['*'], verbs: ['*'] }) },
  { title: 'make a Role that runs commands in pods', method: 'POST', path: roles, body: role('Role', 'intruder', { apiGroups: [''], resources: ['pods/exec'], verbs: ['create'] }) },
  { title: 'make a Role that takes tokens', method: 'POST', path: roles, body: role('Role', 'intruder', { apiGroups: [''], resources: ['serviceaccounts/token'], verbs: ['create'] }) },
  { title: 'make a Role that impersonates', method: 'POST', path: roles, body: role('Role', 'intruder', { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['impersonate'] }) },
  { title: 'make a Role that may make any Role', method: 'POST', path: roles, body: role('Role', 'intruder', { apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles'], verbs: ['escalate', 'bind'] }) },
  { title: 'make a ClusterRole', method: 'POST', path: `${rbac}/clusterroles`, body: role('ClusterRole', 'intruder') },
  { title: 'extend the ClusterRole that it has', method: 'PATCH', path: `${rbac}/clusterroles/${runner}-installer`, body: { rules: [] } },
];

const tokens = inNamespace(core, release, 'serviceaccounts');
const identities: readonly Row[] = [
  { title: 'take a token of itself, to live longer', method: 'POST', path: `${tokens}/changeover-installer/token`, body: tokenRequest },
  { title: 'take a token of another account', method: 'POST', path: `${tokens}/default/token`, body: tokenRequest },
  { title: 'take a token of the runner', method: 'POST', path: inNamespace(core, runner, `serviceaccounts/${runner}/token`), body: tokenRequest },
  { title: 'act as an administrator', method: 'GET', path: inNamespace(core, release, 'pods'), headers: { 'Impersonate-User': 'kubernetes-admin', 'Impersonate-Group': 'system:masters' } },
  { title: 'act as the runner', method: 'GET', path: inNamespace(core, release, 'pods'), headers: { 'Impersonate-User': `system:serviceaccount:${runner}:${runner}` } },
  { title: 'run a command in a pod', method: 'POST', path: inNamespace(core, release, 'pods/web/exec?command=id&stdout=true') },
  { title: 'forward a port of a pod', method: 'POST', path: inNamespace(core, release, 'pods/web/portforward?ports=80') },
  { title: 'bind a pod to a node of its choice', method: 'POST', path: inNamespace(core, release, 'pods/web/binding'), body: object('v1 Binding', 'web', { target: { kind: 'Node', name: 'any' } }) },
];

const cluster: readonly Row[] = [
  { title: 'see the nodes', method: 'GET', path: `${core}/nodes` },
  { title: 'read the Events of its release', method: 'GET', path: inNamespace(core, release, 'events') },
  { title: 'reach a kubelet through the API server', method: 'GET', path: `${core}/nodes/any/proxy/pods` },
  { title: 'lift a quota', method: 'DELETE', path: inNamespace(core, release, 'resourcequotas/any') },
  { title: 'lead a Service’s traffic elsewhere', method: 'POST', path: inNamespace('/apis/discovery.k8s.io/v1', release, 'endpointslices'), body: object('discovery.k8s.io/v1 EndpointSlice', 'intruder') },
  { title: 'lift the runner’s admission policy', method: 'DELETE', path: `${admission}/validatingadmissionpolicies/${runner}-namespaces` },
  { title: 'register a webhook', method: 'POST', path: `${admission}/validatingwebhookconfigurations`, body: object('admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration', 'intruder') },
  { title: 'define a kind', method: 'POST', path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', body: object('apiextensions.k8s.io/v1 CustomResourceDefinition', 'intruder') },
  { title: 'make a PersistentVolume of a node’s own disk', method: 'POST', path: `${core}/persistentvolumes`, body: object('v1 PersistentVolume', 'intruder', { spec: {} }) },
];

export const installerForbidden: readonly Row[] = [...elsewhere, ...rights, ...identities, ...cluster];
