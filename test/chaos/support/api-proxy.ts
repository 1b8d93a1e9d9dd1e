// Between the program and the API server: ends TLS with a certificate of the cluster's own authority, so that it sees each request and can
// hurt it. It asks the API server as the account that it was told to be.

import { readFileSync } from 'node:fs';
import type http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { Connection } from '../../../cluster/connection.ts';
import { credentialsIn } from '../../kubernetes/support/api.ts';
import type { ApiFault, Faults, Passing, WatchFault } from './faults.ts';
import { signed } from './identities.ts';

export interface SeenRequest extends Passing {
  readonly at: number;
}

export interface ApiProxy {
  readonly url: string;
  /** Every request from the account's process, in order. */
  readonly seen: readonly SeenRequest[];
  actAs(kubeconfig: string): void;
  /** Everything that streams now: closed, or silent from now on while it stays open. Returns how many watches that were. */
  hurtWatches(how: 'cut' | 'stall'): number;
  close(): Promise<void>;
}

interface Stream {
  readonly cut: () => void;
  readonly stall: () => void;
}

export async function apiProxy(connection: Connection, { faults, directory }: { readonly faults: Faults; readonly directory: string }): Promise<ApiProxy> {
  const pair = await signed(connection, { subject: '/CN=proxy', directory, file: `proxy-${Date.now()}`, alternatives: 'IP:127.0.0.1' });
  const seen: SeenRequest[] = [];
  const streams = new Set<Stream>();
  let agent = new https.Agent();
  const server = https.createServer({ cert: readFileSync(pair.certificate), key: readFileSync(pair.key), ALPNProtocols: ['http/1.1'] }, (request, response) => {
    const passing = passingOf(request);
    seen.push({ ...passing, at: Date.now() });
    void pass({ request, response, passing, faults, streams, ask: (options) => https.request(connection.apiServer, { ...options, agent }) });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    actAs: (kubeconfig) => void (agent = new https.Agent({ keepAlive: true, ...credentialsIn(kubeconfig) })),
    hurtWatches(how) {
      const open = [...streams];
      for (const stream of open) stream[how]();
      return open.length;
    },
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      agent.destroy();
    },
  };
}

function passingOf({ method = 'GET', url = '/', headers }: http.IncomingMessage): Passing {
  const isWatch = new URL(url, 'https://proxy').searchParams.get('watch') === 'true';
  return { method, path: url, isWatch, isHelm: (headers['user-agent'] ?? '').startsWith('Helm/') };
}

interface Passage {
  readonly request: http.IncomingMessage;
  readonly response: http.ServerResponse;
  readonly passing: Passing;
  readonly faults: Faults;
  readonly streams: Set<Stream>;
  readonly ask: (options: https.RequestOptions) => http.ClientRequest;
}

async function pass(passage: Passage): Promise<void> {
  const { request, response, passing, faults } = passage;
  const fault = faults.api(passing);
  if (fault === 'cut') return void request.socket.destroy();
  if (fault === 'stall') return;
  if (fault === '429' || fault === '500' || fault === '410') return refuse(response, Number(fault));
  if (fault === 'delay') await setTimeout(faults.delayMs());
  const hurt = passing.isWatch ? faults.watch() : undefined;
  if (hurt?.fault === 'refused') return refuse(response, 410);
  const { host: _, ...headers } = request.headers;
  const upstream = passage.ask({ method: passing.method, path: passing.path, headers });
  upstream.on('error', () => request.socket.destroy());
  response.on('error', () => undefined);
  response.on('close', () => upstream.destroy());
  upstream.on('response', (answer) => (passing.isWatch ? stream(answer, passage, hurt) : answerWith(answer, passage, fault)));
  request.pipe(upstream);
}

/** With what an API server says then (Kubernetes API conventions, "Response Status Kind"). */
function refuse(response: http.ServerResponse, code: number): void {
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code, reason: code === 410 ? 'Expired' : code === 429 ? 'TooManyRequests' : 'InternalError', message: 'said by the proxy' };
  response.writeHead(code, { 'content-type': 'application/json', ...(code === 429 ? { 'retry-after': '1' } : {}) });
  response.end(JSON.stringify(status));
}

function answerWith(answer: http.IncomingMessage, { request, response }: Passage, fault: ApiFault | undefined): void {
  const chunks: Buffer[] = [];
  answer.on('data', (chunk: Buffer) => chunks.push(chunk));
  answer.on('error', () => request.socket.destroy());
  answer.on('end', () => {
    // The API server has done what was asked by now.
    if (fault === 'lostAnswer') return void request.socket.destroy();
    const body = Buffer.concat(chunks);
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    if (fault !== 'cutAnswer') return void response.end(body);
    response.write(body.subarray(0, body.length / 2), () => request.socket.destroy());
  });
}

function stream(answer: http.IncomingMessage, { request, response, streams }: Passage, hurt: { readonly fault: WatchFault; readonly afterMs: number } | undefined): void {
  const one: Stream = {
    cut: () => void request.socket.destroy(),
    stall: () => {
      streams.delete(one);
      answer.removeAllListeners('data');
      answer.resume();
    },
  };
  streams.add(one);
  response.on('close', () => streams.delete(one));
  response.writeHead(answer.statusCode ?? 500, answer.headers);
  response.flushHeaders();
  answer.on('data', (chunk: Buffer) => response.write(chunk));
  answer.on('end', () => (streams.has(one) ? response.end() : undefined));
  answer.on('error', () => request.socket.destroy());
  if (hurt === undefined) return;
  void setTimeout(hurt.afterMs).then(() => {
    if (!streams.delete(one) || hurt.fault === 'cut') return one.cut();
    answer.removeAllListeners('data');
    answer.destroy();
    response.end(`${JSON.stringify(gone)}\n`);
  });
}

/** How a watch is told that it is too old (Kubernetes API concepts, "410 Gone responses"). */
const gone = { type: 'ERROR', object: { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 410, reason: 'Expired', message: 'said by the proxy' } };
