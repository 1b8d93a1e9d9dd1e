// What a cluster that is up tells its users, from its layout. Pure.
import { contextName, kubeconfigOf } from './certificates.ts';
import { auditLog } from './components/apiserver.ts';
import { namedFiles } from './components/named.ts';
import type { Connection } from './connection.ts';
import { zones, type Layout } from './layout.ts';

/** Paths and addresses only: the key and the certificates stay in files that root alone reads. */
export function describe(layout: Layout, binDir: string): Connection {
  const { addresses } = layout;
  const { queryLog, updateLog, tsigKey } = namedFiles(layout);
  return {
    context: contextName,
    clusterName: contextName,
    kubeconfig: kubeconfigOf(layout, 'admin'),
    binDir,
    apiServer: `https://${addresses.node}:6443`,
    auditLog: auditLog(layout),
    dns: {
      zones,
      primary: { address: addresses.primary, port: 53, queryLog, updateLog },
      secondary: { address: addresses.secondary, port: 53 },
      tsigKeyFile: tsigKey,
    },
    loadBalancerRange: addresses.loadBalancers,
    stateDir: layout.stateDir,
  };
}
