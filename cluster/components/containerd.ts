// containerd, its CRI plugin and the network of pods. Its content survives the cluster, so that images are imported once.
import { join } from 'node:path';
import { containerdSocket, podRange, type Layout } from '../layout.ts';
import type { Component } from './component.ts';

/** Made on the spot by images.ts, under a name that no registry has. */
export const sandboxImage = 'changeover.test/pause:1';

/** `overlayfs` everywhere but on a root that is itself an overlay, as in a container, where the kernel refuses it. */
export type Snapshotter = 'overlayfs' | 'native';

export function containerd(layout: Layout, snapshotter: Snapshotter): Component {
  const config = join(layout.runDir, 'containerd.toml');
  const cni = join(layout.runDir, 'cni');
  return {
    name: 'containerd',
    argv: ['containerd', '--config', config],
    files: {
      [config]: configuration(layout, { cni, snapshotter }),
      [join(cni, '10-pods.conflist')]: JSON.stringify(podNetwork(layout), undefined, 2),
    },
  };
}

/** Outside the directory that `up` wipes. */
export function containerdRoot(layout: Layout): string {
  return join(layout.stateDir, 'containerd');
}

/** `restrict_oom_score_adj`: without all of root's capabilities the score of a container cannot be lowered. */
function configuration(layout: Layout, options: { cni: string; snapshotter: Snapshotter }): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = "${containerdRoot(layout)}"
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

/** Routed pairs instead of a bridge: every packet passes kube-proxy's rules, also without the kernel's br_netfilter. */
function podNetwork(layout: Layout): object {
  return {
    cniVersion: '1.0.0',
    name: 'pods',
    plugins: [
      {
        type: 'ptp',
        ipMasq: true,
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet: podRange }]],
          routes: [{ dst: '0.0.0.0/0' }],
          dataDir: join(layout.runDir, 'pod-addresses'),
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}
