// How to reach the embedded cluster of this checkout. The only file of this folder that other code imports; it only reads.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stateDir } from './paths.ts';

export interface Connection {
  readonly context: string;
  readonly clusterName: string;
  /** Path of a self-contained kubeconfig of an administrator; it works inside the namespaces and from the host. */
  readonly kubeconfig: string;
  /** Has kubectl and helm. */
  readonly binDir: string;
  readonly apiServer: string;
  /** JSON lines, audit.k8s.io/v1 at level Metadata. */
  readonly auditLog: string;
  readonly dns: {
    readonly zones: readonly string[];
    readonly primary: { readonly address: string; readonly port: number; readonly queryLog: string; readonly updateLog: string };
    readonly secondary: { readonly address: string; readonly port: number };
    /** For `nsupdate -k` and `dig -k`; hmac-sha256, the key's name is `changeover`. */
    readonly tsigKeyFile: string;
  };
  /** CIDR; routed from the host as well. */
  readonly loadBalancerRange: string;
  readonly stateDir: string;
}

export const connectionFile = join(stateDir, 'run', 'connection.json');

/** The file's content: the connection, the process that holds the namespaces it leads into, and what its layout is made from. */
export interface ConnectionRecord {
  readonly connection: Connection;
  readonly layout?: { readonly index: number; readonly kubernetes: string };
  readonly holder: { readonly pid: number; readonly mark: string };
}

/** Undefined when no cluster is up, or when an `up` did not come to its end. */
export function readConnection(): Connection | undefined {
  try {
    const { connection, holder } = JSON.parse(readFileSync(connectionFile, 'utf8')) as ConnectionRecord;
    // After a restart of the machine the file is still there, and another process may have the id.
    const environment = readFileSync(`/proc/${holder.pid}/environ`, 'utf8').split('\0');
    return environment.includes(holder.mark) ? connection : undefined;
  } catch {
    return undefined;
  }
}

/** PEM files of the authority that signs all of the cluster's certificates: for tests that stand between a client and the API server. */
export function certificateAuthority({ stateDir: directory }: Connection): { readonly certificate: string; readonly key: string } {
  const file = (ending: string): string => join(directory, 'run', 'certificates', `ca.${ending}`);
  return { certificate: file('crt'), key: file('key') };
}
