// What the runner's account must not be able to do, as real requests. Data only; each must be answered with 403.

import {
  account, admission, apps, batch, binding, configMap, configuration, coordination, core, dryRun, environment, inNamespace, installerBinding, job, lease, lookalike, namespace, object, other, otherRelease,
  ownLabels, pod, rbac, record, release, role, runner, runnerBinding, tokenRequest, user, type Row,
} from './places.ts';

const secrets: readonly Row[] = [
  { title: 'read every secret of the cluster', method: 'GET', path: `${core}/secrets` },
  { title: 'read the secrets of kube-system', method: 'GET', path: inNamespace(core, 'kube-system', 'secrets') },
  { title: 'list the secrets of its own namespace', method: 'GET', path: inNamespace(core, runner, 'secrets') },
  { title: 'read the values of its own installation', method: 'GET', path: inNamespace(core, runner, `secrets/sh.helm.release.v1.${environment}.v1`) },
  { title: 'list the secrets of its release', method: 'GET', path: inNamespace(core, release, 'secrets') },
  { title: 'read a secret of its release that the configuration does not name', method: 'GET', path: inNamespace(core, release, 'secrets/database') },
  { title: 'read the secrets of another environment’s release', method: 'GET', path: inNamespace(core, otherRelease, 'secrets') },
  { title: 'write a secret into its own namespace', method: 'POST', path: inNamespace(core, runner, `secrets${dryRun}`), body: object('v1 Secret', 'intruder') },
];

const namespaces: readonly Row[] = [
  { title: 'delete kube-system', method: 'DELETE', path: `${core}/namespaces/kube-system${dryRun}` },
  { title: 'delete the namespace that it lives in', method: 'DELETE', path: `${core}/namespaces/${runner}${dryRun}` },
  { title: 'delete a namespace without a label, though it is called like a release', method: 'DELETE', path: `${core}/namespaces/${lookalike}` },
  { title: 'delete the release of another environment', method: 'DELETE', path: `${core}/namespaces/${otherRelease}` },
  { title: 'delete all namespaces at once', method: 'DELETE', path: `${core}/namespaces${dryRun}&labelSelector=changeover.dev/environment` },
  { title: 'create a namespace of another name', method: 'POST', path: `${core}/namespaces`, body: namespace('t-intruder-aaaaa') },
  { title: 'create a namespace with a longer ending', method: 'POST', path: `${core}/namespaces`, body: namespace(`${environment}-aaaaaa`) },
  { title: 'create a namespace with no ending', method: 'POST', path: `${core}/namespaces`, body: namespace(environment) },
  { title: 'create a release without the label', method: 'POST', path: `${core}/namespaces`, body: namespace(`${environment}-ddddd`, {}) },
  { title: 'create a release with another environment’s label', method: 'POST', path: `${core}/namespaces`, body: namespace(`${environment}-ddddd`, { ...ownLabels, 'changeover.dev/environment': other }) },
  { title: 'create a release on which Pod Security is lifted', method: 'POST', path: `${core}/namespaces`, body: namespace(`${environment}-ddddd`, { ...ownLabels, 'pod-security.kubernetes.io/enforce': 'privileged' }) },
  { title: 'make a foreign namespace its own by a label', method: 'PATCH', path: `${core}/namespaces/${lookalike}`, body: { metadata: { labels: ownLabels } } },
  { title: 'make kube-system its own by a label', method: 'PATCH', path: `${core}/namespaces/kube-system${dryRun}`, body: { metadata: { labels: ownLabels } } },
  { title: 'note something on a foreign namespace', method: 'PATCH', path: `${core}/namespaces/${otherRelease}`, body: { metadata: { annotations: { 'changeover.dev/state': 'candidate' } } } },
  { title: 'take its own label off a release', method: 'PATCH', path: `${core}/namespaces/${release}`, body: { metadata: { labels: { 'changeover.dev/environment': null } } } },
  { title: 'add a label to its release', method: 'PATCH', path: `${core}/namespaces/${release}`, body: { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } } } },
  { title: 'note on its release what others go by', method: 'PATCH', path: `${core}/namespaces/${release}`, body: { metadata: { annotations: { 'scheduler.alpha.kubernetes.io/node-selector': 'role=master' } } } },
  { title: 'keep its release from ever going', method: 'PATCH', path: `${core}/namespaces/${release}`, body: { metadata: { finalizers: ['example.org/stuck'] } } },
  { title: 'take the finalizer of a namespace away', method: 'PUT', path: `${core}/namespaces/${release}/finalize`, body: namespace(release) },
  { title: 'write the status of a namespace', method: 'PATCH', path: `${core}/namespaces/${release}/status`, body: { status: { phase: 'Terminating' } } },
];

