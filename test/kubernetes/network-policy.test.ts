// The runner's NetworkPolicy, enforced: what a pod of the runner reaches under it, and what it does not, while the same pod without the
// runner's labels reaches all of it. That whole runs work under it, every test with an installed runner shows.

import { createServer, connect, type AddressInfo, type Server } from 'node:net';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runnerImage } from './support/image.ts';
import { InstalledRunner } from './support/installed-runner.ts';
import { NetworkPod, serverAddresses, type Target } from './support/network.ts';
import { KubernetesWorld } from './support/world.ts';

const chart = resolve(import.meta.dirname, '../../chart');
const stranger = 't-network-stranger';

let world: KubernetesWorld;
let runner: InstalledRunner;
let subject: NetworkPod;
let control: NetworkPod;
let outside: Server;
let allowed: readonly Target[];
let forbidden: readonly Target[];

beforeAll(async () => {
  world = await KubernetesWorld.create('t-network');
  await world.kubectl('delete', 'namespace', stranger, '--ignore-not-found');
  await world.kubectl('create', 'namespace', stranger);
  const image = await runnerImage();
  const service = await startStranger(image);
  // Nothing is said about the network: what an operator gets who has never heard of policies. The checks name a port that is nobody's.
  const verify = { http: [{ url: `http://${world.names[0]?.replace(/\.$/, '')}:8080/` }] };
  runner = await InstalledRunner.install(world, image, { schedule: '0 3 * * 6', suspend: true, verify });
  [subject, control] = await Promise.all([NetworkPod.start(runner, 'subject'), NetworkPod.start(runner, 'control', { app: 'control' })]);
  await Promise.all([
    world.kubectl('wait', 'pod', '--namespace', runner.namespace, 'subject', 'control', '--for=condition=Ready', '--timeout=60s'),
    world.kubectl('wait', 'pod', '--namespace', stranger, 'stranger', '--for=condition=Ready', '--timeout=60s'),
  ]);
  await makeTargets(service);
});

afterAll(async () => {
  outside.close();
  await world.kubectl('delete', 'namespace', stranger, '--wait=false');
  await runner.uninstall();
  await world.end();
});

/** Root, so that it may listen on the port of DNS. What it answers there is an answer, and nothing more. Resolves with its Service's address. */
async function startStranger(image: string): Promise<string> {
  const listen = `
    for (const port of [53, 80, 443, 6443, 8080, 9090]) require('node:net').createServer((socket) => socket.end()).listen(port);
    const dns = require('node:dgram').createSocket('udp4');
    dns.on('message', (query, { address, port }) => { query[2] |= 0x80; dns.send(query, port, address); }).bind(53);`;
  const container = { name: 'listen', image, imagePullPolicy: 'Never', command: ['/usr/local/bin/node', '-e', listen], securityContext: { runAsUser: 0 } };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'stranger', labels: { app: 'stranger' } }, spec: { containers: [container], terminationGracePeriodSeconds: 0 } };
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'stranger' }, spec: { selector: { app: 'stranger' }, ports: [{ port: 80, targetPort: 9090 }] } };
  const { binDir, kubeconfig } = world.connection;
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [pod, service] });
  await execa(join(binDir, 'kubectl'), ['create', '--namespace', stranger, '-f', '-'], { env: { KUBECONFIG: kubeconfig }, input });
  return await world.kubectl('get', 'service', '--namespace', stranger, 'stranger', '-o', 'jsonpath={.spec.clusterIP}');
}

