// A stand-in for an API server on the loopback: answers as a test says, faults included, and keeps what it was asked.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { connectCluster } from '../../src/drivers/cluster/client.ts';
import type { ConnectOptions } from '../../src/drivers/cluster/client.ts';
import type { Cluster } from '../../src/drivers/cluster/cluster.ts';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

export type Reply = (response: ServerResponse, request: Received) => void;

export interface ApiDouble {
  readonly cluster: Cluster;
  readonly url: string;
  readonly received: readonly Received[];
  /** Open connections, as the server sees them. */
  readonly connections: () => number;
}

export const token = 'token-that-must-never-be-shown';

/** Lives until the test ends. */
export async function apiDouble(reply: Reply, options: ConnectOptions = {}): Promise<ApiDouble> {
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    void read(request).then((asked) => {
      received.push(asked);
      reply(response, asked);
    });
  });
  server.on('connection', (socket) => sockets.add(socket.once('close', () => sockets.delete(socket))));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const kubeconfig = await kubeconfigFile(kubeconfigFor(url));
  const cluster = await connectCluster({ requestTimeoutMs: 2_000, kubeconfig, ...options });
  return { cluster, url, received, connections: () => sockets.size };
}

async function read(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  const url = new URL(request.url ?? '/', 'http://double');
  return {
    method: request.method ?? '',
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: request.headers,
    body: text === '' ? undefined : (JSON.parse(text) as unknown),
  };
}

export function kubeconfigFor(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'double', user: 'tester' } }, { name: 'there', context: { cluster: 'other', user: 'tester' } }],
    clusters: [
      { name: 'double', cluster: { server, 'insecure-skip-tls-verify': true } },
      { name: 'other', cluster: { server: 'https://192.0.2.1:6443' } },
    ],
    users: [{ name: 'tester', user: { token } }],
  });
}

export async function kubeconfigFile(content: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'changeover-kubeconfig-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const path = join(directory, 'config');
  await writeFile(path, content, { mode: 0o600 });
  return path;
}

export function json(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Reply {
  return (response) => void response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** The object that the API server sends with every refusal. */
export function refusal(code: number, reason: string, said: string | { readonly message: string; readonly details: unknown }): Reply {
  const more = typeof said === 'string' ? { message: said } : said;
  return json({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, ...more }, code);
}

/** Answers the first request with the first reply, and so on; the last one stays. */
export function inTurn(...replies: readonly Reply[]): Reply {
  let turn = 0;
  return (response, request) => {
    const reply = replies[Math.min(turn, replies.length - 1)];
    turn += 1;
    reply?.(response, request);
  };
}
