// The job-list driver against a harvester on the loopback interface: a good one, and all the ways of being a bad one.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JobListConfig } from '../../src/config/sections/load.ts';
import type { NamedJob, Secrets } from '../../src/drivers/drivers.ts';
import { directHttp } from '../../src/drivers/http/request.ts';
import { jobListDriver } from '../../src/drivers/load/job-list.ts';
import type { LoadDriver, LoadState } from '../../src/drivers/load/load.ts';
import { loadContract } from '../contracts/load.ts';
import { startHarvester, type Answer, type HarvesterDouble } from './load-harvester.ts';

const loopbackHttp = directHttp();
const target = { release: 'prod-2hpwr', namespace: 'prod-2hpwr', runId: 'r1', step: 'loadData', attempt: 1 };
const secrets: Secrets = { read: async (source, namespace) => `${JSON.stringify(source).includes('hidden') ? 'hunter2' : ''}-${namespace}` };
const credentials = { username: 'admin', password: { secret: { name: 'harvester', key: 'hidden' } } };

let folder: string;
let harvester: HarvesterDouble;
let driver: LoadDriver<NamedJob<JobListConfig>>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'changeover-load-'));
  harvester = await startHarvester();
  driver = jobListDriver({ http: loopbackHttp, secrets, dataConfig: await dataConfig('Cities', 'Countries') });
});

afterEach(async () => {
  await harvester.close();
  await rm(folder, { recursive: true });
});

async function dataConfig(...descriptions: string[]): Promise<string> {
  const path = join(folder, `${descriptions.join('-')}.json`);
  await writeFile(path, JSON.stringify({ jobConfigurations: descriptions.map((description) => ({ description })) }));
  return path;
}

function job(config: Partial<JobListConfig> = {}): NamedJob<JobListConfig> {
  return { name: 'harvest', timeoutMs: 1_000, config: { base: harvester.base, ...config } };
}

async function started(config: Partial<JobListConfig> = {}): Promise<() => Promise<LoadState>> {
  const handle = await driver.prepare(job(config), target);
  await driver.start(job(config), target, handle);
  return () => driver.poll(job(config), target, handle);
}

function interfere(route: RegExp, answer: Answer): void {
  harvester.interfere = (request) => (route.test(request) ? answer : undefined);
}

loadContract(async () => {
  const [good, bad] = [await dataConfig('Cities'), await dataConfig('Cities', 'bad weather')];
  return {
    driver: () => jobListDriver({ http: loopbackHttp, secrets, dataConfig: undefined }),
    good: job({ dataConfig: good }),
    bad: job({ dataConfig: bad }),
    badReason: /^bad weather ended with ERROR$/,
    target: (attempt) => ({ ...target, attempt }),
    end: async () => harvester.complete(),
    forget: async () => harvester.lists.clear(),
    started: () => harvester.runs,
    close: async () => undefined,
  };
});

describe('a load', () => {
  test('is submitted, looked at, and run: these requests and no others', async () => {
    const poll = await started();
    await poll();
    expect(harvester.requests).toEqual(['POST /data', 'GET /job/list/list-1', 'GET /job/list/list-1', 'POST /job/list/list-1/run', 'GET /job/list/list-1']);
    expect(JSON.parse(harvester.bodies[0] ?? '')).toEqual({ jobConfigurations: [{ description: 'Cities' }, { description: 'Countries' }] });
  });

  test('tells how far it is', async () => {
    const poll = await started();
    Object.assign(harvester.lists.get('list-1')?.jobConfigurations[0] ?? {}, { jobExitCode: 'COMPLETED' });
    Object.assign(harvester.lists.get('list-1')?.jobConfigurations[1] ?? {}, { jobExitCode: 'ERROR' });
    expect(await poll()).toEqual({ state: 'running', message: 'Running, 1 of 2 jobs ended well, 1 failed' });
  });

  test('carries name and password as basic authentication, with every request', async () => {
    await started({ credentials });
    const header = `Basic ${Buffer.from('admin:hunter2-prod-2hpwr').toString('base64')}`;
    expect(harvester.authorizations).toEqual([header, header, header, header]);
  });

  test('reads the password once, not with every look', async () => {
    let reads = 0;
    driver = jobListDriver({ http: loopbackHttp, dataConfig: await dataConfig('Cities'), secrets: { read: async () => `${(reads += 1)}` } });
    const poll = await started({ credentials });
    await poll();
    expect(reads).toBe(1);
  });

  test('reads the password again when it could not be read', async () => {
    const answers = [new Error('not yet'), 'hunter2'];
    const read = async (): Promise<string> => {
      const answer = answers.shift();
      if (typeof answer === 'string') return answer;
      throw answer ?? new Error('asked too often');
    };
    driver = jobListDriver({ http: loopbackHttp, dataConfig: await dataConfig('Cities'), secrets: { read } });
    await expect(driver.prepare(job({ credentials }), target)).rejects.toThrow('not yet');
    expect(await driver.prepare(job({ credentials }), target)).toMatchObject({ id: 'list-1' });
  });

  test('goes to the candidate: {namespace} in its address is filled in', async () => {
    const asked: string[] = [];
    const http = { request: async (request: Parameters<typeof loopbackHttp.request>[0]) => (asked.push(request.url), loopbackHttp.request({ ...request, url: `${harvester.base}/data` })) };
    driver = jobListDriver({ http, secrets, dataConfig: await dataConfig('Cities') });
    await driver.prepare(job({ base: 'http://ingress.{namespace}.svc.cluster.local/api/' }), target).catch(() => undefined);
    expect(asked[0]).toBe('http://ingress.prod-2hpwr.svc.cluster.local/api/data');
  });

  test.each([{ id: 7 }, { id: 0 }, { id: 'a/b c' }])('may have the id $id', async ({ id }) => {
    harvester.newId = () => id;
    const poll = await started();
    harvester.complete();
    expect(await poll()).toMatchObject({ state: 'succeeded' });
  });

  test('is list 1 where the answer names none, as with the classic harvester', async () => {
    interfere(/^POST \/data/, { body: { organisations: 3 } });
    harvester.lists.set('1', { id: '1', status: null, jobConfigurations: [{ description: 'Cities' }, { description: 'Countries' }] });
    const poll = await started();
    harvester.complete();
    expect(await poll()).toMatchObject({ state: 'succeeded' });
  });
});

