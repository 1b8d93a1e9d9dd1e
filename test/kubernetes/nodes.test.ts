// Nodes that join the embedded cluster and leave it: their pods are real, and nothing of them stays behind.
// Both have a taint, so that no other test's pods come here.
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { connection } from './support/namespaces.ts';
import { withNode, type TestNode } from './support/nodes.ts';
import { emptyImage } from './support/empty-image.ts';

const root = resolve(import.meta.dirname, '../..');
const id = `nodes-${randomBytes(3).toString('hex')}`;
const image = `changeover.test/${id}:1`;
const { binDir, kubeconfig, stateDir } = connection();
const key = 'changeover.test/pool';
let archive: string;
let oldNode: TestNode;
let newNode: TestNode;
let directory: string;

async function kubectl(argv: readonly string[], objects: readonly object[] = []): Promise<string> {
  const all = [`--kubeconfig=${kubeconfig}`, `--namespace=${id}`, ...argv];
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  return (await execa(join(binDir, 'kubectl'), all, { input })).stdout;
}

async function cluster(...args: readonly string[]): Promise<string> {
  return (await execa(process.execPath, ['cluster/main.ts', ...args], { cwd: root })).stdout;
}

/** It fails while a node of another test is only half there: that is none of ours. */
async function status(): Promise<string> {
  return (await execa(process.execPath, ['cluster/main.ts', 'status'], { cwd: root, reject: false })).stdout;
}

/** A program for the machine's own Node, which comes with its libraries as volumes: the image may stay empty. */
async function pod(program: string, nodeSelector: Record<string, string>): Promise<object> {
  const directories = ['/usr', '/lib', '/lib64', dirname(await realpath(process.execPath))];
  return {
    nodeSelector,
    tolerations: [{ key, operator: 'Exists' }],
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: 'node',
        image,
        imagePullPolicy: 'Never',
        command: [await realpath(process.execPath), '--eval', program],
        volumeMounts: directories.map((mountPath, index) => ({ name: `host-${index}`, mountPath, readOnly: true })),
      },
    ],
    volumes: directories.map((path, index) => ({ name: `host-${index}`, hostPath: { path } })),
  };
}

/** Answers with the node that it runs on and the address that it was asked from. */
function serving(name: string, spec: object): readonly object[] {
  const labels = { app: name };
  const readinessProbe = { httpGet: { port: 8080 }, periodSeconds: 1 };
  const env = [{ name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }];
  const { containers } = spec as { containers: object[] };
  const template = { metadata: { labels }, spec: { ...spec, containers: [{ ...containers[0], env, readinessProbe }] } };
  return [
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec: { selector: { matchLabels: labels }, template } },
    { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] } },
  ];
}

const server = `require('http').createServer((request, response) => {
  response.end(process.env.NODE + ' saw ' + request.socket.remoteAddress);
}).listen(8080, '0.0.0.0'); process.on('SIGTERM', () => process.exit())`;

/** What a pod on the node with this label is answered by a Service, found by its name. */
async function ask(service: string, nodeSelector: Record<string, string>): Promise<string> {
  const name = `ask-${randomBytes(3).toString('hex')}`;
  const program = `fetch('http://${service}.${id}.svc.cluster.local').then((answer) => answer.text()).then(console.log)`;
  const spec = { ...(await pod(program, nodeSelector)), restartPolicy: 'OnFailure' };
  await kubectl(['create', '-f', '-'], [{ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec }]);
  await kubectl(['wait', `pod/${name}`, '--for=jsonpath={.status.phase}=Succeeded', '--timeout=60s']);
  const [answer, address] = await Promise.all([
    kubectl(['logs', name]),
    kubectl(['get', 'pod', name, '--output=jsonpath={.status.podIP}']),
  ]);
  return answer.replace(address, 'the pod itself');
}

const first = { 'kubernetes.io/hostname': 'node-1' };
const either = { [key]: id };

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'changeover-test-'));
  archive = join(directory, 'image.tar');
  await writeFile(archive, emptyImage(image));
  await cluster('import', archive);
  await kubectl(['create', 'namespace', id]);
  const taints = [`${key}=${id}:NoSchedule`];
  oldNode = await withNode({ name: `${id}-old`, labels: either, taints, images: [image] });
  newNode = await withNode({ name: `${id}-new`, labels: either, taints });
  // This one came without images.
  expect(await cluster('import', archive)).toBe(`${image}: imported`);
  await kubectl(['cordon', newNode.name]);
  await kubectl(['create', '-f', '-'], [...serving('far', await pod(server, either)), ...serving('near', await pod(server, first))]);
  await Promise.all(['far', 'near'].map((name) => kubectl(['rollout', 'status', `deployment/${name}`, '--timeout=60s'])));
});

