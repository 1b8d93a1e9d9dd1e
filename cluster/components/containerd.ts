// containerd, its CRI plugin and the network of pods. Its content survives the cluster, so that images are imported once.
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { containerdSocket, podRange, type ClusterNode } from '../layout.ts';
import type { Component } from './component.ts';

/** Made on the spot by images.ts, under a name that no registry has. */
export const sandboxImage = 'changeover.test/pause:1';

/** `overlayfs` everywhere but on a root that is itself an overlay, as in a container, where the kernel refuses it. */
export type Snapshotter = 'overlayfs' | 'native';

export async function snapshotterFor(directory: string): Promise<Snapshotter> {
  const overlayMagic = 0x79_4c_76_30;
  return (await statfs(directory)).type === overlayMagic ? 'native' : 'overlayfs';
}

export function containerd(node: ClusterNode, snapshotter: Snapshotter): Component {
  const config = join(node.dir, 'containerd.toml');
  const cni = join(node.dir, 'cni');
  return {
    name: `containerd${node.suffix}`,
    argv: ['containerd', '--config', config],
    files: {
      [config]: configuration(node, { cni, snapshotter }),
      [join(cni, '10-pods.conflist')]: JSON.stringify(podNetwork(node), undefined, 2),
    },
  };
}

/** `restrict_oom_score_adj`: without all of root's capabilities the score of a container cannot be lowered. */
function configuration(node: ClusterNode, options: { cni: string; snapshotter: Snapshotter }): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = "${node.containerdRoot}"
state = "/run/containerd"
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.devmapper"]

[grpc]
address = "${containerdSocket}"

[${cri}]
sandbox_image = "${sandboxImage}"
restrict_oom_score_adj = true

[${cri}.containerd]
snapshotter = "${options.snapshotter}"

[${cri}.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[${cri}.cni]
bin_dir = "/usr/lib/cni"
conf_dir = "${options.cni}"
`;
}

/**
 * Routed pairs instead of a bridge: every packet passes kube-proxy's rules, also without the kernel's br_netfilter. The subnet is
 * the whole cluster's on each node: what stays within it is not masqueraded.
 */
function podNetwork(node: ClusterNode): object {
  return {
    cniVersion: '1.0.0',
    name: 'pods',
    plugins: [
      {
        type: 'ptp',
        // One rule for a joined node (network.ts): those for single pods would outlive a node that goes without a word.
        ipMasq: node.suffix === '',
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet: podRange, rangeStart: node.pods.first, rangeEnd: node.pods.last }]],
          routes: [{ dst: '0.0.0.0/0' }],
          dataDir: join(node.dir, 'pod-addresses'),
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}
