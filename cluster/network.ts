// The network of a cluster, as lists of commands. It changes nothing of the host but one veth interface and one route, and
// both disappear with the namespace.
import { run, type Argv } from './command.ts';
import { hostInterface, maxClusters, podRange, serviceRange, type Addresses, type ClusterNode, type Layout } from './layout.ts';
import { enter } from './namespaces.ts';
import { until } from './wait.ts';

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

/** One more address on the cluster's interface, and a way out of the cluster for the pods that will be behind it. */
export async function connectNode(holder: number, node: ClusterNode): Promise<void> {
  await run(enter(holder, ['ip', 'address', 'add', `${node.address}/32`, 'dev', 'eth0']));
  await run(enter(holder, masqueradeArgv('--append', node)));
}

/** Resolves once the kernel has taken back the interfaces of its pods, too. Whatever is gone already may be. */
export async function disconnectNode(holder: number, node: ClusterNode): Promise<void> {
  const ignored = (): undefined => undefined;
  await run(enter(holder, masqueradeArgv('--delete', node))).catch(ignored);
  await run(enter(holder, ['ip', 'address', 'delete', `${node.address}/32`, 'dev', 'eth0'])).catch(ignored);
  await until(`the interfaces of the pods of ${node.name} to go`, 20_000, async () => {
    const routes = await run(enter(holder, ['ip', 'route', 'show', 'root', node.pods.range]));
    return routes.trim() === '' ? true : undefined;
  });
}

/** Whether kube-proxy sends anything to the node's pods. */
export async function isRouted(holder: number, { pods }: ClusterNode): Promise<boolean> {
  const rules = await run(enter(holder, ['iptables-save', '--table', 'nat']));
  const itsPods = pods.first.slice(0, pods.first.lastIndexOf('.') + 1);
  return rules.split('\n').some((rule) => rule.startsWith('-A KUBE-') && rule.includes(` ${itsPods}`));
}

/** To other pods they go as themselves, to everything else as the node. */
export function masqueradeArgv(action: '--append' | '--delete', { name, pods }: ClusterNode): Argv {
  const traffic = ['--source', pods.range, '!', '--destination', podRange] as const;
  const comment = ['--match', 'comment', '--comment', `pods of ${name}`] as const;
  return ['iptables', '--wait', '--table', 'nat', action, 'POSTROUTING', ...traffic, ...comment, '--jump', 'MASQUERADE'];
}

function lines(commands: readonly string[]): string {
  return `${commands.join('\n')}\n`;
}
