// The HTTP API of the classic harvester over the job lists: create, run (with basic authentication), look.
// A "bad day" makes it answer as broken harvesters do, for trying what a caller makes of it.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { parseDataConfiguration, type JobLists } from './job-lists.ts';
import { json, type Answer, type Handler } from './server.ts';

/** What the chart's value `harvester.mode` may be. */
export const harvesterModes = ['normal', 'html', 'error500', 'forgets', 'foreign'] as const;
export type HarvesterMode = (typeof harvesterModes)[number];

export interface HarvesterApiOptions {
  lists: JobLists;
  username: string;
  password: string;
  mode: HarvesterMode;
}

// The paths of the classic harvester, which callers have in their configuration.
const base = '/harvester/api/1';
const maximumBodyBytes = 1_000_000;

export function harvesterHandler(options: HarvesterApiOptions): Handler {
  return async (request, url) => {
    if (!url.pathname.startsWith(`${base}/`)) return json(404, { error: 'not found' });
    if (options.mode === 'html') return { status: 200, headers: { 'content-type': 'text/html' }, body: '<h1>Please log in</h1>\n' };
    if (options.mode === 'error500') return json(500, { error: 'the harvester has a bad day' });
    const route = `${request.method} ${url.pathname.slice(base.length)}`;
    if (route === 'POST /data') return createList(options, request);
    const [, method, id = '', run] = /^(GET|POST) \/job\/list\/([^/]+)(\/run)?$/.exec(route) ?? [];
    if (method === 'POST' && run !== undefined) return runList(options, request, id);
    if (method === 'GET' && run === undefined) return showList(options, id);
    return json(404, { error: 'not found' });
  };
}

async function createList({ lists }: HarvesterApiOptions, request: IncomingMessage): Promise<Answer> {
  try {
    const body = await readBody(request);
    if (body === undefined) return json(413, { error: `more than ${maximumBodyBytes} bytes` });
    return json(200, { id: lists.create(parseDataConfiguration(JSON.parse(body))) });
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return json(400, { error: error.message });
    throw error;
  }
}

// No authentication for creating and looking, as with the classic harvester: only what changes the data is guarded.
function runList(options: HarvesterApiOptions, request: IncomingMessage, id: string): Answer {
  if (!isAllowed(options, request.headers.authorization)) {
    const answer = json(401, { error: 'name and password are needed to run a job list' });
    return { ...answer, headers: { ...answer.headers, 'www-authenticate': 'Basic realm="harvester"' } };
  }
  const result = options.lists.run(id);
  if (result === 'missing') return json(404, { error: `no job list ${id}` });
  if (result === 'again') return json(409, { error: `job list ${id} was run before` });
  return json(200, options.lists.get(id));
}

function showList({ lists, mode }: HarvesterApiOptions, id: string): Answer {
  const list = lists.get(id);
  if (list === undefined) return json(404, { error: `no job list ${id}` });
  if (mode === 'foreign') return json(200, { ...list, id: 'of-another-run', status: 'Completed', jobConfigurations: [] });
  const answer = json(200, list);
  // Known once and gone the next time: what a restart between two polls looks like.
  if (mode === 'forgets' && list.status !== 'Created') lists.forget();
  return answer;
}

/** Undefined for a body that is too long; the rest of it is not read. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maximumBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Compares digests, so that the time it takes tells nothing about the password. */
function isAllowed({ username, password }: HarvesterApiOptions, header = ''): boolean {
  const expected = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  return timingSafeEqual(digest(header), digest(expected));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
