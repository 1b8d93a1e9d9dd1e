// Kubernetes objects as the API server sends them (JSON, dates as strings): only the fields that changeover reads.

export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly { readonly apiVersion?: string; readonly kind: string; readonly name: string; readonly uid: string; readonly controller?: boolean }[];
}

/** Any object. Kind-specific shapes narrow `spec` and `status` (see `readiness/`). */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

export interface Kind {
  /** `v1`, `apps/v1`, … */
  readonly apiVersion: string;
  readonly kind: string;
  /** The path segment: `deployments`. */
  readonly plural: string;
  readonly namespaced: boolean;
}

export interface ObjectReference {
  readonly kind: Kind;
  readonly name: string;
  /** Required for namespaced kinds. */
  readonly namespace?: string;
}

function core(kind: string, plural: string, namespaced = true): Kind {
  return { apiVersion: 'v1', kind, plural, namespaced };
}

export const kinds = {
  namespace: core('Namespace', 'namespaces', false),
  node: core('Node', 'nodes', false),
  service: core('Service', 'services'),
  pod: core('Pod', 'pods'),
  event: core('Event', 'events'),
  secret: core('Secret', 'secrets'),
  configMap: core('ConfigMap', 'configmaps'),
  serviceAccount: core('ServiceAccount', 'serviceaccounts'),
  persistentVolumeClaim: core('PersistentVolumeClaim', 'persistentvolumeclaims'),
  resourceQuota: core('ResourceQuota', 'resourcequotas'),
  deployment: { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments', namespaced: true },
  statefulSet: { apiVersion: 'apps/v1', kind: 'StatefulSet', plural: 'statefulsets', namespaced: true },
  daemonSet: { apiVersion: 'apps/v1', kind: 'DaemonSet', plural: 'daemonsets', namespaced: true },
  replicaSet: { apiVersion: 'apps/v1', kind: 'ReplicaSet', plural: 'replicasets', namespaced: true },
  job: { apiVersion: 'batch/v1', kind: 'Job', plural: 'jobs', namespaced: true },
  cronJob: { apiVersion: 'batch/v1', kind: 'CronJob', plural: 'cronjobs', namespaced: true },
  lease: { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', plural: 'leases', namespaced: true },
  roleBinding: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', plural: 'rolebindings', namespaced: true },
  clusterRole: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', plural: 'clusterroles', namespaced: false },
  clusterRoleBinding: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', plural: 'clusterrolebindings', namespaced: false },
  endpointSlice: { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', plural: 'endpointslices', namespaced: true },
} as const satisfies Record<string, Kind>;
