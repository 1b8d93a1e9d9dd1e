// Further nodes for a cluster that is up: each a kubelet with a containerd of its own, in the network of the first.
// It never touches the first node, and what it removes is gone at once, as a machine that is switched off.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeIdentity, removeIdentity } from './certificates.ts';
import { makeCgroups, removeCgroups } from './cgroups.ts';
import { run } from './command.ts';
import { writeFiles } from './components/component.ts';
import { containerd, snapshotterFor } from './components/containerd.ts';
import { kubelet } from './components/kubelet.ts';
import { connectionFile, type ConnectionRecord } from './connection.ts';
import { copyImages, importSandboxImage } from './images.ts';
import { joinedNode, layoutOf, maxJoined, nodeName, type ClusterNode, type Joining, type Layout } from './layout.ts';
import { mountNodeDirectories } from './mounts.ts';
import { findHeld, findNodeInits, startNodeInit } from './namespaces.ts';
import { connectNode, disconnectNode, isRouted } from './network.ts';
import { stateDir } from './paths.ts';
import { isAlive } from './processes.ts';
import { kubectl, waitForContainerd, waitForNode } from './readiness.ts';
import { Supervisor } from './supervisor.ts';
import { until } from './wait.ts';

export interface AddNodeOptions {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `key=value:Effect`, there before the first pod could be scheduled. */
  readonly taints: readonly string[];
  /** Names of images that the first node has. */
  readonly images: readonly string[];
  /** As a node has it (layout.ts). */
  readonly disk?: string | undefined;
}

/** Under the caller's lock. Resolves when the node is Ready; throws with a component's log, after all of it is gone again. */
export async function addNode(options: AddNodeOptions): Promise<ClusterNode> {
  const cluster = await runningCluster();
  if (readRecord().layout === undefined) {
    throw new Error('this cluster was brought up before nodes could join; next: npm run cluster -- down, and up again');
  }
  const joining = await nextJoining(cluster.layout, options);
  const node = joinedNode(cluster.layout, joining);
  await mkdir(node.dir, { recursive: true });
  // First of all, so that whatever a kill leaves behind is found by its name.
  await writeFile(recordFile(node), JSON.stringify(joining));
  try {
    await start({ ...cluster, node, images: options.images });
    return node;
  } catch (error) {
    await removeNode(options.name);
    throw error;
  }
}

interface RunningCluster {
  readonly layout: Layout;
  readonly binDir: string;
  readonly holder: number;
  readonly init: number;
}

async function runningCluster(): Promise<RunningCluster> {
  const layout = runningLayout();
  const held = await findHeld(layout.key);
  if (held === undefined) throw new Error('the cluster is not whole; next: npm run cluster -- up');
  return { ...held, layout, binDir: readRecord().connection.binDir };
}

/** Throws when no cluster is up. Without the record of an older `up` only its paths are right. */
export function runningLayout(): Layout {
  const { index = 0, kubernetes = '' } = readRecord().layout ?? {};
  return layoutOf({ stateDir, index, kubernetes });
}

function readRecord(): ConnectionRecord {
  return JSON.parse(readFileSync(connectionFile, 'utf8')) as ConnectionRecord;
}

/** With the lowest free number. Throws for a name that is taken, or that is none. */
export async function nextJoining(layout: Layout, { name, labels, taints, disk }: Omit<Joining, 'number'>): Promise<Joining> {
  assertName(name);
  const present = await findNodes(layout);
  if (name === nodeName || present.some((node) => node.name === name)) {
    throw new Error(`there is a node ${name} already; next: npm run cluster -- remove-node ${name}`);
  }
  const taken = new Set(present.map(({ address }) => address));
  const numbers = Array.from({ length: maxJoined }, (_, index) => index + 1);
  const joinings = numbers.map((number) => ({ name, number, labels, taints, disk }));
  const free = joinings.find((joining) => !taken.has(joinedNode(layout, joining).address));
  if (free === undefined) throw new Error(`this cluster has ${maxJoined} further nodes already`);
  return free;
}

