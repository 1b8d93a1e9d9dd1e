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
  readonly kubernetes: string;
  readonly addresses: Addresses;
}

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

export const serviceRange = '10.96.0.0/16';
export const podRange = '10.244.0.0/16';
/** The first address of the service range, which Kubernetes gives to its own API. */
export const apiServiceAddress = '10.96.0.1';
export const nodeName = 'node-1';
export const containerdSocket = '/run/containerd/containerd.sock';
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

export function cgroupName(key: string): string {
  return `changeover-${key}`;
}
