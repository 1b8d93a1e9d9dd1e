// Paths that components hard-code, given to each cluster and to each node for its own; the rest of the file system stays the
// host's. Nothing is mounted in the host's own namespace.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { run, type Argv } from './command.ts';
import { nodeResolvConf } from './components/coredns.ts';
import type { ClusterNode, Layout } from './layout.ts';
import { enter, enterInit } from './namespaces.ts';

const kubeletDirectory = '/var/lib/kubelet';
const ofEachNode = {
  bound: [kubeletDirectory, '/var/log/containers'],
  // Sockets and mounts: nothing that a disk should keep.
  inMemory: ['/run/containerd', '/run/netns'],
} as const;

/** For the whole cluster and its first node. */
export async function mountDirectories(holder: number, layout: Layout): Promise<void> {
  const inside = (argv: Argv): Argv => enter(holder, argv);
  // Volumes are the cluster's, wherever their pod is.
  for (const target of [...ofEachNode.bound, '/tmp/hostpath_pv', '/var/lib/cni']) await bind(layout.runDir, target, inside);
  for (const target of ofEachNode.inMemory) await mountInMemory(target, inside);
  await run(inside(['mount', '--bind', nodeResolvConf(layout), '/etc/resolv.conf']));
}

/** Over what the node's namespace inherited of the first node, which must not stay busy here when it goes there. */
export async function mountNodeDirectories(nodeInit: number, node: ClusterNode): Promise<void> {
  const inside = (argv: Argv): Argv => enterInit(nodeInit, argv);
  await run(inside(['umount', '--recursive', '--lazy', ...ofEachNode.bound, ...ofEachNode.inMemory]));
  for (const target of ofEachNode.bound) await bind(node.dir, target, inside);
  for (const target of ofEachNode.inMemory) await mountInMemory(target, inside);
  if (node.disk !== undefined) await mountInMemory(kubeletDirectory, inside, node.disk);
}

type Inside = (argv: Argv) => Argv;

async function bind(directory: string, target: string, inside: Inside): Promise<void> {
  const source = join(directory, 'mounts', target);
  await mkdir(source, { recursive: true });
  await mkdir(target, { recursive: true });
  await run(inside(['mount', '--bind', source, target]));
}

/** `size` as tmpfs takes it; by default half of the machine's memory. */
async function mountInMemory(target: string, inside: Inside, size = '50%'): Promise<void> {
  await mkdir(target, { recursive: true });
  await run(inside(['mount', '-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', target]));
}