describe('a harvester that answers', () => {
  test.each([
    ['503', { status: 503 }, 'unavailable'],
    ['500 with a page', { status: 500, body: '<h1>oops</h1>' }, 'unavailable'],
    ['429', { status: 429, headers: { 'retry-after': '7' } }, 'unavailable'],
  ])('%s to a look may answer better the next time', async (_, answer, reason) => {
    const poll = await started();
    interfere(/^GET/, answer);
    await expect(poll()).rejects.toMatchObject({ reason });
  });

  test.each([
    ['HTML', { body: '<h1>Please log in</h1>', headers: { 'content-type': 'text/html' } }, /answered text\/html that is not JSON/],
    ['nothing', { body: '' }, /not JSON/],
    ['JSON that is no list', { body: [1, 2] }, /not a job list/],
    ['an empty object', { body: {} }, /answers with a list without an id/],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1/login' } }, /answered 302/],
    ['401', { status: 401, body: { error: 'who are you?' } }, /answered 401: .*who are you\?/],
    ['404', { status: 404 }, /has forgotten list list-1: .* answered 404/],
    ['another list, completed', { body: { id: 'list-0', status: 'Completed', jobConfigurations: [] } }, /answers with list list-0, not with list list-1 of this run/],
  ])('%s to a look has failed', async (_, answer, reason) => {
    const poll = await started();
    interfere(/^GET/, answer);
    expect(await poll()).toEqual({ state: 'failed', failures: [{ job: 'harvest', reason: expect.stringMatching(reason), object: expect.stringMatching(/^list list-1 at http:.*\/harvester\/api\/1$/) }] });
  });

  test.each([
    { when: 'to the data configuration', route: /^POST \/data/, answer: { status: 400, body: { error: 'no jobs' } }, error: { reason: 'invalid', detail: 'answered 400: {"error":"no jobs"}' } },
    { when: 'to the data configuration, with a page', route: /^POST \/data/, answer: { body: '<html>' }, error: { reason: 'unreadable' } },
    { when: 'to the data configuration, for lack of rights', route: /^POST \/data/, answer: { status: 403 }, error: { reason: 'forbidden' } },
    { when: 'to the first look', route: /^GET/, answer: { status: 404 }, error: { reason: 'notFound' } },
    { when: 'to the first look, with another list', route: /^GET/, answer: { body: { id: 'other' } }, error: { reason: 'unreadable' } },
    { when: 'to the first look, with a completed list', route: /^GET/, answer: { body: { id: 'list-1', status: 'Completed' } }, error: { reason: 'unreadable', detail: 'list list-1 is Completed before it was run' } },
    { when: 'to running, with a page', route: /run$/, answer: { body: '<html>' }, error: { reason: 'unreadable' } },
    { when: 'to running, with 500', route: /run$/, answer: { status: 500 }, error: { reason: 'unavailable' } },
  ])('badly $when is refused before it loads', async ({ route, answer, error }) => {
    interfere(route, answer);
    await expect(started()).rejects.toMatchObject(error);
  });

  test('that the list was run before is believed, and asked for its state', async () => {
    interfere(/run$/, { status: 409 });
    const poll = await started();
    expect(await poll()).toMatchObject({ state: 'running' });
  });

  test('with the password in its error does not get it printed', async () => {
    interfere(/run$/, { status: 400, body: `no: admin:hunter2-prod-2hpwr Basic ${Buffer.from('admin:hunter2-prod-2hpwr').toString('base64')}` });
    const error = await started({ credentials }).catch(String);
    expect(error).toMatch(/answered 400: no: admin:… Basic …$/);
  });

  test('not at all is not a result', async () => {
    const poll = await started();
    await harvester.close();
    await expect(poll()).rejects.toMatchObject({ reason: 'unavailable' });
    harvester = await startHarvester();
  });
});