const bindings = inNamespace(rbac, release, 'rolebindings');
const rights: readonly Row[] = [
  { title: 'bind cluster-admin in its release', method: 'POST', path: bindings, body: binding({ name: 'changeover-runner', role: 'cluster-admin', subjects: [account(runner, runner)] }) },
  { title: 'bind cluster-admin everywhere', method: 'POST', path: `${rbac}/clusterrolebindings`, body: { ...binding({ name: 'intruder', role: 'cluster-admin', subjects: [account(runner, runner)] }), kind: 'ClusterRoleBinding' } },
  { title: 'bind the installer’s role everywhere', method: 'POST', path: `${rbac}/clusterrolebindings`, body: { ...installerBinding(release), kind: 'ClusterRoleBinding' } },
  { title: 'bind the installer’s role to itself', method: 'POST', path: bindings, body: binding({ name: 'changeover-installer', role: `${runner}-installer`, subjects: [account(runner, runner)] }) },
  { title: 'bind the installer’s role to a user', method: 'POST', path: bindings, body: binding({ name: 'changeover-installer', role: `${runner}-installer`, subjects: [user('mallory')] }) },
  { title: 'bind the installer’s role to one account more', method: 'POST', path: bindings, body: binding({ name: 'changeover-installer', role: `${runner}-installer`, subjects: [account('changeover-installer', release), account(runner, runner)] }) },
  { title: 'bind the installer’s role to an installer of elsewhere', method: 'POST', path: bindings, body: installerBinding(otherRelease) },
  { title: 'bind its own role under another name', method: 'POST', path: bindings, body: { ...runnerBinding, metadata: { name: 'intruder' } } },
  { title: 'bind its own role in its own namespace', method: 'POST', path: inNamespace(rbac, runner, 'rolebindings'), body: runnerBinding },
  { title: 'bind its own role in kube-system', method: 'POST', path: inNamespace(rbac, 'kube-system', `rolebindings${dryRun}`), body: runnerBinding },
  { title: 'bind its own role in another environment’s release', method: 'POST', path: inNamespace(rbac, otherRelease, 'rolebindings'), body: runnerBinding },
  { title: 'bind its own role in a namespace that is only called like a release', method: 'POST', path: inNamespace(rbac, lookalike, 'rolebindings'), body: runnerBinding },
  { title: 'bind another environment’s installer role', method: 'POST', path: bindings, body: binding({ name: 'changeover-installer', role: `changeover-${other}-installer`, subjects: [account('changeover-installer', release)] }) },
  { title: 'see who is bound in its release', method: 'GET', path: bindings },
  { title: 'change a binding', method: 'PATCH', path: `${bindings}/changeover-runner`, body: { subjects: [user('mallory')] } },
  { title: 'delete a binding', method: 'DELETE', path: `${bindings}/changeover-installer` },
  { title: 'make a Role in its release', method: 'POST', path: inNamespace(rbac, release, 'roles'), body: role('Role', 'intruder', { apiGroups: [''], resources: ['pods'], verbs: ['list'] }) },
  { title: 'extend the Role that it has', method: 'PATCH', path: inNamespace(rbac, runner, `roles/${runner}`), body: { rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] } },
  { title: 'extend the ClusterRole that it has', method: 'PATCH', path: `${rbac}/clusterroles/${runner}`, body: { rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] } },
  { title: 'extend the installer’s ClusterRole', method: 'PATCH', path: `${rbac}/clusterroles/${runner}-installer`, body: { rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] } },
  { title: 'make a ClusterRole', method: 'POST', path: `${rbac}/clusterroles`, body: role('ClusterRole', 'intruder') },
  { title: 'read other ClusterRoles', method: 'GET', path: `${rbac}/clusterroles/cluster-admin` },
];

