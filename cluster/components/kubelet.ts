// The kubelet of one node, and its configuration.
import { join } from 'node:path';
import { certificate, certificateKey, kubeconfigOf, kubeletName } from '../certificates.ts';
import { containerdSocket, type ClusterNode, type Layout } from '../layout.ts';
import { nodeResolvConf } from './coredns.ts';
import type { Component } from './component.ts';

export function kubelet(layout: Layout, node: ClusterNode): Component {
  const config = join(node.dir, 'kubelet.yaml');
  const labels = Object.entries(node.labels).map(([key, value]) => `${key}=${value}`);
  return {
    name: `kubelet${node.suffix}`,
    argv: [
      layout.kubernetes,
      'kubelet',
      `--config=${config}`,
      `--kubeconfig=${kubeconfigOf(layout, kubeletName(node))}`,
      `--hostname-override=${node.name}`,
      `--node-ip=${node.address}`,
      // The kubelet sets them as it registers: nothing is scheduled on the node before it has them.
      ...(labels.length === 0 ? [] : [`--node-labels=${labels.join(',')}`]),
    ],
    // JSON, which is YAML too: a taint's value `y` stays a text.
    files: { [config]: JSON.stringify(configuration(layout, node), undefined, 2) },
  };
}

/** Only what differs from the defaults, which are what tests should meet. */
function configuration(layout: Layout, node: ClusterNode): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    containerRuntimeEndpoint: `unix://${containerdSocket}`,
    authentication: { anonymous: { enabled: false }, x509: { clientCAFile: certificate(layout, 'ca') } },
    authorization: { mode: 'Webhook' },
    tlsCertFile: certificate(layout, kubeletName(node)),
    tlsPrivateKeyFile: certificateKey(layout, kubeletName(node)),
    clusterDomain: 'cluster.local',
    clusterDNS: [layout.addresses.clusterDns],
    resolvConf: nodeResolvConf(layout),
    // Twice the default: two whole releases have to fit beside each other.
    maxPods: 250,
    cgroupDriver: 'cgroupfs',
    // A tree of its own: kubelets of two clusters under one root would remove each other's pods as orphans.
    cgroupRoot: `/${node.cgroup}`,
    // Kubernetes 1.35 refuses version 1 unless told otherwise, and many machines still have it.
    failCgroupV1: false,
    // Swap and reservations belong to the machine, which the cluster only borrows.
    failSwapOn: false,
    enforceNodeAllocatable: [],
    // Beside the other logs, and wiped with them.
    podLogsDir: node.podLogsDir,
    // The machine's disk is shared with everything else on it, so its filling up says nothing about the cluster.
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': node.disk === undefined ? '0%' : '40%', 'imagefs.available': '0%' },
    // Images come from archives, not from a registry: one that is collected cannot be pulled again.
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    serializeImagePulls: false,
    ...(node.suffix === '' ? {} : besideAnother(node)),
  };
}

/** The first kubelet has the usual ports of the network that both are in. */
function besideAnother({ kubeletPort, taints }: ClusterNode): object {
  return { port: kubeletPort, healthzPort: 0, registerWithTaints: taints.map(parseTaint) };
}

/** `key=value:Effect` or `key:Effect`; throws for anything else. */
export function parseTaint(text: string): { readonly key: string; readonly value: string; readonly effect: string } {
  const [, key, value = '', effect] = /^([^=:]+)(?:=([^:]*))?:(NoSchedule|PreferNoSchedule|NoExecute)$/.exec(text) ?? [];
  if (key === undefined || effect === undefined) throw new Error(`${text} is not a taint such as pool=old:NoSchedule`);
  return { key, value, effect };
}
