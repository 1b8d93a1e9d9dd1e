// A web server for tests of requests: echoes, redirects, is slow, breaks off. Plain Node, so that it runs in a pod as well.

import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

export interface Echo {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export const largeBodyBytes = 3 * 1024 * 1024;

export function echoServer(): Server {
  return createServer((request, response) => answer(request, response));
}

export function answer(request: IncomingMessage, response: ServerResponse): void {
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  const [, first = '', second = ''] = path.split('/');
  const behaviour = behaviours[first];
  if (behaviour === undefined) response.writeHead(404).end();
  else behaviour(request, response, second);
}

type Behaviour = (request: IncomingMessage, response: ServerResponse, argument: string) => void;

const behaviours: Readonly<Record<string, Behaviour>> = {
  echo: (request, response) => void echo(request, response),
  status: (_request, response, status) => void response.writeHead(Number(status)).end(),
  redirect: (_request, response) => void response.writeHead(302, { Location: '/echo' }).end(),
  pieces: (_request, response) => {
    const text = Buffer.from('one two größe');
    response.write(text.subarray(0, 11));
    setImmediate(() => response.end(text.subarray(11)));
  },
  large: (_request, response) => void response.end('x'.repeat(largeBodyBytes)),
  silent: () => undefined,
  stuck: (_request, response) => void response.write('half'),
  cut: (_request, response) => {
    response.writeHead(200, { 'Content-Length': '100' });
    response.write('half', () => response.destroy());
  },
};

async function echo(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const { method, url, headers } = request;
  response.end(JSON.stringify({ method, url, headers, body: Buffer.concat(chunks).toString('utf8') }));
}