const accounts = (of: string): string => inNamespace(core, of, 'serviceaccounts');
const identities: readonly Row[] = [
  { title: 'take a token of itself, to live longer', method: 'POST', path: `${accounts(runner)}/${runner}/token`, body: tokenRequest },
  { title: 'take a token of another account in its release', method: 'POST', path: `${accounts(release)}/default/token`, body: tokenRequest },
  { title: 'take a token of a controller', method: 'POST', path: `${accounts('kube-system')}/namespace-controller/token`, body: tokenRequest },
  { title: 'take a token of an installer of another environment', method: 'POST', path: `${accounts(otherRelease)}/changeover-installer/token`, body: tokenRequest },
  { title: 'make another account in its release', method: 'POST', path: accounts(release), body: object('v1 ServiceAccount', 'intruder') },
  { title: 'make an account in its own namespace', method: 'POST', path: accounts(runner), body: object('v1 ServiceAccount', 'changeover-installer') },
  { title: 'make the installer somebody outside of the cluster', method: 'POST', path: accounts(release), body: { ...object('v1 ServiceAccount', ''), metadata: { name: 'changeover-installer', annotations: { 'iam.gke.io/gcp-service-account': 'owner@example.org' } } } },
  { title: 'act as an administrator', method: 'GET', path: `${core}/namespaces`, headers: { 'Impersonate-User': 'kubernetes-admin', 'Impersonate-Group': 'system:masters' } },
  { title: 'act as the installer without its token', method: 'GET', path: inNamespace(core, release, 'secrets'), headers: { 'Impersonate-User': `system:serviceaccount:${release}:changeover-installer` } },
  { title: 'judge other tokens', method: 'POST', path: '/apis/authentication.k8s.io/v1/tokenreviews', body: object('authentication.k8s.io/v1 TokenReview', '', { spec: { token: 'x' } }) },
  { title: 'ask for others’ rights', method: 'POST', path: '/apis/authorization.k8s.io/v1/subjectaccessreviews', body: object('authorization.k8s.io/v1 SubjectAccessReview', '', { spec: { user: 'x' } }) },
  { title: 'ask for a client certificate', method: 'POST', path: '/apis/certificates.k8s.io/v1/certificatesigningrequests', body: object('certificates.k8s.io/v1 CertificateSigningRequest', 'intruder', { spec: {} }) },
];

const running: readonly Row[] = [
  { title: 'run a command in a pod of its release', method: 'POST', path: inNamespace(core, release, 'pods/web/exec?command=id&stdout=true') },
  { title: 'attach itself to a pod of its release', method: 'POST', path: inNamespace(core, release, 'pods/web/attach?stdout=true') },
  { title: 'put a debugging container into a pod', method: 'PATCH', path: inNamespace(core, release, 'pods/web/ephemeralcontainers'), body: { spec: {} } },
  { title: 'make a pod in its release', method: 'POST', path: inNamespace(core, release, 'pods'), body: pod },
  { title: 'delete a pod of its release', method: 'DELETE', path: inNamespace(core, release, 'pods/web') },
  { title: 'make a pod beside itself, with an account of its choice', method: 'POST', path: inNamespace(core, runner, 'pods'), body: pod },
  { title: 'make a Job beside itself', method: 'POST', path: inNamespace(batch, runner, 'jobs'), body: job },
  { title: 'make a Job in another environment’s release', method: 'POST', path: inNamespace(batch, otherRelease, 'jobs'), body: job },
  { title: 'change its own CronJob', method: 'PATCH', path: inNamespace(batch, runner, `cronjobs/${runner}`), body: { spec: { suspend: false } } },
  { title: 'scale a Deployment of its release', method: 'PATCH', path: inNamespace(apps, release, 'deployments/web/scale'), body: { spec: { replicas: 0 } } },
  { title: 'change a Service of its release', method: 'PATCH', path: inNamespace(core, release, 'services/ingress'), body: { spec: { externalIPs: ['192.0.2.1'] } } },
  { title: 'see the pods of the whole cluster', method: 'GET', path: `${core}/pods` },
  { title: 'see the quotas of the whole cluster', method: 'GET', path: `${core}/resourcequotas` },
  { title: 'make room for itself in its release', method: 'POST', path: inNamespace(core, release, 'resourcequotas'), body: object('v1 ResourceQuota', 'intruder', { spec: { hard: { pods: '1' } } }) },
  { title: 'see the Services of the whole cluster', method: 'GET', path: `${core}/services` },
  { title: 'see the pods of another environment’s release', method: 'GET', path: inNamespace(core, otherRelease, 'pods') },
];

