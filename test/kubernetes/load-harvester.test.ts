// The load step against the example's real harvester and loader, with a real database behind them; good days and bad ones.

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JobListConfig } from '../../src/config/sections/load.ts';
import type { Cluster } from '../../src/drivers/cluster/cluster.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import type { NamedJob } from '../../src/drivers/drivers.ts';
import { clusterRoute } from '../../src/drivers/http/cluster-route.ts';
import type { Http } from '../../src/drivers/http/http.ts';
import { jobListDriver } from '../../src/drivers/load/job-list.ts';
import { jobDriver } from '../../src/drivers/load/job.ts';
import { secretReader } from '../../src/drivers/secrets.ts';
import type { Json, StepContext } from '../../src/run/step.ts';
import { systemClock } from '../../src/run/system-clock.ts';
import { loadData } from '../../src/steps/loadData.ts';
import type { World } from '../../src/steps/world.ts';
import { loadTestEnvironment } from '../../sim/environment.ts';
import { loadContract, type LoadHarness } from '../contracts/load.ts';
import { connect, makeNamespace, removeNamespace } from './support/namespaces.ts';
import { changeHarvester, exampleImage, installExample, kubectl } from './support/release.ts';

let cluster: Cluster;
let namespace: string;
let runs = 0;
const progress: string[] = [];
const warnings: string[] = [];

beforeAll(async () => {
  cluster = await connect();
  const [made, image] = await Promise.all([makeNamespace(cluster, 'harvest'), exampleImage()]);
  namespace = made;
  await installExample(namespace, { image, loadSeconds: '3' });
});
afterAll(() => removeNamespace(cluster, namespace));

const loader = { name: 'loader', job: { fromJob: 'loader' }, timeout: '1m' };
const harvest = {
  name: 'harvest',
  jobList: {
    base: 'http://harvester.{namespace}.svc.cluster.local:8080/harvester/api/1',
    credentials: { username: 'harvester', password: { secret: { name: 'harvester', key: 'password' } } },
  },
  timeout: '1m',
};

/** The step in a run of its own, with the drivers that a runner outside the cluster has. */
function context(load: readonly object[], more: { readonly strict?: boolean } = {}): StepContext<World, unknown> {
  const http = clusterRoute({ cluster });
  const dataConfig = join(resolve(import.meta.dirname, '../..'), 'examples/portal/data.json');
  const drivers = { load: { job: jobDriver(cluster), jobList: jobListDriver({ http, secrets: secretReader(cluster), dataConfig }) } };
  const environment = loadTestEnvironment({ load, strictErrorChecking: more.strict ?? true });
  let noted: Json | undefined;
  return {
    world: { environment, plan: { candidate: namespace }, drivers } as unknown as World,
    results: {},
    run: { id: `run-${(runs += 1)}`, operation: 'rebuild', epoch: 1 },
    clock: systemClock,
    signal: new AbortController().signal,
    report: ({ message }) => void progress.push(message),
    warn: (message) => void warnings.push(message),
    note: async (intent) => void (noted = intent),
    get noted() {
      return noted;
    },
  };
}

test('the loader and then the harvester fill the database, and the end is noticed soon', async () => {
  const { jobs, failed } = await loadData.act(context([loader, { ...harvest, after: ['loader'] }]));
  expect(jobs.map(({ name, state }) => `${name} ${state}`)).toEqual(['loader succeeded', 'harvest succeeded']);
  expect(failed).toBe(0);
  expect(jobs[1]?.durationMs).toBeLessThan(10_000);
  expect(progress).toContain('harvest: Running, 1 of 3 jobs ended well');
});

test('a job of the list that fails is named, and strict stops the run', async () => {
  await changeHarvester(namespace, { FAIL_JOB: 'Cities of America' });
  await expect(loadData.act(context([harvest]))).rejects.toMatchObject({
    code: 'LoadFailed',
    facts: { summary: expect.stringMatching(/^harvest: Cities of America: ended with ERROR: failing/) },
  });
});

