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

/** One node. The first belongs to every cluster; others join and leave (nodes.ts). */
export interface ClusterNode {
  readonly name: string;
  /** What tells its components, logs and certificates from those of the first node, whose suffix is empty. */
  readonly suffix: string;
  readonly address: string;
  readonly kubeletPort: number;
  /** The part of `podRange` that its pods have. */
  readonly pods: { readonly range: string; readonly first: string; readonly last: string };
  /** Its configuration and mounts. */
  readonly dir: string;
  readonly containerdRoot: string;
  readonly podLogsDir: string;
  /** From the root of each hierarchy, without a leading slash. */
  readonly cgroup: string;
  readonly labels: Readonly<Record<string, string>>;
  /** As kubectl writes them: `key=value:Effect`. */
  readonly taints: readonly string[];
  /** Size of the file system that its kubelet has for itself, as tmpfs takes it (`128m`); without it the machine's disk. */
  readonly disk?: string | undefined;
}

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

export function firstNode(layout: Layout): ClusterNode {
  return {
    name: nodeName,
    suffix: '',
    address: layout.addresses.node,
    kubeletPort: 10250,
    pods: { range: '10.244.0.0/17', first: '10.244.0.2', last: '10.244.127.254' },
    dir: layout.runDir,
    // Outside the directory that `up` wipes.
    containerdRoot: join(layout.stateDir, 'containerd'),
    podLogsDir: join(layout.logsDir, 'pods'),
    cgroup: cgroupName(layout.key),
    labels: {},
    taints: [],
  };
}

/** Beside the first one in its network, so that ports and addresses must differ. */
export const maxJoined = 64;

export interface Joining {
  readonly name: string;
  /** From 1 to `maxJoined`, of no other node at the same time. */
  readonly number: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly string[];
  readonly disk?: string | undefined;
}

export function joinedNode(layout: Layout, { name, number, labels, taints, disk }: Joining): ClusterNode {
  const pods = `10.244.${128 + number}`;
  const dir = join(layout.runDir, 'nodes', name);
  return {
    name,
    suffix: `@${name}`,
    address: layout.addresses.node.replace(/\.\d+$/, `.${100 + number}`),
    kubeletPort: 10250 + number,
    pods: { range: `${pods}.0/24`, first: `${pods}.2`, last: `${pods}.254` },
    dir,
    containerdRoot: join(dir, 'containerd'),
    // A kubelet removes the logs of pods that it does not know.
    podLogsDir: join(layout.logsDir, `pods@${name}`),
    cgroup: `${cgroupName(layout.key)}/nodes/${name}`,
    labels,
    taints,
    disk,
  };
}
