// The part of Google's metadata server that tells a pod with Workload Identity who it is, on loopback. It knows no keys.
// Source: https://cloud.google.com/compute/docs/metadata/predefined-metadata-keys and …/docs/access/authenticate-workloads.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from '../support/loopback.ts';

export interface GoogleMetadataDouble {
  /** For `GCE_METADATA_HOST`. */
  readonly host: string;
  /** Paths with their query, in the order of the requests. */
  readonly requests: string[];
  close(): Promise<void>;
}

export interface Identity {
  readonly project: string;
  readonly token: string;
  /** Instead of handing a token out: as when no account is bound (403, 404), or the server is overloaded (503). */
  readonly refusal?: number;
}

export async function googleMetadataDouble(identity: Identity): Promise<GoogleMetadataDouble> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    answer(identity, request, response);
  });
  const { host, close } = await listen(server);
  return { host, requests, close };
}

function answer({ project, token, refusal }: Identity, { url = '', headers }: IncomingMessage, response: ServerResponse): void {
  const path = url.replace(/\?.*/, '').replace('/computeMetadata/v1/', '');
  const known: Readonly<Record<string, string>> = {
    '/computeMetadata/v1': 'instance/\nproject/\n',
    instance: 'service-accounts/\n',
    'project/project-id': project,
    'universe/universe-domain': 'googleapis.com',
    'instance/service-accounts/default/email': `runner@${project}.iam.gserviceaccount.com`,
    'instance/service-accounts/default/token': JSON.stringify({ access_token: token, expires_in: 3_599, token_type: 'Bearer' }),
  };
  const text = known[path];
  const isRefused = refusal !== undefined && path.endsWith('/token');
  // Without this header the request may come from a page that was tricked into sending it.
  const status = headers['metadata-flavor'] !== 'Google' ? 403 : isRefused ? refusal : text === undefined ? 404 : 200;
  response.writeHead(status, { 'metadata-flavor': 'Google', server: 'Metadata Server for VM' }).end(status === 200 ? text : 'refused\n');
}
