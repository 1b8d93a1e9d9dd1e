// What runs of this checkout's cluster. It only looks.
import { readConnection } from './connection.ts';
import { findHeld } from './namespaces.ts';
import { checkoutDir, clusterKey } from './paths.ts';
import { componentOf, findMarked } from './processes.ts';

const components = [
  'etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy',
  'containerd', 'coredns', 'loadbalancer', 'named-primary', 'named-secondary',
] as const;

/** Prints the state; returns whether the cluster is whole. */
export async function printStatus(): Promise<boolean> {
  const key = clusterKey(checkoutDir);
  const connection = readConnection();
  if (connection === undefined || (await findHeld(key)) === undefined) {
    console.log('down; next: npm run cluster -- up');
    return false;
  }
  const running = new Set((await findMarked(key)).map(componentOf));
  const missing = components.filter((name) => !running.has(name));
  console.log(`up: ${connection.apiServer}, context ${connection.context}`);
  for (const name of components) console.log(`  ${name.padEnd(24)}${running.has(name) ? 'running' : 'ended'}`);
  if (missing.length > 0) {
    console.log(`Ended: ${missing.join(', ')}; see ${connection.stateDir}/run/logs; next: npm run cluster -- down, then up`);
  }
  return missing.length === 0;
}
