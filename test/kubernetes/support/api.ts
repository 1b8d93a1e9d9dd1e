// Requests to the embedded API server without any of the program's own code, over connections that stay open: what is looked at again
// and again costs a hundredth of a kubectl.

import { readFileSync } from 'node:fs';
import https from 'node:https';
import { parse } from 'yaml';
import type { Connection } from '../../../cluster/connection.ts';

export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With its query. */
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ApiAnswer {
  readonly status: number;
  /** `Status.message`, or the object. */
  readonly text: string;
}

export type Api = (call: ApiCall) => Promise<ApiAnswer>;

/** With a bearer token, and nothing else to identify by. */
export function apiAs({ apiServer, kubeconfig }: Connection, token: string): Api {
  const { ca } = credentialsIn(kubeconfig);
  return requester({ apiServer, tls: { ca }, headers: { Authorization: `Bearer ${token}` } });
}

export function apiAsAdministrator({ apiServer, kubeconfig }: Connection): Api {
  return requester({ apiServer, tls: credentialsIn(kubeconfig), headers: {} });
}

interface Credentials {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** For TLS, as the account of this kubeconfig. */
export function credentialsIn(kubeconfig: string): Credentials {
  const config = parse(readFileSync(kubeconfig, 'utf8')) as { readonly clusters: readonly { readonly cluster: Readonly<Record<string, string>> }[]; readonly users: readonly { readonly user: Readonly<Record<string, string>> }[] };
  const pem = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64');
  const { cluster = {} } = config.clusters[0] ?? {};
  const { user = {} } = config.users[0] ?? {};
  return { ca: pem(cluster['certificate-authority-data']), cert: pem(user['client-certificate-data']), key: pem(user['client-key-data']) };
}

interface Requester {
  readonly apiServer: string;
  readonly tls: Partial<Credentials>;
  readonly headers: Readonly<Record<string, string>>;
}

function requester({ apiServer, tls, headers: always }: Requester): Api {
  const agent = new https.Agent({ ...tls, keepAlive: true, maxSockets: 4 });
  return ({ method, path, body, headers }) =>
    new Promise((resolve, reject) => {
      const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
      const sent = https.request(new URL(path, apiServer), { agent, method, headers: { ...always, 'Content-Type': type, ...headers } }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }));
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
}
