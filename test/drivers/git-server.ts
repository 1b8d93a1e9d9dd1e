// A git repository behind https on loopback, as a forge serves it: Git's own CGI program behind a small server. It takes no pushes.

import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { execa } from 'execa';
import type { Certificate } from '../support/certificate.ts';
import { listen } from '../support/loopback.ts';

export interface GitServer {
  /** `https://127.0.0.1:PORT`; repositories by their folder below `root`. */
  readonly url: string;
  close(): Promise<void>;
}

export interface GitServerOptions {
  readonly root: string;
  readonly certificate: Certificate;
  /** Folders that only this `user:password` may read. */
  readonly closed?: { readonly prefix: string; readonly login: string };
}

export async function gitServer(options: GitServerOptions): Promise<GitServer> {
  const { cert, key } = options.certificate;
  const server = createServer({ cert, key }, (request, response) => void answer(options, request, response));
  const { host, close } = await listen(server);
  return { url: `https://${host}`, close };
}

async function answer({ root, closed }: GitServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '', 'https://127.0.0.1');
  if (closed !== undefined && url.pathname.startsWith(closed.prefix) && request.headers.authorization !== basic(closed.login)) {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
    return;
  }
  const input = Buffer.concat(await request.toArray());
  // A refusal is an answer, though it ends with 1.
  const options = { encoding: 'buffer', stripFinalNewline: false, reject: false } as const;
  const { stdout } = await execa('git', ['http-backend'], { env: cgi(root, url, request), input, ...options });
  const output = Buffer.from(stdout);
  const end = output.indexOf('\r\n\r\n');
  const headers = Object.fromEntries(output.subarray(0, end).toString().split('\r\n').map((line) => line.split(': ', 2) as [string, string]));
  response.writeHead(Number.parseInt(headers['Status'] ?? '200', 10), headers).end(output.subarray(end + 4));
}

function basic(login: string): string {
  return `Basic ${Buffer.from(login).toString('base64')}`;
}

/** RFC 3875, as far as Git reads it. */
function cgi(root: string, url: URL, { method = 'GET', headers }: IncomingMessage): Record<string, string> {
  return {
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_PROTOCOL: String(headers['git-protocol'] ?? ''),
    REQUEST_METHOD: method,
    PATH_INFO: url.pathname,
    QUERY_STRING: url.search.slice(1),
    CONTENT_TYPE: headers['content-type'] ?? '',
    HTTP_CONTENT_ENCODING: headers['content-encoding'] ?? '',
  };
}
