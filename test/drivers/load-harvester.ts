// A harvester on the loopback interface that does what it is told: to end, to fail, to forget, to talk nonsense.

import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface DoubleJob {
  description?: string;
  jobExitCode?: string | number | null;
  message?: string;
}

export interface DoubleList {
  id: string | number;
  status: string | null;
  jobConfigurations: DoubleJob[];
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  /** Sent as it is when it is a text, else as JSON. */
  readonly body?: unknown;
}

export interface HarvesterDouble {
  readonly base: string;
  readonly lists: Map<string, DoubleList>;
  /** `POST /data`, …, in order. */
  readonly requests: string[];
  readonly authorizations: (string | undefined)[];
  readonly bodies: string[];
  /** How often a list was run. */
  runs: number;
  newId: () => string | number;
  /** Answers instead of the harvester where it returns something. */
  interfere: (request: string) => Answer | undefined;
  /** Ends every list that runs; jobs whose description begins with `bad` fail. */
  complete(): void;
  close(): Promise<void>;
}

export async function startHarvester(): Promise<HarvesterDouble> {
  let last = 0;
  const server = createServer((request, response) => {
    void handle(double, request).then(({ status = 200, headers = {}, body = '' }) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const double: HarvesterDouble = {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}/harvester/api/1`,
    lists: new Map(),
    requests: [],
    authorizations: [],
    bodies: [],
    runs: 0,
    newId: () => `list-${(last += 1)}`,
    interfere: () => undefined,
    complete: () => double.lists.forEach(complete),
    close: () => close(server),
  };
  return double;
}

async function handle(double: HarvesterDouble, request: IncomingMessage): Promise<Answer> {
  const route = `${request.method} ${request.url?.replace('/harvester/api/1', '')}`;
  const body = await text(request);
  double.requests.push(route);
  double.authorizations.push(request.headers.authorization);
  if (body !== '') double.bodies.push(body);
  return double.interfere(route) ?? answer(double, route, body);
}

function answer(double: HarvesterDouble, route: string, body: string): Answer {
  if (route === 'POST /data') return create(double, JSON.parse(body));
  const [, id = '', run] = /^\w+ \/job\/list\/([^/]+)(\/run)?$/.exec(route) ?? [];
  const list = double.lists.get(decodeURIComponent(id));
  if (list === undefined) return { status: 404, body: { error: `no job list ${id}` } };
  if (run === undefined) return { body: list };
  double.runs += 1;
  list.status = 'Running';
  return { body: list };
}

function create(double: HarvesterDouble, { jobConfigurations = [] }: { jobConfigurations?: { description: string }[] }): Answer {
  const id = double.newId();
  double.lists.set(String(id), { id, status: 'Created', jobConfigurations: jobConfigurations.map(({ description }) => ({ description })) });
  return { body: { id } };
}

function complete(list: DoubleList): void {
  if (list.status !== 'Running') return;
  list.status = 'Completed';
  for (const job of list.jobConfigurations) job.jobExitCode = job.description?.startsWith('bad') ? 'ERROR' : 'COMPLETED';
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => void server.close(() => resolve()));
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
