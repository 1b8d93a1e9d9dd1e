// Brings the cluster up: namespaces, network, then the components in the order in which they need each other.
// It fails with the log of the component that failed, and never leaves half a cluster for the next `up` to trust.
import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from './build.ts';
import { makeCertificates, writeKubeconfigs } from './certificates.ts';
import { makeCgroups } from './cgroups.ts';
import { apiserver } from './components/apiserver.ts';
import { writeFiles, type Component } from './components/component.ts';
import { containerd, snapshotterFor } from './components/containerd.ts';
import { controllerManager, loadBalancer, networkPolicy, scheduler } from './components/controllers.ts';
import { coredns } from './components/coredns.ts';
import { etcd } from './components/etcd.ts';
import { kubelet } from './components/kubelet.ts';
import { namedFiles, namedProgram, primary, secondary, tsigKey } from './components/named.ts';
import { proxy } from './components/proxy.ts';
import { connectionFile, type Connection, type ConnectionRecord } from './connection.ts';
import { describe } from './describe.ts';
import { tearDown } from './down.ts';
import { forgetContainers, importSandboxImage, removeSuperseded } from './images.ts';
import { firstNode, layoutOf, type Layout } from './layout.ts';
import { mountDirectories } from './mounts.ts';
import { startHolder, startInit } from './namespaces.ts';
import { claimIndex, connectNetwork } from './network.ts';
import { findGo, installPackages, installTools, locate } from './packages.ts';
import { stateDir } from './paths.ts';
import { markText } from './processes.ts';
import { applyManifests, waitForApi, waitForContainerd, waitForDns, waitForNode, waitForZones } from './readiness.ts';
import { Supervisor } from './supervisor.ts';

export interface BootOptions {
  readonly key: string;
  readonly loadBalancerDelay: string;
  readonly log: (line: string) => void;
}

/** Under the caller's lock. Throws with a component's log when the boot fails, after everything it started has ended. */
export async function boot(options: BootOptions): Promise<Connection> {
  const { key, log } = options;
  const [kubernetes, binDir] = await prepare(log);
  // What a killed `up` left behind, or a cluster with a component that died.
  await tearDown(key);
  try {
    log('making the namespaces');
    const { layout, holder, init } = await makeNamespaces(key, kubernetes);
    await startComponents({ ...options, layout, init, binDir });
    const connection = describe(layout, binDir);
    const { index } = layout;
    const record: ConnectionRecord = { connection, holder: { pid: holder, mark: markText(key) }, layout: { index, kubernetes } };
    await writeFile(connectionFile, JSON.stringify(record, undefined, 2));
    return connection;
  } catch (error) {
    await tearDown(key);
    throw error;
  }
}

/** Everything that a second `up` finds done. */
async function prepare(log: (line: string) => void): Promise<[kubernetes: string, binDir: string]> {
  await installPackages(log);
  return await Promise.all([build(() => findGo(log), log), installTools(log)]);
}

interface Made {
  readonly layout: Layout;
  readonly holder: number;
  readonly init: number;
}

async function makeNamespaces(key: string, kubernetes: string): Promise<Made> {
  const runDir = join(stateDir, 'run');
  const logsDir = join(runDir, 'logs');
  await rm(runDir, { recursive: true, force: true });
  await mkdir(join(logsDir, 'pods'), { recursive: true });
  const holder = await startHolder(key, join(logsDir, 'holder.log'));
  const layout = layoutOf({ stateDir, index: await claimIndex(holder), kubernetes });
  await mkdir(layout.certificatesDir, { mode: 0o700 });
  // Cluster DNS starts late, but its resolv.conf is mounted now: init and every command inherit the mounts of this moment.
  await Promise.all([
    connectNetwork(holder, layout),
    writeFiles(coredns(layout)).then(() => mountDirectories(holder, layout)),
    makeCertificates(layout).then(() => writeKubeconfigs(layout)),
    makeCgroups(firstNode(layout).cgroup),
  ]);
  return { layout, holder, init: await startInit(key, holder, join(logsDir, 'init.log')) };
}

/** What the components find made. */
interface Started extends BootOptions {
  readonly layout: Layout;
  readonly init: number;
  readonly binDir: string;
}

async function startComponents(options: Started): Promise<void> {
  const { layout, init, log } = options;
  const supervisor = new Supervisor(layout, init);
  const start = async (...components: Component[]): Promise<void> => {
    await Promise.all(components.map(writeFiles));
    for (const component of components) supervisor.start(component);
  };
  log('starting etcd, kube-apiserver, containerd and BIND');
  await copyFile((await locate('named')) ?? 'named', namedProgram(layout));
  await writeFile(namedFiles(layout).tsigKey, tsigKey(randomBytes(32).toString('base64')), { mode: 0o600 });
  const node = firstNode(layout);
  await start(etcd(layout), apiserver(layout), containerd(node, await snapshotterFor(layout.stateDir)), primary(layout));
  await supervisor.orFailure(
    Promise.all([
      waitForApi(layout),
      // A secondary that asks before its primary has loaded the zones is refused, and sulks for most of a minute.
      waitForZones(layout.addresses.primary).then(() => start(secondary(layout))),
      waitForContainerd(init).then(async () => {
        await forgetContainers(init);
        const target = { init, recordDir: layout.stateDir };
        await importSandboxImage(target, layout);
        await removeSuperseded(target, node.containerdRoot, log);
      }),
    ]),
  );
  log('starting the controllers, the node and cluster DNS');
  // These wait for the API themselves, but with back-off: started after it is ready, they are ready sooner.
  await start(controllerManager(layout), scheduler(layout), kubelet(layout, node), proxy(layout));
  await supervisor.orFailure(applyManifests(options));
  await start(coredns(layout), loadBalancer(layout, options.loadBalancerDelay), networkPolicy(layout));
  await supervisor.orFailure(Promise.all([waitForNode({ ...options, node }), waitForDns(layout)]));
}
