// Certificates, keys and kubeconfigs of one boot, made with openssl. One authority signs them all; none outlives the cluster.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { run } from './command.ts';
import { apiServiceAddress, nodeName, type ClusterNode, type Layout } from './layout.ts';

export const contextName = 'changeover-embedded';

const clients = {
  admin: '/O=system:masters/CN=changeover-admin',
  'controller-manager': '/CN=system:kube-controller-manager',
  scheduler: '/CN=system:kube-scheduler',
  kubelet: `/O=system:nodes/CN=system:node:${nodeName}`,
  'kube-proxy': '/CN=system:kube-proxy',
  coredns: '/CN=changeover:coredns',
  loadbalancer: '/CN=changeover:loadbalancer',
  networkpolicy: '/CN=changeover:networkpolicy',
} as const;

/** The kubelet of a joined node has its node's name behind an `@`. */
export type ClientName = keyof typeof clients | `kubelet@${string}`;
export type CertificateName = ClientName | 'ca' | 'apiserver' | 'apiserver-kubelet-client' | 'service-accounts';

export function certificate(layout: Layout, name: CertificateName): string {
  return join(layout.certificatesDir, `${name}.crt`);
}

export function certificateKey(layout: Layout, name: CertificateName): string {
  return join(layout.certificatesDir, `${name}.key`);
}

export function kubeconfigOf(layout: Layout, name: ClientName): string {
  return join(layout.runDir, name === 'admin' ? 'kubeconfig' : `${name}.kubeconfig`);
}

export async function makeCertificates(layout: Layout): Promise<void> {
  await authority(layout);
  const { node } = layout.addresses;
  const service = 'kubernetes.default.svc';
  const names = ['localhost', 'kubernetes', 'kubernetes.default', service, `${service}.cluster.local`];
  const addresses = ['127.0.0.1', node, apiServiceAddress];
  await Promise.all([
    signed(layout, {
      name: 'apiserver',
      subject: '/CN=kube-apiserver',
      alternatives: [...names.map((name) => `DNS:${name}`), ...addresses.map((address) => `IP:${address}`)],
    }),
    signed(layout, { name: 'apiserver-kubelet-client', subject: '/O=system:masters/CN=kube-apiserver-kubelet-client' }),
    // Of this one only the key pair is used.
    signed(layout, { name: 'service-accounts', subject: '/CN=service-accounts' }),
    ...Object.entries(clients).map(([name, subject]) => {
      // The kubelet serves with the certificate that it identifies itself with.
      const alternatives = name === 'kubelet' ? [`DNS:${nodeName}`, `IP:${node}`] : [];
      return signed(layout, { name: name as ClientName, subject, alternatives });
    }),
  ]);
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'] as const;

async function authority(layout: Layout): Promise<void> {
  await run([
    'openssl', 'req', '-x509', ...newKey, '-days', '3650', '-subj', '/CN=changeover-embedded',
    '-addext', 'keyUsage=critical,keyCertSign,cRLSign,digitalSignature',
    '-keyout', certificateKey(layout, 'ca'), '-out', certificate(layout, 'ca'),
  ]);
}

interface Request {
  readonly name: CertificateName;
  readonly subject: string;
  readonly alternatives?: readonly string[];
}

async function signed(layout: Layout, { name, subject, alternatives = [] }: Request): Promise<void> {
  await run([
    'openssl', 'req', '-x509', ...newKey, '-days', '3650', '-subj', subject,
    '-CA', certificate(layout, 'ca'), '-CAkey', certificateKey(layout, 'ca'),
    '-addext', 'basicConstraints=critical,CA:FALSE',
    '-addext', 'extendedKeyUsage=serverAuth,clientAuth',
    ...(alternatives.length === 0 ? [] : ['-addext', `subjectAltName=${alternatives.join(',')}`]),
    '-keyout', certificateKey(layout, name), '-out', certificate(layout, name),
  ]);
}

/** One self-contained file for each client; the administrator's is the one that users get. */
export async function writeKubeconfigs(layout: Layout): Promise<void> {
  for (const name of Object.keys(clients) as ClientName[]) {
    await writeKubeconfig(layout, name);
  }
}

async function writeKubeconfig(layout: Layout, name: ClientName): Promise<void> {
  await writeFile(kubeconfigOf(layout, name), stringify(await kubeconfig(layout, name)), { mode: 0o600 });
}

/** As whom the kubelet of a node comes; the Node authorizer shows it its own node's objects only. */
export function kubeletName(node: ClusterNode): ClientName {
  return node.suffix === '' ? 'kubelet' : `kubelet@${node.name}`;
}

/** The certificate and the kubeconfig of a joined node's kubelet. */
export async function makeIdentity(layout: Layout, node: ClusterNode): Promise<void> {
  const name = kubeletName(node);
  const alternatives = [`DNS:${node.name}`, `IP:${node.address}`];
  await signed(layout, { name, subject: `/O=system:nodes/CN=system:node:${node.name}`, alternatives });
  await writeKubeconfig(layout, name);
}

export async function removeIdentity(layout: Layout, node: ClusterNode): Promise<void> {
  const name = kubeletName(node);
  const files = [certificate(layout, name), certificateKey(layout, name), kubeconfigOf(layout, name)];
  await Promise.all(files.map((file) => rm(file, { force: true })));
}

async function kubeconfig(layout: Layout, name: ClientName): Promise<object> {
  const cluster = {
    server: `https://${layout.addresses.node}:6443`,
    'certificate-authority-data': await readFile(certificate(layout, 'ca'), 'base64'),
  };
  const user = {
    'client-certificate-data': await readFile(certificate(layout, name), 'base64'),
    'client-key-data': await readFile(certificateKey(layout, name), 'base64'),
  };
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': contextName,
    contexts: [{ name: contextName, context: { cluster: contextName, user: name } }],
    clusters: [{ name: contextName, cluster }],
    users: [{ name, user }],
  };
}
