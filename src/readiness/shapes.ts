// What readiness reads of each kind of object, narrowed from what the API server sends. Every field may be missing: a
// controller that has not looked yet has written nothing.

import type { KubernetesObject } from '../drivers/cluster/objects.ts';

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
    readonly selector?: Readonly<Record<string, string>>;
    readonly ports?: readonly ServicePort[];
    readonly externalName?: string;
    readonly publishNotReadyAddresses?: boolean;
  };
  readonly status?: {
    readonly loadBalancer?: { readonly ingress?: readonly LoadBalancerIngress[] };
  };
}