async function makeTargets(service: string): Promise<void> {
  const { dns } = world.connection;
  const { clusterDns } = serverAddresses(world.connection);
  const pod = await world.kubectl('get', 'pod', '--namespace', stranger, 'stranger', '-o', 'jsonpath={.status.podIP}');
  outside = createServer((socket) => socket.end()).listen(0);
  await once(outside, 'listening');
  const { port } = outside.address() as AddressInfo;
  allowed = [
    { title: 'the API server', by: 'tcp', host: 'kubernetes.default.svc', port: 443 },
    { title: 'cluster DNS', by: 'dns', host: clusterDns, port: 53 },
    { title: 'cluster DNS behind its Service', by: 'dns', host: await world.kubectl('get', 'service', '--namespace', 'kube-system', 'kube-dns', '-o', 'jsonpath={.spec.clusterIP}'), port: 53 },
    { title: 'the primary name server', by: 'dns', host: dns.primary.address, port: dns.primary.port },
    { title: 'the primary name server over TCP', by: 'tcp', host: dns.primary.address, port: dns.primary.port },
    { title: 'the secondary name server', by: 'dns', host: dns.secondary.address, port: dns.secondary.port },
    { title: 'the port that verify.http names', by: 'tcp', host: pod, port: 8080 },
  ];
  forbidden = [
    { title: 'another port of that pod', by: 'tcp', host: pod, port: 9090 },
    { title: 'a Service', by: 'tcp', host: service, port: 80 },
    { title: 'HTTP elsewhere', by: 'tcp', host: pod, port: 80 },
    { title: 'HTTPS elsewhere', by: 'tcp', host: pod, port: 443 },
    { title: 'the port of an API server, elsewhere', by: 'tcp', host: pod, port: 6443 },
    { title: 'DNS elsewhere', by: 'dns', host: pod, port: 53 },
    { title: 'DNS elsewhere, over TCP', by: 'tcp', host: pod, port: 53 },
    { title: 'an address outside of the cluster', by: 'tcp', host: await ownAddress(), port },
    { title: 'another port of the API server’s machine', by: 'tcp', host: serverAddresses(world.connection).api, port: 10250 },
  ];
}

/** Of this process, as the cluster sees it. */
async function ownAddress(): Promise<string> {
  const { hostname, port } = new URL(world.connection.apiServer);
  const socket = connect({ host: hostname, port: Number(port) });
  await once(socket, 'connect');
  const { localAddress = '' } = socket;
  socket.destroy();
  return localAddress;
}

const titles = (targets: readonly Target[]): readonly string[] => targets.map(({ title }) => title);

test('as the chart comes, the runner reaches the API server, DNS, the name servers and what is configured, and nothing else', async () => {
  await expect.poll(() => subject.dropped(), { timeout: 10_000 }).toBe(0);
  expect(await subject.reached([...allowed, ...forbidden])).toEqual(titles(allowed));
  expect(await subject.dropped()).toBeGreaterThanOrEqual(forbidden.length);
});

test('the same pod without the runner’s labels reaches all of it', async () => {
  expect(await control.reached([...allowed, ...forbidden])).toEqual(titles([...allowed, ...forbidden]));
  expect(await control.dropped()).toBeUndefined();
});

test('who may not ask where the API server is gets told which value says it instead, and is not asked for it then', async () => {
  await world.kubectl('create', 'serviceaccount', 'installer', '--namespace', runner.namespace);
  await world.kubectl('create', 'rolebinding', 'installer', '--clusterrole=admin', `--serviceaccount=${runner.namespace}:installer`, '--namespace', runner.namespace);
  const render = (...args: readonly string[]) =>
    runner.helm('upgrade', `builder-${world.environment}`, chart, '--namespace', runner.namespace, '--reuse-values', '--dry-run=server', `--kube-as-user=system:serviceaccount:${runner.namespace}:installer`, ...args);
  await expect(render()).rejects.toThrow(/pod\.networkPolicy\.apiServer says where it is.*services "kubernetes" is forbidden/);
  const told = { apiServer: [only(serverAddresses(world.connection).api, 6443)], dns: [only(serverAddresses(world.connection).clusterDns, 53)] };
  expect(await render('--set-json', `pod.networkPolicy=${JSON.stringify(told)}`)).toContain('the API server, as pod.networkPolicy.apiServer says');
});

test('where values say where API server and DNS are, and what else there is, they are believed', async () => {
  const { api, clusterDns } = serverAddresses(world.connection);
  await runner.upgrade({ schedule: '0 3 * * 6', suspend: true, verify: {}, pod: { networkPolicy: { apiServer: [only(api, 6443)], dns: [only(clusterDns, 53)], egress: [{ ports: [{ protocol: 'TCP', port: 9090 }] }] } } });
  await expect.poll(async () => (await subject.rules()).join('\n'), { timeout: 10_000 }).toMatch(/ -p tcp -m tcp --dport 9090 -j RETURN/);
  expect(await subject.dropped(), 'what was dropped before stays counted').toBeGreaterThanOrEqual(forbidden.length);
  const closed = ['the port that verify.http names'];
  expect(await subject.reached([...allowed, ...forbidden])).toEqual([...titles(allowed).filter((title) => !closed.includes(title)), 'another port of that pod', 'a Service']);
});

function only(address: string, port: number): object {
  return { to: [{ ipBlock: { cidr: `${address}/32` } }], ports: ['UDP', 'TCP'].map((protocol) => ({ protocol, port })) };
}
