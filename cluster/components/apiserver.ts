// kube-apiserver with RBAC, the default admission plugins and an audit log of every request's metadata.
import { join } from 'node:path';
import { certificate, certificateKey, type CertificateName } from '../certificates.ts';
import { serviceRange, type Layout } from '../layout.ts';
import type { Component } from './component.ts';

/** JSON lines; a request appears when its response is complete. */
export function auditLog(layout: Layout): string {
  return join(layout.logsDir, 'audit.log');
}

/** It waits for etcd by itself, so both are started at once. */
export function apiserver(layout: Layout): Component {
  const pair = (flag: string, name: CertificateName): [string, string] => [
    `--${flag === '' ? 'tls-cert-file' : `${flag}-certificate`}=${certificate(layout, name)}`,
    `--${flag === '' ? 'tls-private-key-file' : `${flag}-key`}=${certificateKey(layout, name)}`,
  ];
  const policy = join(layout.runDir, 'audit-policy.yaml');
  return {
    name: 'kube-apiserver',
    argv: [
      layout.kubernetes,
      'kube-apiserver',
      `--advertise-address=${layout.addresses.node}`,
      '--secure-port=6443',
      '--etcd-servers=http://127.0.0.1:2379',
      `--service-cluster-ip-range=${serviceRange}`,
      '--authorization-mode=Node,RBAC',
      // On top of the default ones, Pod Security and ValidatingAdmissionPolicy among them.
      '--enable-admission-plugins=NodeRestriction',
      '--allow-privileged=true',
      `--client-ca-file=${certificate(layout, 'ca')}`,
      ...pair('', 'apiserver'),
      ...pair('kubelet-client', 'apiserver-kubelet-client'),
      `--kubelet-certificate-authority=${certificate(layout, 'ca')}`,
      // The node's host name resolves nowhere.
      '--kubelet-preferred-address-types=InternalIP',
      '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
      `--service-account-key-file=${certificate(layout, 'service-accounts')}`,
      `--service-account-signing-key-file=${certificateKey(layout, 'service-accounts')}`,
      `--audit-policy-file=${policy}`,
      `--audit-log-path=${auditLog(layout)}`,
      // A rotation in the middle of a test would hide requests from whoever reads the file.
      '--audit-log-maxsize=10240',
    ],
    files: {
      [policy]: [
        'apiVersion: audit.k8s.io/v1',
        'kind: Policy',
        'omitStages: [RequestReceived]',
        'rules: [{ level: Metadata }]',
        '',
      ].join('\n'),
    },
  };
}
