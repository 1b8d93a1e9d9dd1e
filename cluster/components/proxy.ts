// kube-proxy, which makes Service and LoadBalancer addresses work in the cluster's network namespace.
import { join } from 'node:path';
import { stringify } from 'yaml';
import { kubeconfigOf } from '../certificates.ts';
import { nodeName, podRange, type Layout } from '../layout.ts';
import type { Component } from './component.ts';

export function proxy(layout: Layout): Component {
  const config = join(layout.runDir, 'kube-proxy.yaml');
  return {
    name: 'kube-proxy',
    argv: [layout.kubernetes, 'kube-proxy', `--config=${config}`],
    files: { [config]: stringify(configuration(layout)) },
  };
}

/** The pace of its updates stays the default: that Ready is not yet reachable is part of what tests are for. */
function configuration(layout: Layout): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig: kubeconfigOf(layout, 'kube-proxy') },
    hostnameOverride: nodeName,
    // Works through Debian's iptables on kernels with and without the old tables.
    mode: 'iptables',
    clusterCIDR: podRange,
    // Zero leaves the kernel's limits alone: they are not ours to set from a network namespace.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  };
}