/** As the API server would, but before anything is made; and it becomes a part of paths. */
function assertName(name: string): void {
  if (!/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/.test(name)) {
    throw new Error(`${JSON.stringify(name)} is no name for a node: lower-case letters, digits and dashes, at most 40`);
  }
}

/** The nodes that joined, in the order of their names, whole or not. */
export async function findNodes(layout: Layout): Promise<readonly ClusterNode[]> {
  const directory = join(layout.runDir, 'nodes');
  const names = await readdir(directory).catch(() => []);
  const found = names.toSorted().map(async (name) => {
    const text = await readFile(join(directory, name, recordName), 'utf8').catch(() => undefined);
    return text === undefined ? [] : [joinedNode(layout, JSON.parse(text) as Joining)];
  });
  return (await Promise.all(found)).flat();
}

const recordName = 'node.json';

function recordFile(node: ClusterNode): string {
  return join(node.dir, recordName);
}

interface Starting extends RunningCluster {
  readonly node: ClusterNode;
  readonly images: readonly string[];
}

async function start({ layout, binDir, holder, init, node, images }: Starting): Promise<void> {
  const [nodeInit] = await Promise.all([
    startNodeInit(layout.key, init, { name: node.name, logFile: join(layout.logsDir, `init${node.suffix}.log`) }),
    makeIdentity(layout, node),
    makeCgroups(node.cgroup),
    mkdir(node.podLogsDir, { recursive: true }),
  ]);
  await Promise.all([mountNodeDirectories(nodeInit, node), connectNode(holder, node)]);
  const supervisor = new Supervisor(layout, nodeInit);
  const runtime = containerd(node, await snapshotterFor(layout.stateDir));
  await writeFiles(runtime);
  supervisor.start(runtime);
  await supervisor.orFailure(waitForContainerd(nodeInit));
  const target = { init: nodeInit, recordDir: node.dir };
  await importSandboxImage(target, layout);
  if (images.length > 0) await copyImages(init, target, images);
  const agent = kubelet(layout, node);
  await writeFiles(agent);
  supervisor.start(agent);
  await supervisor.orFailure(waitForNode({ layout, binDir, node }));
}

/** Under the caller's lock. Returns whether there was such a node; does nothing the second time. */
export async function removeNode(name: string): Promise<boolean> {
  const cluster = await runningCluster();
  const { layout, holder } = cluster;
  const node = (await findNodes(layout)).find((one) => one.name === name);
  if (node === undefined) return false;
  await endProcesses(layout.key, name);
  await forget(cluster, node);
  await disconnectNode(holder, node);
  await until(`the control groups of ${name} to empty`, 10_000, async () =>
    (await removeCgroups(node.cgroup)) ? true : undefined,
  );
  await removeIdentity(layout, node);
  await rm(node.podLogsDir, { recursive: true, force: true });
  // Last, with the record: until here a second try finds the node.
  await rm(node.dir, { recursive: true, force: true });
  return true;
}

/** With its process 1 the kernel ends all that lives below, and takes back the mounts. */
async function endProcesses(key: string, name: string): Promise<void> {
  const pid = (await findNodeInits(key)).get(name);
  if (pid === undefined) return;
  process.kill(pid, 'SIGKILL');
  await until(`the processes of ${name} to end`, 20_000, async () => (isAlive(pid) ? undefined : true));
}

/** What a cloud's controller does for a machine that is gone. Left alone, Kubernetes takes a minute to believe it. */
async function forget(cluster: RunningCluster, node: ClusterNode): Promise<void> {
  await run(kubectl(cluster, ['delete', 'node', node.name, '--ignore-not-found']));
  const pods = ['delete', 'pods', '--all-namespaces', `--field-selector=spec.nodeName=${node.name}`];
  await run(kubectl(cluster, [...pods, '--force', '--grace-period=0', '--wait=false']));
  // Until kube-proxy has heard of it, Services lead to pods that are no more.
  await until(`kube-proxy to forget the pods of ${node.name}`, 20_000, async () =>
    (await isRouted(cluster.holder, node)) ? undefined : true,
  );
}