test('not strict, the same failure is told and counted, and the run goes on', async () => {
  const { jobs, failed } = await loadData.act(context([harvest], { strict: false }));
  expect({ failed, states: jobs.map(({ state }) => state) }).toEqual({ failed: 1, states: ['failed'] });
  expect(warnings).toEqual([expect.stringContaining('Cities of America')]);
});

test('a harvester that is killed while it loads has forgotten its list: a failure, after it is back', async () => {
  await changeHarvester(namespace, { FAIL_JOB: '', LOAD_SECONDS: '30' });
  const loading = loadData.act(context([harvest]));
  const forgotten = expect(loading).rejects.toMatchObject({ code: 'LoadFailed', facts: { summary: expect.stringContaining('the harvester has forgotten list') } });
  progress.length = 0;
  await expect.poll(() => progress.at(-1), { timeout: 20_000 }).toMatch(/^harvest: Running/);
  await killHarvester();
  await forgotten;
});

test.each([
  ['html', /answered text\/html that is not JSON/],
  ['foreign', /answers with list of-another-run when asked for list/],
])('a harvester on a bad day (%s) is a failure', async (mode, reason) => {
  await changeHarvester(namespace, { MODE: mode, LOAD_SECONDS: '1' });
  await expect(loadData.act(context([harvest]))).rejects.toMatchObject({ code: 'LoadFailed', facts: { summary: expect.stringMatching(reason) } });
});

async function killHarvester(): Promise<void> {
  const { items } = await cluster.list(kinds.pod, { namespace, labelSelector: 'app=harvester' });
  await kubectl(namespace, 'delete', 'pod', '--grace-period=0', '--force', ...items.map(({ metadata }) => metadata.name));
}

describe('the example’s harvester', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'changeover-harvest-'));
    await writeFile(join(directory, 'good.json'), JSON.stringify({ jobConfigurations: [{ description: 'Cities of Asia', regions: ['Asia'] }] }));
    await writeFile(join(directory, 'bad.json'), JSON.stringify({ jobConfigurations: [{ description: 'Cities of nowhere', regions: ['Nowhere'] }] }));
    await changeHarvester(namespace, { MODE: 'normal', FAIL_JOB: '', LOAD_SECONDS: '2' });
  });
  afterAll(() => rm(directory, { recursive: true }));

  loadContract<NamedJob<JobListConfig>>(async () => harness(directory));
});

/** Asks the harvester itself what became of the lists that this test has made. */
function harness(directory: string): LoadHarness<NamedJob<JobListConfig>> {
  const http = clusterRoute({ cluster });
  const base = harvest.jobList.base.replace('{namespace}', namespace);
  const made: string[] = [];
  const noting: Http = {
    request: async (request) => {
      const response = await http.request(request);
      if (request.url === `${base}/data`) made.push((JSON.parse(response.body) as { readonly id: string }).id);
      return response;
    },
  };
  const statusOf = async (id: string): Promise<string | undefined> => {
    const { body } = await http.request({ method: 'GET', url: `${base}/job/list/${id}`, timeoutMs: 10_000 });
    return (JSON.parse(body) as { readonly status?: string }).status;
  };
  const statuses = (): Promise<readonly (string | undefined)[]> => Promise.all(made.map(statusOf));
  const named = (name: string): NamedJob<JobListConfig> => ({ name, timeoutMs: 60_000, config: { ...harvest.jobList, dataConfig: join(directory, `${name}.json`) } });
  return {
    driver: () => jobListDriver({ http: noting, secrets: secretReader(cluster), dataConfig: undefined }),
    good: named('good'),
    bad: named('bad'),
    badReason: /Cities of nowhere.*no city lies in Nowhere/,
    target: (attempt) => ({ release: namespace, namespace, runId: 'run-1', step: 'loadData', attempt }),
    // It runs one list after the other.
    end: () => expect.poll(async () => (await statuses()).filter((status) => status === 'Queued' || status === 'Running'), { timeout: 30_000 }).toEqual([]),
    // Its lists are in its memory.
    forget: () => changeHarvester(namespace, { ROUND: randomBytes(3).toString('hex') }),
    started: async () => (await statuses()).filter((status) => status !== undefined && status !== 'Created').length,
    close: async () => undefined,
  };
}
