// The load step against the example's real harvester and loader, with a real database behind them; good days and bad ones.

import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cluster } from '../../src/drivers/cluster/cluster.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { clusterRoute } from '../../src/drivers/http/cluster-route.ts';
import { jobListDriver } from '../../src/drivers/load/job-list.ts';
import { jobDriver } from '../../src/drivers/load/job.ts';
import { secretReader } from '../../src/drivers/secrets.ts';
import type { Json, StepContext } from '../../src/run/step.ts';
import { systemClock } from '../../src/run/system-clock.ts';
import { loadData } from '../../src/steps/loadData.ts';
import type { World } from '../../src/steps/world.ts';
import { loadTestEnvironment } from '../../sim/environment.ts';
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
