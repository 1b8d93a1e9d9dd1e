// An HTTP server that leaves without anyone noticing: after SIGTERM it is unready at once, goes on answering for a while,
// asks every client to close its connection, and ends when the last answer is out. It knows nothing of what it serves.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** A whole response; nothing here is large enough to be streamed. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body: string;
}

export type Handler = (request: IncomingMessage, url: URL) => Promise<Answer>;

export interface ServerOptions {
  port: number;
  /** Sent with every answer. */
  headers: Record<string, string>;
  handle: Handler;
  /** Rejects, with the reason, while no request should come here. */
  ready: () => Promise<void>;
  log?: (line: string) => void;
}

export interface RunningServer {
  port: number;
  /** From now on: unready, and `connection: close` with every answer. */
  startDraining(): void;
  /** Resolves when no connection is left. */
  close(): Promise<void>;
}

export async function startServer(options: ServerOptions): Promise<RunningServer> {
  let draining = false;
  const server = createServer((request, response) => {
    void answer(options, request, { draining }).then((result) => {
      if (draining) response.setHeader('connection', 'close');
      send(response, result, options.headers);
    });
  });
  // Longer than any proxy in front keeps an idle connection, so that it is the proxy who closes and never in the middle of a request.
  server.keepAliveTimeout = 90_000;
  await listen(server, options.port);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    startDraining: () => {
      draining = true;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Resolves when the server has left after SIGTERM or SIGINT. */
export async function drainOnSignal(server: RunningServer, drainMs: number): Promise<void> {
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  server.startDraining();
  // Proxies learn a moment later that this pod is leaving; until then their requests still come here.
  await new Promise((resolve) => setTimeout(resolve, drainMs));
  await server.close();
}

export function json(status: number, value: unknown): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: `${JSON.stringify(value)}\n` };
}

async function answer({ log = toStandardError, ...options }: ServerOptions, request: IncomingMessage, { draining }: { readonly draining: boolean }): Promise<Answer> {
  try {
    const url = new URL(request.url ?? '/', 'http://unused');
    // Alive even while the database is gone: a restart would not bring it back.
    if (url.pathname === '/live') return json(200, { live: true });
    if (url.pathname !== '/ready') return await options.handle(request, url);
    if (draining) return json(503, { ready: false, reason: 'going away' });
    return await options.ready().then(
      () => json(200, { ready: true }),
      (error: unknown) => json(503, { ready: false, reason: messageOf(error) }),
    );
  } catch (error) {
    log(`${request.method} ${request.url}: ${messageOf(error)}`);
    return json(500, { error: 'the request could not be answered' });
  }
}

function send(response: ServerResponse, { status, headers, body }: Answer, common: Record<string, string>): void {
  const length = String(Buffer.byteLength(body));
  response.writeHead(status, { ...headers, ...common, 'content-length': length });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, resolve);
  });
}

function toStandardError(line: string): void {
  process.stderr.write(`${line}\n`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}
