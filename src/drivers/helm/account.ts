// The account that Helm acts as when it is not the caller's: one ServiceAccount of the release, by a token that lives for an hour.
// The token is in the environment of that one process alone: never in arguments, and never in a file.

import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiEndpoint, Cluster } from '../cluster/cluster.ts';

export interface HelmAccount {
  /** Instead of a kubeconfig. */
  readonly env: Readonly<Record<string, string>>;
  /** Texts in it that must never be printed. */
  readonly secrets: readonly string[];
}

/** `timeoutMs`: how long the process may run that is given it. */
export type HelmAccountOf = (namespace: string, timeoutMs: number) => Promise<HelmAccount>;

export interface InstallerAccountOptions {
  readonly cluster: Pick<Cluster, 'token'>;
  readonly endpoint: ApiEndpoint;
  /** Of the ServiceAccount, in each release's namespace. */
  readonly name: string;
  /** For the API server's certificate, which is no secret; a fresh folder for temporary files unless given. */
  readonly workDirectory?: string | undefined;
}

const usualLifeMs = 3_600_000;

/** A new token for every process: none has to be kept, and none runs out in the middle. */
export function installerAccount({ cluster, endpoint, name, workDirectory }: InstallerAccountOptions): HelmAccountOf {
  let authority: Promise<string | undefined> | undefined;
  return async (namespace, timeoutMs) => {
    const token = await cluster.token({ namespace, name }, Math.max(usualLifeMs, timeoutMs));
    authority ??= authorityFile(endpoint, workDirectory);
    return { env: environmentOf(endpoint, token, await authority), secrets: [token] };
  };
}

/** Source: `helm env`; client-go reads the proxy from the usual variable. */
function environmentOf({ server, tlsServerName, skipTlsVerify, proxyUrl }: ApiEndpoint, token: string, authority: string | undefined): HelmAccount['env'] {
  return {
    // A kubeconfig's own client certificate would be sent along with the token, and the server looks at certificates first.
    KUBECONFIG: '/dev/null',
    HELM_KUBEAPISERVER: server,
    HELM_KUBETOKEN: token,
    HELM_KUBECAFILE: authority ?? '',
    HELM_KUBETLS_SERVER_NAME: tlsServerName ?? '',
    HELM_KUBEINSECURE_SKIP_TLS_VERIFY: String(skipTlsVerify),
    ...(proxyUrl === undefined ? {} : { HTTPS_PROXY: proxyUrl }),
  };
}

async function authorityFile({ authority }: ApiEndpoint, workDirectory: string | undefined): Promise<string | undefined> {
  if (authority === undefined || 'file' in authority) return authority?.file;
  if (workDirectory !== undefined) await mkdir(workDirectory, { recursive: true, mode: 0o700 });
  const directory = workDirectory ?? (await mkdtemp(join(tmpdir(), 'changeover-authority-')));
  const file = join(directory, 'authority.crt');
  await writeFile(file, authority.pem, { mode: 0o600 });
  return file;
}
