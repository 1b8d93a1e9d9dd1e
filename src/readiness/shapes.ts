// What readiness reads of each kind of object, narrowed from what the API server sends. Every field may be missing: a
// controller that has not looked yet has written nothing. Source: the Kubernetes API reference, v1.35.

import type { KubernetesObject } from '../drivers/cluster/objects.ts';

export interface Condition {
  readonly type: string;
  /** True, False or Unknown. */
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  /** ISO 8601, whole seconds. */
  readonly lastTransitionTime?: string;
  readonly observedGeneration?: number;
}

export interface Conditioned {
  readonly conditions?: readonly Condition[];
  readonly observedGeneration?: number;
}

export type Labels = Readonly<Record<string, string>>;

/** Amounts by resource name, as Kubernetes writes them: `{ cpu: '500m', memory: '64Gi' }`. */
export type Amounts = Readonly<Record<string, string | number>>;

export interface Deployment extends KubernetesObject {
  readonly spec?: { readonly replicas?: number; readonly paused?: boolean };
  readonly status?: Conditioned & {
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
  };
}

export interface ReplicaSet extends KubernetesObject {
  readonly spec?: { readonly replicas?: number };
  readonly status?: Conditioned & { readonly replicas?: number; readonly availableReplicas?: number };
}

export interface StatefulSet extends KubernetesObject {
  readonly spec?: {
    readonly replicas?: number;
    readonly updateStrategy?: { readonly type?: string; readonly rollingUpdate?: { readonly partition?: number } };
  };
  readonly status?: Conditioned & {
    readonly replicas?: number;
    readonly availableReplicas?: number;
    readonly readyReplicas?: number;
    readonly updatedReplicas?: number;
  };
}

export interface DaemonSet extends KubernetesObject {
  readonly spec?: { readonly updateStrategy?: { readonly type?: string } };
  readonly status?: Conditioned & {
    readonly desiredNumberScheduled?: number;
    readonly updatedNumberScheduled?: number;
    readonly numberAvailable?: number;
  };
}

export interface Job extends KubernetesObject {
  readonly spec?: {
    readonly suspend?: boolean;
    readonly backoffLimit?: number;
    readonly completions?: number;
    readonly ttlSecondsAfterFinished?: number;
  };
  readonly status?: Conditioned & { readonly active?: number; readonly succeeded?: number; readonly failed?: number };
}

export interface PersistentVolumeClaim extends KubernetesObject {
  readonly spec?: { readonly storageClassName?: string; readonly resources?: { readonly requests?: Amounts } };
  readonly status?: { readonly phase?: string };
}

export interface ServicePort {
  readonly name?: string;
  readonly port: number;
  readonly protocol?: string;
}

export interface LoadBalancerIngress {
  readonly ip?: string;
  readonly hostname?: string;
}

export interface Service extends KubernetesObject {
  readonly spec?: {
    /** ClusterIP, NodePort, LoadBalancer or ExternalName. */
    readonly type?: string;
    readonly clusterIP?: string;
    readonly selector?: Labels;
    readonly ports?: readonly ServicePort[];
  };
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly LoadBalancerIngress[] } };
}

export interface EndpointSlice extends KubernetesObject {
  readonly endpoints?: readonly { readonly conditions?: { readonly ready?: boolean } }[] | null;
}

export interface Event extends KubernetesObject {
  readonly involvedObject?: { readonly kind?: string; readonly name?: string; readonly uid?: string };
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly count?: number;
  readonly firstTimestamp?: string | null;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string };
}
