// The network and the mounts of a cluster's namespaces, as lists of commands. It changes nothing of the host but one
// veth interface and one route, and both disappear with the namespace.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { run, type Argv } from './command.ts';
import { nodeResolvConf } from './components/coredns.ts';
import { hostInterface, maxClusters, podRange, serviceRange, type Addresses, type Layout } from './layout.ts';
import { enter } from './namespaces.ts';

/** Takes the first free index: the kernel refuses a second interface of the same name, which makes it the lock. */
export async function claimIndex(holder: number): Promise<number> {
  let refusal: unknown;
  for (let index = 0; index < maxClusters; index++) {
    try {
      await run(['ip', 'link', 'add', hostInterface(index), 'type', 'veth', 'peer', 'name', 'eth0', 'netns', `${holder}`]);
      return index;
    } catch (error) {
      refusal = error;
      if (!/File exists/.test(String(error))) throw error;
    }
  }
  throw new Error(`all ${maxClusters} cluster networks of this host are taken`, { cause: refusal });
}

/** The two ends of the veth pair, and the cluster as a router between its pods and the host. */
export async function connectNetwork(holder: number, layout: Layout): Promise<void> {
  await Promise.all([
    run(['ip', '-batch', '-'], { input: hostCommands(layout.index, layout.addresses) }),
    run(enter(holder, ['ip', '-batch', '-']), { input: clusterCommands(layout.addresses) }),
    run(enter(holder, ['sysctl', '--quiet', '--write', 'net.ipv4.ip_forward=1', 'net.ipv4.conf.all.rp_filter=0'])),
  ]);
}

/** For `ip -batch` in the host's namespace: the only traces of a cluster that the host can see. */
export function hostCommands(index: number, addresses: Addresses): string {
  const device = hostInterface(index);
  return lines([
    `address add ${addresses.host}/24 dev ${device}`,
    `link set ${device} up`,
    `route add ${addresses.loadBalancers} via ${addresses.node} dev ${device}`,
  ]);
}

/** For `ip -batch` inside. DNS servers get addresses of their own because each of them wants port 53. */
export function clusterCommands(addresses: Addresses): string {
  const own = [addresses.clusterDns, addresses.primary, addresses.secondary];
  return lines([
    'link set lo up',
    `address add ${addresses.node}/24 dev eth0`,
    ...own.map((address) => `address add ${address}/32 dev eth0`),
    'link set eth0 up',
    `route add default via ${addresses.host}`,
    // An address that kube-proxy does not know ends here, instead of going to and fro between the two default routes.
    'link add virtual type bridge',
    'link set virtual up',
    `route add ${addresses.loadBalancers} dev virtual`,
    `route add ${serviceRange} dev virtual`,
    // Pods have more specific routes; a packet to one that is gone is dropped here.
    `route add blackhole ${podRange}`,
  ]);
}

function lines(commands: readonly string[]): string {
  return `${commands.join('\n')}\n`;
}

/** Paths that components hard-code, given to each cluster for its own; the rest of the file system stays the host's. */
export async function mountDirectories(holder: number, layout: Layout): Promise<void> {
  const own = ['/var/lib/kubelet', '/var/log/containers', '/tmp/hostpath_pv'];
  for (const target of own) {
    const source = join(layout.runDir, 'mounts', target);
    await mkdir(source, { recursive: true });
    await mkdir(target, { recursive: true });
    await run(enter(holder, ['mount', '--bind', source, target]));
  }
  for (const target of ['/run/containerd', '/run/netns']) {
    await mkdir(target, { recursive: true });
    await run(enter(holder, ['mount', '-t', 'tmpfs', 'tmpfs', target]));
  }
  await run(bindResolvConf(holder, layout));
}

function bindResolvConf(holder: number, layout: Layout): Argv {
  return enter(holder, ['mount', '--bind', nodeResolvConf(layout), '/etc/resolv.conf']);
}