const own = inNamespace(core, runner, 'configmaps');
const leases = inNamespace(coordination, runner, 'leases');
const ownNamespace: readonly Row[] = [
  { title: 'change its own configuration', method: 'PUT', path: `${own}/${configuration}`, body: configMap(configuration) },
  { title: 'delete its own configuration', method: 'DELETE', path: `${own}/${configuration}` },
  { title: 'write a ConfigMap that is no record', method: 'POST', path: own, body: configMap('intruder') },
  { title: 'write a record of another environment', method: 'POST', path: own, body: configMap(`changeover-${other}-20261121-104512-ddddd`) },
  { title: 'overwrite a record of another environment', method: 'PUT', path: `${own}/${record(other)}`, body: configMap(record(other)) },
  { title: 'delete a record of another environment', method: 'DELETE', path: `${own}/${record(other)}` },
  { title: 'write a record into another namespace', method: 'POST', path: inNamespace(core, release, 'configmaps'), body: configMap(record(environment)) },
  { title: 'tell of its runs in another namespace', method: 'POST', path: inNamespace(core, release, 'events'), body: object('v1 Event', 'intruder', { involvedObject: { namespace: release } }) },
  { title: 'see what others tell in its own namespace', method: 'GET', path: inNamespace(core, runner, 'events') },
  { title: 'take the lock of another environment', method: 'PUT', path: `${leases}/changeover-${other}`, body: lease(`changeover-${other}`) },
  { title: 'make a lock of another name', method: 'POST', path: leases, body: lease('intruder') },
  { title: 'take its own lock away', method: 'DELETE', path: `${leases}/changeover-${environment}` },
  { title: 'take the lock of a control plane', method: 'PUT', path: inNamespace(coordination, 'kube-system', `leases/kube-scheduler${dryRun}`), body: lease('kube-scheduler') },
  { title: 'lift its own admission policy', method: 'PATCH', path: `${admission}/validatingadmissionpolicies/${runner}-namespaces`, body: { spec: { failurePolicy: 'Ignore' } } },
  { title: 'unbind its own admission policy', method: 'DELETE', path: `${admission}/validatingadmissionpolicybindings/${runner}-bindings` },
  { title: 'change its own NetworkPolicy', method: 'PATCH', path: inNamespace('/apis/networking.k8s.io/v1', runner, `networkpolicies/${runner}`), body: { spec: { egress: [{}] } } },
];

const cluster: readonly Row[] = [
  { title: 'see the nodes', method: 'GET', path: `${core}/nodes` },
  { title: 'reach a kubelet through the API server', method: 'GET', path: `${core}/nodes/any/proxy/pods` },
  { title: 'make a PersistentVolume of a node’s own disk', method: 'POST', path: `${core}/persistentvolumes`, body: object('v1 PersistentVolume', 'intruder', { spec: {} }) },
  { title: 'define a kind', method: 'POST', path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', body: object('apiextensions.k8s.io/v1 CustomResourceDefinition', 'intruder') },
  { title: 'register a webhook', method: 'POST', path: `${admission}/mutatingwebhookconfigurations`, body: object('admissionregistration.k8s.io/v1 MutatingWebhookConfiguration', 'intruder') },
  { title: 'make a StorageClass', method: 'POST', path: '/apis/storage.k8s.io/v1/storageclasses', body: object('storage.k8s.io/v1 StorageClass', 'intruder', { provisioner: 'x' }) },
];

export const runnerForbidden: readonly Row[] = [...secrets, ...namespaces, ...rights, ...identities, ...running, ...ownNamespace, ...cluster];
