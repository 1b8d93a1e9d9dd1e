// HTTP to one API server: credentials, time-outs, errors as DriverErrors. Sends each request once, and knows no object.

import http from 'node:http';
import https from 'node:https';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { DriverError } from '../failure.ts';
import { userAgent } from '../user-agent.ts';
import { failureOf } from './answers.ts';
import type { Answer } from './answers.ts';

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  /** Of the body. Default `application/json`. */
  readonly contentType?: string;
  readonly accept?: string;
}

export interface TransportOptions {
  /** `https://192.0.2.1:6443`, possibly with a path. */
  readonly server: string;
  /** TLS and authentication of the moment (tokens expire), and the agent when a proxy leads to the server. */
  readonly credentials: () => Promise<RequestOptions>;
  readonly timeoutMs: number;
  /** Told of every request before it is sent: a benchmark counts them. */
  readonly onRequest: ((method: string, path: string) => void) | undefined;
}

export interface Transport {
  /** The whole answer, which is 2xx. Rejects with a DriverError for every other one, and for none within the time-out. */
  send(request: ApiRequest): Promise<Answer>;
  /** The answer's body while it comes, once its status is known to be 2xx. Destroy it, or read it to its end. */
  stream(request: ApiRequest, signal: AbortSignal): Promise<IncomingMessage>;
}

/** Idle connections are dropped before load balancers in between forget them and reset the next request. */
const idleTimeoutMs = 30_000;

export function transport(options: TransportOptions): Transport {
  const agentOptions = { keepAlive: true, timeout: idleTimeoutMs };
  const agent = options.server.startsWith('https:') ? new https.Agent(agentOptions) : new http.Agent(agentOptions);

  return {
    send: async (request) => {
      options.onRequest?.(request.method, request.path);
      const limit = AbortSignal.timeout(options.timeoutMs);
      try {
        const response = await open(request, { ...options, agent, signal: limit });
        return await succeeded(request, response);
      } catch (error) {
        throw limit.aborted ? timedOut(request, options.timeoutMs) : connectionFailure(request, error);
      }
    },
    stream: async (request, signal) => {
      options.onRequest?.(request.method, request.path);
      const limit = new AbortController();
      const timer = setTimeout(() => limit.abort(), options.timeoutMs);
      try {
        const response = await open(request, { ...options, agent, signal: AbortSignal.any([signal, limit.signal]) });
        if (!isSuccess(response)) await succeeded(request, response);
        return response;
      } catch (error) {
        signal.throwIfAborted();
        throw limit.signal.aborted ? timedOut(request, options.timeoutMs) : connectionFailure(request, error);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

interface OpenOptions extends TransportOptions {
  readonly agent: http.Agent;
  readonly signal: AbortSignal;
}

/** Resolves with the answer's head. */
async function open(request: ApiRequest, options: OpenOptions): Promise<IncomingMessage> {
  const { headers, ...credentials } = await unlessAborted(options.credentials(), options.signal);
  const url = new URL(options.server.replace(/\/$/, '') + request.path);
  for (const [key, value] of Object.entries(request.query ?? {})) {
    if (value !== undefined) url.searchParams.set(key, value);
  }
  const body = request.body === undefined ? undefined : JSON.stringify(request.body);
  const send = url.protocol === 'https:' ? https.request : http.request;
  return new Promise((resolve, reject) => {
    const sent = send(url, {
      agent: options.agent,
      ...credentials,
      method: request.method,
      signal: options.signal,
      headers: { ...(headers as Readonly<Record<string, string>>), ...headersOf(request, body) },
    });
    sent.on('response', resolve).on('error', reject);
    sent.end(body);
  });
}

function headersOf(request: ApiRequest, body: string | undefined): Readonly<Record<string, string>> {
  return {
    'User-Agent': userAgent,
    Accept: request.accept ?? 'application/json',
    ...(body === undefined ? {} : { 'Content-Type': request.contentType ?? 'application/json', 'Content-Length': String(Buffer.byteLength(body)) }),
  };
}

/** Obtaining credentials may start a plug-in that asks somebody: it must not hang the run either. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function succeeded(request: ApiRequest, response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  const answer = { attempted: attempted(request), status: response.statusCode ?? 0, headers: response.headers, text };
  if (!isSuccess(response)) throw failureOf(answer, { namesVersion: namesVersion(request) });
  return answer;
}

/** A watch begins at one, and a further page is one of a moment. What is written is not asked for. */
function namesVersion({ method, query = {} }: ApiRequest): boolean {
  return method !== 'GET' || query['resourceVersion'] !== undefined || query['continue'] !== undefined;
}

function isSuccess({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 200 && statusCode < 300;
}

function timedOut(request: ApiRequest, timeoutMs: number): DriverError {
  return new DriverError({ reason: 'timeout', attempted: attempted(request), detail: `no complete answer within ${timeoutMs / 1_000} s` });
}

function connectionFailure(request: ApiRequest, error: unknown): unknown {
  if (error instanceof DriverError) return error;
  return new DriverError({ reason: 'unavailable', attempted: attempted(request), detail: describe(error) });
}

/** Node gives several errors at once, with an empty message, when a name has several addresses and none answers. */
function describe(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(String).join('; ');
  return error instanceof Error ? error.message : String(error);
}

/** Without the query, which only makes messages long. */
export function attempted({ method, path }: Pick<ApiRequest, 'method' | 'path'>): string {
  return `${method} ${path}`;
}
