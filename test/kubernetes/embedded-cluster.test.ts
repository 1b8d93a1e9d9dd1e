// What the embedded cluster promises to every other test here: addresses as annotated, two name servers that agree at once,
// an audit log, and commands that run inside.
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { Resolver } from 'node:dns/promises';
import { BlockList } from 'node:net';
import { join, resolve } from 'node:path';
import { execa, type ExecaError } from 'execa';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { findGo } from '../../cluster/packages.ts';
import { goDir } from '../../cluster/paths.ts';
import { connection } from './support/namespaces.ts';

const root = resolve(import.meta.dirname, '../..');
const namespace = `embedded-${randomBytes(3).toString('hex')}`;
const { dns, binDir, kubeconfig, auditLog, loadBalancerRange } = connection();

async function kubectl(argv: readonly string[], input = ''): Promise<string> {
  const all = [`--kubeconfig=${kubeconfig}`, `--namespace=${namespace}`, ...argv];
  return (await execa(join(binDir, 'kubectl'), all, { input })).stdout;
}

async function cluster(argv: readonly string[]): Promise<string> {
  return (await execa(process.execPath, [join(root, 'cluster/main.ts'), ...argv], { cwd: root })).stdout;
}

async function makeService(name: string, annotations: Record<string, string>): Promise<void> {
  const spec = { type: 'LoadBalancer', selector: { app: 'none' }, ports: [{ port: 80 }] };
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name, annotations }, spec };
  await kubectl(['create', '-f', '-'], JSON.stringify(service));
}

async function addressesOf(name: string): Promise<string[]> {
  const path = '--output=jsonpath={range .status.loadBalancer.ingress[*]}{.ip}{.hostname}{"\\n"}{end}';
  return (await kubectl(['get', 'service', name, path])).split('\n').filter(Boolean);
}

beforeAll(() => kubectl(['create', 'namespace', namespace]));
afterAll(() => kubectl(['delete', 'namespace', namespace, '--wait=false']));

test('a LoadBalancer gets an address of the range, after the delay that its annotation asks for', async () => {
  await makeService('tomorrow', { 'changeover.test/load-balancer-delay': '24h' });
  const started = performance.now();
  await makeService('late', { 'changeover.test/load-balancer-delay': '2s' });
  await makeService('early', { 'changeover.test/load-balancer-delay': '0s' });
  await vi.waitFor(async () => expect(await addressesOf('early')).toHaveLength(1), 30_000);
  await vi.waitFor(async () => expect(await addressesOf('late')).toHaveLength(1), 30_000);
  expect(performance.now() - started).toBeGreaterThan(2_000);
  expect(await addressesOf('tomorrow')).toEqual([]);
  const [address = ''] = await addressesOf('late');
  const range = new BlockList();
  const [network = '', bits = ''] = loadBalancerRange.split('/');
  range.addSubnet(network, Number(bits));
  expect(range.check(address)).toBe(true);
});

test('an annotation makes it a host name, a pair of addresses, or nothing for ever', async () => {
  await makeService('named', { 'changeover.test/load-balancer': 'hostname' });
  await makeService('dual', { 'changeover.test/load-balancer': 'dual' });
  await makeService('never', { 'changeover.test/load-balancer': 'none' });
  await vi.waitFor(async () => expect(await addressesOf('named')).toHaveLength(1), 30_000);
  await vi.waitFor(async () => expect(await addressesOf('dual')).toHaveLength(2), 30_000);
  expect((await addressesOf('named'))[0]).toMatch(/^lb-[0-9-]+\.lb\.test$/);
  expect((await addressesOf('dual'))[1]).toMatch(/^fd64:/);
  expect(await addressesOf('never')).toEqual([]);
});

test('a signed update is on both name servers and in cluster DNS at once', async () => {
  const name = `${namespace}.second.test`;
  const update = (command: string): string => `server ${dns.primary.address}\nzone second.test\n${command}\nsend\n`;
  await execa('nsupdate', ['-k', dns.tsigKeyFile], { input: update(`update add ${name} 5 A 192.0.2.7`) });
  for (const server of [dns.primary.address, dns.secondary.address]) {
    const resolver = new Resolver({ timeout: 2_000, tries: 1 });
    resolver.setServers([server]);
    await vi.waitFor(async () => expect(await resolver.resolve4(name)).toEqual(['192.0.2.7']), 5_000);
  }
  expect(await cluster(['exec', 'getent', 'ahostsv4', name])).toContain('192.0.2.7');
  expect(await readFile(dns.primary.updateLog, 'utf8')).toContain(`adding an RR at '${name}' A 192.0.2.7`);
  await execa('nsupdate', ['-k', dns.tsigKeyFile], { input: update(`update delete ${name}`) });
});

test('an update without the key is refused', async () => {
  const input = `server ${dns.primary.address}\nzone second.test\nupdate add x.second.test 5 A 192.0.2.8\nsend\n`;
  await expect(execa('nsupdate', { input })).rejects.toThrow('REFUSED');
});

test('the audit log has every request', async () => {
  await kubectl(['create', 'configmap', 'seen']);
  await vi.waitFor(async () => expect(await readFile(auditLog, 'utf8')).toContain(`/namespaces/${namespace}/configmaps`), 5_000);
});

test('a command runs inside with its own exit code, directory and kubeconfig', async () => {
  const script = 'echo $KUBECONFIG; pwd; helm version --short; exit 7';
  const failure = await cluster(['exec', 'sh', '-c', script]).catch((error: unknown) => error as ExecaError);
  expect(failure).toMatchObject({ exitCode: 7, stdout: expect.stringContaining(`${kubeconfig}\n${root}\nv4`) as string });
});

test('where the machine has no Go, or one that is too old, the pinned toolchain of PyPI reads the sources', async () => {
  const missing = await findGo(() => undefined, async () => undefined);
  expect((await execa(missing, ['version'])).stdout).toMatch(/^go version go1\.26\.6 linux\//);
  expect((await execa(missing, ['list', './pause'], { cwd: goDir, env: { GOTOOLCHAIN: 'local' } })).stdout).toBe('changeover/kubernetes/pause');
  const directory = await mkdtemp(join(tmpdir(), 'changeover-test-'));
  const old = join(directory, 'go');
  await writeFile(old, '#!/bin/sh\necho go version go1.19.8 linux/amd64\n', { mode: 0o755 });
  expect(await findGo(() => undefined, async () => old)).toBe(missing);
  await rm(directory, { recursive: true });
});
