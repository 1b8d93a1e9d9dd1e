// When each part of the cluster counts as ready, asked from outside as a client would. It only asks, with a bound.
import { get } from 'node:https';
import { readFile } from 'node:fs/promises';
import { Resolver } from 'node:dns/promises';
import { join } from 'node:path';
import { certificate, kubeconfigOf } from './certificates.ts';
import { run, type Argv } from './command.ts';
import { readyUrl } from './components/coredns.ts';
import { containerdSocket, zones, type ClusterNode, type Layout } from './layout.ts';
import { enterInit } from './namespaces.ts';
import { until } from './wait.ts';

// Ten times what it takes on a busy machine.
const patienceMs = 60_000;

export async function waitForApi(layout: Layout): Promise<void> {
  const ca = await readFile(certificate(layout, 'ca'), 'utf8');
  await until('kube-apiserver to answer /readyz', patienceMs, async () =>
    (await isApiReady(layout.addresses.node, ca)) ? true : undefined,
  );
}

/** Anonymous, as load balancers ask: RBAC's default roles open /readyz to everyone. */
export async function isApiReady(address: string, ca: string): Promise<boolean> {
  return await new Promise((resolve, reject) => {
    const request = get(`https://${address}:6443/readyz`, { ca, timeout: 2_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once('timeout', () => request.destroy(new Error('no answer within 2 s')));
    request.once('error', reject);
  });
}

/** Its socket exists before its plugins have loaded, so it is asked for something. */
export async function waitForContainerd(init: number): Promise<void> {
  await until('containerd to answer', patienceMs, async () => {
    await run(enterInit(init, ['ctr', '--address', containerdSocket, 'version']));
    return true;
  });
}

export interface Reached {
  readonly layout: Layout;
  readonly binDir: string;
}

export function kubectl({ layout, binDir }: Reached, argv: readonly string[]): Argv {
  return [join(binDir, 'kubectl'), `--kubeconfig=${kubeconfigOf(layout, 'admin')}`, ...argv];
}

/** What the components need that are not Kubernetes' own, and what users expect of any cluster. */
export async function applyManifests(reached: Reached): Promise<void> {
  const file = join(import.meta.dirname, 'manifests', 'base.yaml');
  await run(kubectl(reached, ['create', '--validate=false', '-f', file]));
  await run(kubectl(reached, ['create', '--validate=false', '-f', '-']), { input: JSON.stringify(dnsService(reached.layout)) });
}

/** Where everybody looks for cluster DNS. The one of this cluster is no pod, so its address is given by hand. */
function dnsService({ addresses }: Layout): object {
  const ports = ['UDP', 'TCP'].map((protocol) => ({ name: `dns-${protocol.toLowerCase()}`, protocol, port: 53 }));
  const labels = { 'k8s-app': 'kube-dns' };
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'kube-dns', namespace: 'kube-system', labels }, spec: { ports } };
  const metadata = { name: 'kube-dns', namespace: 'kube-system', labels: { ...labels, 'kubernetes.io/service-name': 'kube-dns' } };
  const slice = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata, addressType: 'IPv4', ports, endpoints: [{ addresses: [addresses.clusterDns] }] };
  return { apiVersion: 'v1', kind: 'List', items: [service, slice] };
}

export async function waitForNode(reached: Reached & { readonly node: ClusterNode }): Promise<void> {
  const { name } = reached.node;
  const condition = '--output=jsonpath={.status.conditions[?(@.type=="Ready")].status}';
  await until(`${name} to be Ready`, patienceMs, async () => {
    const ready = await run(kubectl(reached, ['get', 'node', name, condition]));
    return ready === 'True' ? true : undefined;
  });
  // The service account controller is the last to start, and no pod is admitted in a namespace without its account.
  await until('the default service account', patienceMs, async () => {
    await run(kubectl(reached, ['get', 'serviceaccount', 'default']));
    return true;
  });
}

export async function waitForDns(layout: Layout): Promise<void> {
  await until('cluster DNS to be ready', patienceMs, async () =>
    (await fetch(readyUrl(layout), { signal: AbortSignal.timeout(2_000) })).ok ? true : undefined,
  );
  await waitForZones(layout.addresses.secondary);
  await waitForZones(layout.addresses.clusterDns);
}

/** Every zone has loaded, or was transferred, when its SOA record is served. */
export async function waitForZones(server: string): Promise<void> {
  for (const zone of zones) await until(`${zone} on ${server}`, patienceMs, () => soaOf(server, zone));
}

/** The serial number of a zone as one server has it. */
export async function soaOf(server: string, zone: string): Promise<number> {
  const resolver = new Resolver({ timeout: 1_000, tries: 1 });
  resolver.setServers([server]);
  return (await resolver.resolveSoa(zone)).serial;
}
