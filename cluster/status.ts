// What runs of this checkout's cluster. It only looks.
import { existsSync } from 'node:fs';
import { readConnection } from './connection.ts';
import { findHeld } from './namespaces.ts';
import { findNodes, runningLayout } from './nodes.ts';
import { componentOf, findMarked } from './processes.ts';
import { logFileOf } from './supervisor.ts';

const components = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
  'containerd',
  'coredns',
  'loadbalancer',
  'networkpolicy',
  'named-primary',
  'named-secondary',
] as const;

/** A cluster that an older version brought up never had some of them. */
function begun(): readonly string[] {
  const layout = runningLayout();
  return components.filter((name) => existsSync(logFileOf(layout, name)));
}

/** The components that ended since the boot; undefined when no cluster is up at all. */
export async function findEnded(key: string): Promise<readonly string[] | undefined> {
  if (readConnection() === undefined || (await findHeld(key)) === undefined) return undefined;
  const running = new Set((await findMarked(key)).map(componentOf));
  return begun().filter((name) => !running.has(name));
}

/** Prints the state; returns whether the cluster is whole. */
export async function printStatus(key: string): Promise<boolean> {
  const ended = await findEnded(key);
  const connection = readConnection();
  if (ended === undefined || connection === undefined) {
    console.log('down; next: npm run cluster -- up');
    return false;
  }
  console.log(`up: ${connection.apiServer}, context ${connection.context}`);
  for (const name of begun()) console.log(`  ${name.padEnd(24)}${ended.includes(name) ? 'ended' : 'running'}`);
  const joined = await printNodes(key);
  if (ended.length > 0) {
    console.log(`Look into ${connection.stateDir}/run/logs; next: npm run cluster -- up, which starts over`);
  }
  return ended.length === 0 && joined.every(Boolean);
}

/** Whether each of the nodes that joined is whole. */
async function printNodes(key: string): Promise<readonly boolean[]> {
  const running = new Set((await findMarked(key)).map(componentOf));
  return (await findNodes(runningLayout())).map(({ name, suffix, address, labels }) => {
    const gone = ['containerd', 'kubelet'].filter((component) => !running.has(`${component}${suffix}`));
    const state = gone.length === 0 ? 'running' : `${gone.join(' and ')} ended; next: npm run cluster -- remove-node ${name}`;
    const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
    console.log(`  node ${name.padEnd(19)}${[state, address, ...pairs].join(' ')}`);
    return gone.length === 0;
  });
}
