// Every path and address of one cluster, worked out from its state directory and its index. Pure: it touches nothing.
import { basename, join } from 'node:path';

export interface Layout {
  readonly key: string;
  readonly index: number;
  readonly stateDir: string;
  /** Wiped by every `up`; everything but containerd's content lives here. */
  readonly runDir: string;
  readonly logsDir: string;
  readonly certificatesDir: string;
  /** The binary with all components. */
  readonly kubernetes: string;
  readonly addresses: Addresses;
}

/** IPv4 addresses as text; `loadBalancers` and `loadBalancers6` are prefixes. */
export interface Addresses {
  readonly host: string;
  readonly node: string;
  readonly clusterDns: string;
  readonly primary: string;
  readonly secondary: string;
  /** So large because no address is given out twice, for the whole life of the cluster. */
  readonly loadBalancers: string;
  readonly loadBalancers6: string;
}

// The same in every cluster: both exist inside its namespaces only.
export const serviceRange = '10.96.0.0/16';
export const podRange = '10.244.0.0/16';
/** The first address of the service range, which Kubernetes gives to its own API. */
export const apiServiceAddress = '10.96.0.1';
export const nodeName = 'node-1';
// Where containerd's own tools look for it; each cluster sees a file system of its own there.
export const containerdSocket = '/run/containerd/containerd.sock';
/** The zones of the public's name servers; names under `.test` exist nowhere else (RFC 6761). */
export const zones = ['example.test', 'second.test'] as const;

/** One index per cluster on a host: 100.64.0.0/10 (RFC 6598) has room for 64 of them. */
export const maxClusters = 64;

export function layoutOf(options: { stateDir: string; index: number; kubernetes: string }): Layout {
  const { stateDir, index, kubernetes } = options;
  const runDir = join(stateDir, 'run');
  return {
    key: basename(stateDir),
    index,
    stateDir,
    runDir,
    logsDir: join(runDir, 'logs'),
    certificatesDir: join(runDir, 'certificates'),
    kubernetes,
    addresses: addressesOf(index),
  };
}

/** The second octet tells clusters apart; the third one the node's network from LoadBalancers. */
export function addressesOf(index: number): Addresses {
  const prefix = `100.${64 + index}`;
  return {
    host: `${prefix}.0.1`,
    node: `${prefix}.0.2`,
    clusterDns: `${prefix}.0.10`,
    primary: `${prefix}.0.53`,
    secondary: `${prefix}.0.54`,
    loadBalancers: `${prefix}.128.0/17`,
    loadBalancers6: `fd64:${index}:1::/64`,
  };
}

/** The name in the host's namespace; the kernel keeps it unique, so it is also the lock on the index. */
export function hostInterface(index: number): string {
  return `changeover${index}`;
}

/** With the key, since two clusters of a host share the hierarchies. */
export function cgroupName(key: string): string {
  return `changeover-${key}`;
}
