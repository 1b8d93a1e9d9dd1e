// The kubelet of the one node, and its configuration.
import { join } from 'node:path';
import { stringify } from 'yaml';
import { certificate, certificateKey, kubeconfigOf } from '../certificates.ts';
import { cgroupName, containerdSocket, nodeName, type Layout } from '../layout.ts';
import { nodeResolvConf } from './coredns.ts';
import type { Component } from './component.ts';

export function kubelet(layout: Layout): Component {
  const config = join(layout.runDir, 'kubelet.yaml');
  return {
    name: 'kubelet',
    argv: [
      layout.kubernetes,
      'kubelet',
      `--config=${config}`,
      `--kubeconfig=${kubeconfigOf(layout, 'kubelet')}`,
      `--hostname-override=${nodeName}`,
      `--node-ip=${layout.addresses.node}`,
    ],
    files: { [config]: stringify(configuration(layout)) },
  };
}

/** Only what differs from the defaults, which are what tests should meet. */
function configuration(layout: Layout): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    containerRuntimeEndpoint: `unix://${containerdSocket}`,
    authentication: { anonymous: { enabled: false }, x509: { clientCAFile: certificate(layout, 'ca') } },
    authorization: { mode: 'Webhook' },
    tlsCertFile: certificate(layout, 'kubelet'),
    tlsPrivateKeyFile: certificateKey(layout, 'kubelet'),
    clusterDomain: 'cluster.local',
    clusterDNS: [layout.addresses.clusterDns],
    resolvConf: nodeResolvConf(layout),
    // Twice the default: two whole releases have to fit beside each other.
    maxPods: 250,
    cgroupDriver: 'cgroupfs',
    // A tree of its own: kubelets of two clusters under one root would remove each other's pods as orphans.
    cgroupRoot: `/${cgroupName(layout.key)}`,
    // Kubernetes 1.35 refuses version 1 unless told otherwise, and many machines still have it.
    failCgroupV1: false,
    // Swap and reservations belong to the machine, which the cluster only borrows.
    failSwapOn: false,
    enforceNodeAllocatable: [],
    // Beside the other logs, and wiped with them.
    podLogsDir: join(layout.logsDir, 'pods'),
    // The machine's disk is shared with everything else on it, so its filling up says nothing about the cluster.
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '0%', 'imagefs.available': '0%' },
    // Images come from archives, not from a registry: one that is collected cannot be pulled again.
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    serializeImagePulls: false,
  };
}
