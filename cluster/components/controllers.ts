// The processes that only talk to the API: controller-manager, scheduler, the giver of LoadBalancer addresses, and the one that
// turns NetworkPolicies into the kernel's rules.
import { certificate, certificateKey, kubeconfigOf } from '../certificates.ts';
import { podRange, type Layout } from '../layout.ts';
import type { Component } from './component.ts';

export function controllerManager(layout: Layout): Component {
  return {
    name: 'kube-controller-manager',
    argv: [
      layout.kubernetes,
      'kube-controller-manager',
      `--kubeconfig=${kubeconfigOf(layout, 'controller-manager')}`,
      // One instance: an election would only make the start slower.
      '--leader-elect=false',
      // Each controller with its own rights, so that RBAC denies here what it denies elsewhere.
      '--use-service-account-credentials=true',
      `--service-account-private-key-file=${certificateKey(layout, 'service-accounts')}`,
      `--root-ca-file=${certificate(layout, 'ca')}`,
      `--cluster-signing-cert-file=${certificate(layout, 'ca')}`,
      `--cluster-signing-key-file=${certificateKey(layout, 'ca')}`,
      // Behind the StorageClass `standard`: the only provisioner that is part of Kubernetes itself.
      '--enable-hostpath-provisioner=true',
    ],
    files: {},
  };
}

/** With the default profile: what is scheduled here would be scheduled anywhere. */
export function scheduler(layout: Layout): Component {
  const kubeconfig = kubeconfigOf(layout, 'scheduler');
  return {
    name: 'kube-scheduler',
    argv: [layout.kubernetes, 'kube-scheduler', `--kubeconfig=${kubeconfig}`, '--leader-elect=false'],
    files: {},
  };
}

/** `delay` as Go writes durations, such as `1s`. */
export function loadBalancer(layout: Layout, delay: string): Component {
  return {
    name: 'loadbalancer',
    argv: [
      layout.kubernetes,
      'loadbalancer',
      `-kubeconfig=${kubeconfigOf(layout, 'loadbalancer')}`,
      `-range4=${layout.addresses.loadBalancers}`,
      `-range6=${layout.addresses.loadBalancers6}`,
      `-delay=${delay}`,
    ],
    files: {},
  };
}

/** One for all nodes, as kube-proxy: they share the network. */
export function networkPolicy(layout: Layout): Component {
  const kubeconfig = kubeconfigOf(layout, 'networkpolicy');
  return {
    name: 'networkpolicy',
    argv: [layout.kubernetes, 'networkpolicy', `-kubeconfig=${kubeconfig}`, `-pods=${podRange}`],
    files: {},
  };
}
