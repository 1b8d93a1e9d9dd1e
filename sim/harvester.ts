// The classic harvester behind a release's ingress: job lists that run for their time on the virtual clock.

import type { HttpRequest } from '../src/drivers/http/http.ts';
import type { VirtualClock } from './clock.ts';
import type { Page } from './http.ts';

export interface HarvesterScenario {
  /** From the start of a list to its end. Default 60000. */
  readonly durationMs?: number;
  /** Descriptions of the jobs that end with ERROR. */
  readonly failingJobs?: readonly string[];
  /** `echo`: refuses, and repeats what it was sent. */
  readonly mode?: 'normal' | 'html' | 'error500' | 'foreign' | 'echo';
  /** Default: `loader` and `secret`. */
  readonly username?: string;
  readonly password?: string;
  /** Runs the lists of whoever comes. */
  readonly open?: boolean;
}

interface List {
  readonly id: string;
  readonly jobs: readonly string[];
  startedAt?: number;
}

export class SimulatedHarvester {
  /** Mutable, so that a scenario can change between two requests. */
  scenario: HarvesterScenario;
  /** How many lists were started, in all releases. */
  started = 0;
  readonly #clock: VirtualClock;
  readonly #lists = new Map<string, List>();

  constructor(clock: VirtualClock, scenario: HarvesterScenario = {}) {
    this.#clock = clock;
    this.scenario = scenario;
  }

  /** It restarts, and all its lists are gone. */
  forget(): void {
    this.#lists.clear();
  }

  /** The answer to a request of the job-list API; undefined for every other path. */
  answer(request: HttpRequest, namespace: string): Page | undefined {
    const { pathname } = new URL(request.url);
    const [, route] = /^\/harvester\/api\/1(\/.*)$/.exec(pathname) ?? [];
    if (route === undefined) return undefined;
    if (this.scenario.mode === 'html') return { body: '<h1>Please log in</h1>', headers: { 'content-type': 'text/html' } };
    if (this.scenario.mode === 'error500') return json(500, { error: 'the harvester has a bad day' });
    if (this.scenario.mode === 'echo') return json(400, { error: `not understood: ${request.body ?? ''} ${JSON.stringify(request.headers)}` });
    if (request.method === 'POST' && route === '/data') return this.#submit(request.body ?? '', namespace);
    const [, id = '', run] = /^\/job\/list\/([^/]+)(\/run)?$/.exec(route) ?? [];
    const list = this.#lists.get(`${namespace}/${id}`);
    if (list === undefined) return json(404, { error: `no job list ${id}` });
    return request.method === 'POST' && run !== undefined ? this.#run(list, request) : this.#show(list);
  }

  #submit(body: string, namespace: string): Page {
    // Of a data configuration that names none, the harvester makes its jobs itself.
    const { jobConfigurations = [{ description: 'all of it' }] } = JSON.parse(body) as { readonly jobConfigurations?: readonly { readonly description: string }[] };
    const id = String(this.#lists.size + 1);
    this.#lists.set(`${namespace}/${id}`, { id, jobs: jobConfigurations.map(({ description }) => description) });
    return json(200, { id });
  }

  #run(list: List, { headers = {} }: HttpRequest): Page {
    const { username = 'loader', password = 'secret', open = false } = this.scenario;
    const expected = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    if (!open && (headers['authorization'] ?? headers['Authorization']) !== expected) return json(401, { error: 'unauthorized' });
    if (list.startedAt !== undefined) return json(409, { error: `job list ${list.id} was run before` });
    list.startedAt = this.#clock.now();
    this.started += 1;
    return this.#show(list);
  }

  #show({ id, jobs, startedAt }: List): Page {
    const { mode, failingJobs = [], durationMs = 60_000 } = this.scenario;
    if (mode === 'foreign') return json(200, { id: 'of-another-run', status: 'Completed', jobConfigurations: [] });
    const isOver = startedAt !== undefined && this.#clock.now() >= startedAt + durationMs;
    const exitCode = (job: string): string => (failingJobs.includes(job) ? 'ERROR' : 'COMPLETED');
    const jobConfigurations = jobs.map((description) => (isOver ? { description, jobExitCode: exitCode(description) } : { description }));
    const status = startedAt === undefined ? 'Created' : isOver ? 'Completed' : 'Running';
    return json(200, { id, status, jobConfigurations });
  }
}

function json(status: number, body: object): Page {
  return { status, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}