afterAll(async () => {
  await kubectl(['delete', 'namespace', id, '--wait=false']);
  await oldNode.remove();
  await newNode.remove();
  await rm(directory, { recursive: true });
});

describe('a node that joins', () => {
  test('is Ready with the labels and taints that were asked for, and an address of its own', async () => {
    const node = JSON.parse(await kubectl(['get', 'node', oldNode.name, '--output=json'])) as Record<string, Record<string, unknown>>;
    expect(node).toMatchObject({
      metadata: { labels: either },
      spec: { taints: [{ key, value: id, effect: 'NoSchedule' }] },
      status: { addresses: expect.arrayContaining([{ type: 'InternalIP', address: oldNode.address }]) as unknown },
    });
    expect((await status()).replace(/ +/g, ' ')).toContain(` node ${oldNode.name} running ${oldNode.address} ${key}=${id}`);
  });

  test('is refused under a name that a node has already', async () => {
    await expect(cluster('add-node', oldNode.name)).rejects.toThrow(`there is a node ${oldNode.name} already`);
    await expect(cluster('add-node', 'node-1')).rejects.toThrow('there is a node node-1 already');
    await expect(cluster('add-node', '../out')).rejects.toThrow('is no name for a node');
  });

  test('runs pods that answer through their Service on the other node, and ask there, under their own addresses', async () => {
    const answers = await Promise.all([ask('far', first), ask('near', either)]);
    expect(answers).toEqual([`${oldNode.name} saw the pod itself`, 'node-1 saw the pod itself']);
  });

  test('gives its pods up when it is drained, and another one takes them', async () => {
    await kubectl(['uncordon', newNode.name]);
    await kubectl(['drain', oldNode.name, '--ignore-daemonsets', '--timeout=60s']);
    await kubectl(['rollout', 'status', 'deployment/far', '--timeout=60s']);
    await vi.waitFor(async () => expect(await ask('far', first)).toBe(`${newNode.name} saw the pod itself`), 20_000);
  });
});

test('a node that is removed leaves nothing behind, though pods ran on it', async () => {
  const before = await traces(newNode);
  expect(Object.entries(before).filter(([, found]) => found === '')).toEqual([]);
  // Whoever imports an image for every node in that moment minds no node that is about to go.
  const [imported] = await Promise.all([cluster('import', archive), newNode.remove()]);
  expect(imported).toContain(image);
  expect(await traces(newNode)).toEqual(nothing);
  expect(await cluster('remove-node', newNode.name)).toBe(`there is no node ${newNode.name} that joined`);
});

test('a join that was killed leaves nothing behind either, once its node is removed', async () => {
  // The second free address: the first node of this file has the first.
  const half = { name: `${id}-half`, address: newNode.address };
  const joining = execa(process.execPath, ['cluster/main.ts', 'add-node', half.name, '--taint', `${key}=${id}:NoSchedule`], { cwd: root, reject: false });
  await vi.waitFor(async () => expect((await traces(half)).mounts).not.toBe(''), { timeout: 20_000, interval: 50 });
  joining.kill('SIGKILL');
  await joining;
  expect(await cluster('import', archive)).toContain(image);
  expect(await cluster('remove-node', half.name)).toMatch(/gone after/);
  expect(await traces(half)).toEqual(nothing);
});

const nothing = { objects: '', processes: '', mounts: '', network: '', controlGroups: '', files: '' };

/** Everything that tells of a node, by where it is found. */
async function traces({ name, address }: Pick<TestNode, 'name' | 'address'>): Promise<Record<keyof typeof nothing, string>> {
  const podRange = `10.244.${128 + Number(address.split('.')[3]) - 100}.`;
  const look = `ip -oneline address; ip route show root ${podRange}0/24; iptables-save --table nat`;
  const groups = await readdir('/sys/fs/cgroup', { recursive: true }).catch(() => []);
  return {
    objects: linesWith(await kubectl(['get', 'nodes,pods', '--all-namespaces', '--output=wide']), name),
    processes: (await grep('/environ', name)).join(' '),
    mounts: (await grep('/mountinfo', `/nodes/${name}/`)).join(' '),
    network: linesWith(await cluster('exec', 'sh', '-c', look), name, address, podRange),
    controlGroups: groups.filter((path) => path.includes(name)).join(' '),
    files: (await readdir(join(stateDir, 'run'), { recursive: true })).filter((path) => path.includes(name) && !path.startsWith('logs/')).join(' '),
  };
}

function linesWith(text: string, ...words: readonly string[]): string {
  return text.split('\n').filter((line) => words.some((word) => line.includes(word))).join('\n');
}

/** The processes of the machine whose file in /proc has the text. */
async function grep(file: string, text: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = pids.map(async (pid) => ((await readFile(`/proc/${pid}${file}`, 'utf8').catch(() => '')).includes(text) ? [pid] : []));
  return (await Promise.all(found)).flat();
}
