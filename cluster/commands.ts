// The commands of the cluster as the command line has them: under the lock, with what they print.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { boot } from './boot.ts';
import { readConnection, type Connection } from './connection.ts';
import { moveAside, removeAside } from './disk.ts';
import { tearDown } from './down.ts';
import { importArchive, type ImportTarget } from './images.ts';
import { containerdSocket } from './layout.ts';
import { withLock } from './lock.ts';
import { findHeld, findNodeInits } from './namespaces.ts';
import { addNode, findNodes, removeNode, runningLayout, type AddNodeOptions } from './nodes.ts';
import { checkoutDir, clusterKey, clustersDir, stateDir } from './paths.ts';
import { noteCheckout, removeAbandoned } from './states.ts';
import { findEnded, printStatus } from './status.ts';

const key = clusterKey(checkoutDir);

export async function upCommand(loadBalancerDelay: string): Promise<void> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new Error('the cluster makes namespaces and a network interface, which takes Linux and root; next: run it as root');
  }
  const started = performance.now();
  const log = (line: string): void => console.log(`${seconds(started).padStart(7)} ${line}`);
  await withLock(key, async () => {
    await noteCheckout(stateDir, checkoutDir);
    await Promise.all([bringUp(loadBalancerDelay, log), removeAbandoned({ directory: clustersDir, own: key, log })]);
  });
}

async function bringUp(loadBalancerDelay: string, log: (line: string) => void): Promise<void> {
  const ended = await findEnded(key);
  if (ended?.length === 0) {
    log(`already up: ${connected().apiServer}`);
    return;
  }
  if (ended !== undefined) log(`starting over, for these ended: ${ended.join(', ')}`);
  const { apiServer, dns } = await boot({ key, loadBalancerDelay, log });
  log(`up: ${apiServer}, name servers ${dns.primary.address} and ${dns.secondary.address}`);
  console.log('Next: npm run cluster -- exec kubectl get pods -A');
}

export async function downCommand(): Promise<void> {
  const started = performance.now();
  const wasUp = await withLock(key, () => tearDown(key));
  console.log(wasUp ? `down after ${seconds(started)}` : 'nothing was up');
  await removeAbandoned({ directory: clustersDir, own: key, log: console.log });
}

export async function deleteCommand(): Promise<void> {
  const started = performance.now();
  await withLock(key, async () => {
    const wasUp = await tearDown(key);
    const freed = existsSync(stateDir) ? await removeAside(await moveAside(stateDir)) : undefined;
    if (freed === undefined) console.log('there was nothing to delete');
    else console.log(`${wasUp ? 'down and ' : ''}deleted after ${seconds(started)}: ${freed} MB freed`);
  });
}

export async function statusCommand(): Promise<void> {
  process.exitCode = (await printStatus(key)) ? 0 : 1;
}

export async function importCommand(files: readonly string[]): Promise<void> {
  connected();
  for (const file of files) {
    // No node comes or goes meanwhile.
    await withLock(key, async () => {
      const results = await Promise.all((await importTargets()).map((target) => importArchive(target, resolve(file))));
      const wasThere = results.every((result) => result.wasThere);
      console.log(`${(results[0]?.names ?? []).join(', ')}: ${wasThere ? 'was there' : 'imported'}`);
    });
  }
}

/** Every node: a pod that moves finds its image where it goes. Of one whose join was killed there may be no containerd, and never a pod. */
async function importTargets(): Promise<readonly ImportTarget[]> {
  const init = (await findHeld(key))?.init;
  if (init === undefined) throw new Error('the cluster is not whole; next: npm run cluster -- up');
  const inits = await findNodeInits(key);
  const joined = inits.size === 0 ? [] : await findNodes(runningLayout());
  const others = joined.flatMap(({ name, dir }) => {
    const found = inits.get(name);
    return found === undefined || !existsSync(join('/proc', String(found), 'root', containerdSocket)) ? [] : [{ init: found, recordDir: dir }];
  });
  return [{ init, recordDir: stateDir }, ...others];
}

export async function addNodeCommand(options: AddNodeOptions): Promise<void> {
  const started = performance.now();
  connected();
  const { name, address } = await withLock(key, () => addNode(options));
  console.log(`${name}: Ready at ${address} after ${seconds(started)}`);
}

export async function removeNodeCommand(name: string): Promise<void> {
  const started = performance.now();
  connected();
  const wasThere = await withLock(key, () => removeNode(name));
  console.log(wasThere ? `${name}: gone after ${seconds(started)}` : `there is no node ${name} that joined`);
}

export function connected(): Connection {
  const connection = readConnection();
  if (connection === undefined) throw new Error('no cluster is up for this checkout; next: npm run cluster -- up');
  return connection;
}

function seconds(started: number): string {
  return `${((performance.now() - started) / 1000).toFixed(1)} s`;
}
