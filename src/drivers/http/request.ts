// One HTTP request over a connection of its own. Follows no redirect, never retries, cuts long bodies.

import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import type { IncomingMessage, RequestOptions } from 'node:http';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { DriverError } from '../failure.ts';
import type { Http, HttpRequest, HttpResponse } from './http.ts';
import { userAgent } from '../user-agent.ts';

/** Longest body that is kept, in bytes. */
const maxBodyBytes = 1024 * 1024;

export function directHttp(): Http {
  return { request: (request) => exchange(request) };
}

/** `stream` replaces the connection: a tunnel that is open already. TLS, if the URL says so, is spoken inside it. */
export async function exchange(request: HttpRequest, stream?: Duplex): Promise<HttpResponse> {
  const startedAt = performance.now();
  const limit = AbortSignal.timeout(request.timeoutMs);
  try {
    const response = await open(request, limit, stream);
    const { body, truncated } = await bodyOf(response);
    return { status: response.statusCode ?? 0, headers: headersOf(response), body, truncated, durationMs: performance.now() - startedAt };
  } catch (error) {
    throw limit.aborted ? timedOut(request) : connectionFailure(request, error);
  } finally {
    // A server may keep its end open for minutes, and each tunnel is a connection to the API server.
    stream?.destroy();
  }
}

async function open(request: HttpRequest, signal: AbortSignal, stream: Duplex | undefined): Promise<IncomingMessage> {
  const url = new URL(request.url);
  const options: RequestOptions = {
    ...(stream === undefined ? target(request, url) : { createConnection: () => (url.protocol === 'https:' ? secured(stream, request, url) : stream) }),
    method: request.method,
    path: url.pathname + url.search,
    headers: headersFor(request, url),
    signal,
  };
  return new Promise((resolve, reject) => {
    const sent = url.protocol === 'https:' && stream === undefined ? https.request(options) : http.request(options);
    sent.on('response', resolve).on('error', reject);
    sent.end(request.body);
  });
}

/** `agent: false`: every request opens its own connection, so that it proves that one can be opened. */
function target(request: HttpRequest, url: URL): https.RequestOptions {
  const defaultPort = url.protocol === 'https:' ? 443 : 80;
  const port = url.port === '' ? defaultPort : Number(url.port);
  return { host: request.connectTo ?? hostOf(url), port, agent: false, ...security(request, url) };
}

function security(request: HttpRequest, url: URL): tls.ConnectionOptions {
  const host = hostOf(url);
  // SNI takes names only: RFC 6066, section 3.
  return { rejectUnauthorized: request.insecure !== true, ...(isIP(host) === 0 ? { servername: host } : { host }) };
}

function secured(stream: Duplex, request: HttpRequest, url: URL): Duplex {
  return tls.connect({ socket: stream, ...security(request, url) });
}

/** URLs write IPv6 addresses in brackets; connections take them without. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

function headersFor({ headers = {}, body }: HttpRequest, url: URL): Readonly<Record<string, string>> {
  const given = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const defaults = Object.entries({
    host: url.host,
    'user-agent': userAgent,
    accept: '*/*',
    ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
  });
  return { ...Object.fromEntries(defaults.filter(([name]) => !given.has(name))), ...headers };
}

async function bodyOf(response: IncomingMessage): Promise<{ readonly body: string; readonly truncated: boolean }> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    // Leaving the loop destroys the connection: an endless body costs no more than this.
    if (bytes > maxBodyBytes) break;
  }
  return { body: Buffer.concat(chunks).subarray(0, maxBodyBytes).toString('utf8'), truncated: bytes > maxBodyBytes };
}

function headersOf({ headers }: IncomingMessage): Readonly<Record<string, string>> {
  const entries = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return Object.fromEntries(entries) as Readonly<Record<string, string>>;
}

function timedOut(request: HttpRequest): DriverError {
  return new DriverError({ reason: 'timeout', attempted: attempted(request), detail: `no complete answer within ${request.timeoutMs / 1_000} s` });
}

function connectionFailure(request: HttpRequest, error: unknown): DriverError {
  if (error instanceof DriverError) return error;
  const detail = error instanceof AggregateError && error.message === '' ? error.errors.map(String).join('; ') : String(error instanceof Error ? error.message : error);
  return new DriverError({ reason: 'unavailable', attempted: attempted(request), detail });
}

/** Without the query and the user: either may carry a secret. */
export function attempted({ method, url, connectTo }: HttpRequest): string {
  const { origin, pathname } = new URL(url);
  return `${method} ${origin}${pathname}${connectTo === undefined ? '' : ` at ${connectTo}`}`;
}
