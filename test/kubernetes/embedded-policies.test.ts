// What the embedded cluster makes of NetworkPolicies: the rules of the kernel, for pods that are never started. That such rules stop
// packets, network-policy.test.ts shows.
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connection } from './support/namespaces.ts';

const root = resolve(import.meta.dirname, '../..');
const namespace = `policies-${randomBytes(3).toString('hex')}`;
const { binDir, kubeconfig } = connection();

async function kubectl(argv: readonly string[], object?: object): Promise<string> {
  const all = [`--kubeconfig=${kubeconfig}`, `--namespace=${namespace}`, ...argv];
  return (await execa(join(binDir, 'kubectl'), all, { input: object === undefined ? '' : JSON.stringify(object) })).stdout;
}

/** On a node that does not exist, with an address that no node gives out. */
async function makePod(name: string, podIP: string, more: object = {}): Promise<void> {
  const ports = [{ name: 'web', containerPort: 8080 }, { name: 'names', containerPort: 5353, protocol: 'UDP' }];
  const containers = [{ name: 'none', image: 'changeover.test/none', ports }];
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: name } }, spec: { nodeName: 'nowhere', containers, ...more } };
  await kubectl(['create', '-f', '-'], pod);
  await kubectl(['patch', 'pod', name, '--subresource=status', '--type=merge', `--patch=${JSON.stringify({ status: { podIP, podIPs: [{ ip: podIP }] } })}`]);
}

async function makePolicy(name: string, app: string, spec: object): Promise<void> {
  await kubectl(['create', '-f', '-'], { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name }, spec: { podSelector: { matchLabels: { app } }, ...spec } });
}

/** Of the pods of this test, without the counters and the chain. */
async function rules(direction: 'EGRESS' | 'INGRESS'): Promise<readonly string[]> {
  const { stdout } = await execa(process.execPath, ['cluster/main.ts', 'exec', 'iptables-save', '--table', 'mangle'], { cwd: root });
  const ours = stdout.split('\n').filter((line) => line.startsWith(`-A CHANGEOVER-${direction} `) && line.includes('10.244.250.'));
  return ours.map((line) => line.replace(/^-A \S+ /, '').replace(namespace, 'ns'));
}

beforeAll(async () => {
  await kubectl(['create', 'namespace', namespace]);
  await Promise.all([makePod('client', '10.244.250.1'), makePod('server', '10.244.250.2'), makePod('other', '10.244.250.3'), makePod('node-agent', '10.244.250.4', { hostNetwork: true })]);
});
afterAll(async () => {
  await kubectl(['delete', 'pods', '--all', '--force', '--grace-period=0']);
  await kubectl(['delete', 'namespace', namespace, '--wait=false']);
});

test('a pod that no policy selects has no rule', async () => {
  expect(await rules('EGRESS')).toEqual([]);
  expect(await rules('INGRESS')).toEqual([]);
});

test('peers, excepted addresses, named ports and ranges of ports are what a pod may still connect to', async () => {
  await makePolicy('out', 'client', {
    policyTypes: ['Egress'],
    egress: [
      { to: [{ podSelector: { matchLabels: { app: 'server' } } }], ports: [{ port: 'web' }, { port: 'names', protocol: 'UDP' }] },
      { to: [{ ipBlock: { cidr: '192.0.2.0/24', except: ['192.0.2.8/30'] } }], ports: [{ port: 5000, endPort: 5010, protocol: 'UDP' }] },
      { to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } }, podSelector: { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['client', 'server'] }] } }] },
      { ports: [{ port: 443 }] },
    ],
  });
  await expect.poll(() => rules('EGRESS'), { timeout: 10_000 }).toEqual([
    '-s 10.244.250.1/32 -d 10.244.250.2/32 -p tcp -m tcp --dport 8080 -j RETURN',
    '-s 10.244.250.1/32 -d 10.244.250.2/32 -p udp -m udp --dport 5353 -j RETURN',
    '-s 10.244.250.1/32 -p udp -m iprange --dst-range 192.0.2.0-192.0.2.7 -m udp --dport 5000:5010 -j RETURN',
    '-s 10.244.250.1/32 -p udp -m iprange --dst-range 192.0.2.12-192.0.2.255 -m udp --dport 5000:5010 -j RETURN',
    '-s 10.244.250.1/32 -d 10.244.250.3/32 -j RETURN',
    '-s 10.244.250.1/32 -p tcp -m tcp --dport 443 -j RETURN',
    '-s 10.244.250.1/32 -d 10.244.250.1/32 -j RETURN',
    '-s 10.244.250.1/32 -m comment --comment "ns/client" -j DROP',
  ]);
  expect(await rules('INGRESS')).toEqual([]);
});

test('policies add up, and none says what the other direction may', async () => {
  await makePolicy('closed', 'server', { policyTypes: ['Ingress'] });
  await makePolicy('in', 'server', { policyTypes: ['Ingress'], ingress: [{ from: [{ podSelector: { matchLabels: { app: 'client' } } }], ports: [{ port: 'web' }] }] });
  const itself = '-s 10.244.250.2/32 -d 10.244.250.2/32 -j RETURN';
  await expect.poll(() => rules('INGRESS'), { timeout: 10_000 }).toEqual([
    '-s 10.244.250.1/32 -d 10.244.250.2/32 -p tcp -m tcp --dport 8080 -j RETURN',
    itself,
    '-d 10.244.250.2/32 -m comment --comment "ns/server" -j DROP',
  ]);
  await kubectl(['delete', 'networkpolicy', 'in']);
  await expect.poll(() => rules('INGRESS'), { timeout: 10_000 }).toEqual([itself, '-d 10.244.250.2/32 -m comment --comment "ns/server" -j DROP']);
});

test('labels that change, a pod that ends and a policy that goes change the rules', async () => {
  await kubectl(['label', 'pod', 'server', 'app=none', '--overwrite']);
  await expect.poll(() => rules('INGRESS'), { timeout: 10_000 }).toEqual([]);
  await expect.poll(async () => (await rules('EGRESS')).filter((rule) => rule.includes('-d 10.244.250.2/32')), { timeout: 10_000 }).toEqual(['-s 10.244.250.1/32 -d 10.244.250.2/32 -j RETURN']);
  await kubectl(['patch', 'pod', 'client', '--subresource=status', '--type=merge', '--patch={"status":{"phase":"Succeeded"}}']);
  await expect.poll(() => rules('EGRESS'), { timeout: 10_000 }).toEqual([]);
});
