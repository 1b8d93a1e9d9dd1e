// What the two accounts can do, as real requests in an order in which each finds what it needs: without these, a refusal of
// everything would prove nothing. Data only.

import {
  apps, batch, binding, account, configMap, coordination, core, deployment, dryRun, environment, inNamespace, installerBinding, job, lease, namespace, object, pod, rbac, record, release, role, runner, runnerBinding,
  tokenRequest, type Row,
} from './places.ts';

/** Before anything else: from them on there is a release. */
export const making: readonly Row[] = [
  { title: 'make a release', method: 'POST', path: `${core}/namespaces`, body: namespace(release) },
  { title: 'bind the installer’s role to the installer', method: 'POST', path: inNamespace(rbac, release, 'rolebindings'), body: installerBinding(release) },
  { title: 'bind its own role to itself', method: 'POST', path: inNamespace(rbac, release, 'rolebindings'), body: runnerBinding },
];

const accounts = inNamespace(core, release, 'serviceaccounts');
const configMaps = inNamespace(core, runner, 'configmaps');
const leases = inNamespace(coordination, runner, 'leases');

export const runnerAllowed: readonly Row[] = [
  { title: 'make the installer’s account', method: 'POST', path: accounts, body: object('v1 ServiceAccount', 'changeover-installer') },
  { title: 'find that account', method: 'GET', path: `${accounts}/changeover-installer` },
  { title: 'take a token of it', method: 'POST', path: `${accounts}/changeover-installer/token`, body: tokenRequest },
  { title: 'see which namespaces are its own', method: 'GET', path: `${core}/namespaces?labelSelector=changeover.dev/environment=${environment}` },
  { title: 'mark its release as live', method: 'PATCH', path: `${core}/namespaces/${release}`, body: { metadata: { annotations: { 'changeover.dev/state': 'live' } } } },
  { title: 'see that it is installed', method: 'GET', path: `${rbac}/clusterroles/${runner}-installer` },
  { title: 'see the Services of its release', method: 'GET', path: inNamespace(core, release, 'services') },
  { title: 'see the pods of its release', method: 'GET', path: inNamespace(core, release, 'pods') },
  { title: 'see the quotas of its release', method: 'GET', path: inNamespace(core, release, 'resourcequotas') },
  { title: 'start a load job', method: 'POST', path: inNamespace(batch, release, `jobs${dryRun}`), body: job },
  { title: 'write a record', method: 'POST', path: configMaps, body: configMap(record(environment)) },
  { title: 'overwrite its record', method: 'PUT', path: `${configMaps}/${record(environment)}`, body: configMap(record(environment)) },
  { title: 'remove its record', method: 'DELETE', path: `${configMaps}/${record(environment)}` },
  { title: 'tell of a run', method: 'POST', path: inNamespace(core, runner, `events${dryRun}`), body: object('v1 Event', 'ordinary', { involvedObject: { namespace: runner } }) },
  { title: 'make its lock', method: 'POST', path: leases, body: lease(`changeover-${environment}`) },
  { title: 'look at its lock', method: 'GET', path: `${leases}/changeover-${environment}` },
  { title: 'ask what it may do', method: 'POST', path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', body: object('authorization.k8s.io/v1 SelfSubjectAccessReview', '', { spec: { resourceAttributes: { verb: 'list', resource: 'nodes' } } }) },
];

export const installerAllowed: readonly Row[] = [
  { title: 'install a Deployment', method: 'POST', path: inNamespace(apps, release, `deployments${dryRun}`), body: deployment },
  { title: 'install a Job', method: 'POST', path: inNamespace(batch, release, `jobs${dryRun}`), body: job },
  { title: 'install a pod, for a chart’s test', method: 'POST', path: inNamespace(core, release, `pods${dryRun}`), body: pod },
  { title: 'install a ConfigMap', method: 'POST', path: inNamespace(core, release, `configmaps${dryRun}`), body: configMap('ordinary') },
  { title: 'keep what it has installed in a Secret', method: 'POST', path: inNamespace(core, release, `secrets${dryRun}`), body: object('v1 Secret', 'ordinary') },
  { title: 'install an account', method: 'POST', path: inNamespace(core, release, `serviceaccounts${dryRun}`), body: object('v1 ServiceAccount', 'ordinary') },
  { title: 'install a Role with rights that it has itself', method: 'POST', path: inNamespace(rbac, release, `roles${dryRun}`), body: role('Role', 'ordinary', { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'watch'] }) },
  { title: 'bind a role with rights that it has itself', method: 'POST', path: inNamespace(rbac, release, `rolebindings${dryRun}`), body: binding({ name: 'ordinary', role: `${runner}-installer`, subjects: [account('default', release)] }) },
];

/** At the very end. */
export const unmaking: Row = { title: 'delete its release', method: 'DELETE', path: `${core}/namespaces/${release}` };
