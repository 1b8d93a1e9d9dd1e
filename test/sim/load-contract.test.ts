// The load drivers in the simulated world keep the contract of load drivers: so a simulated load proves something.

import { describe } from 'vitest';
import { simulate, type Scenario } from '../../sim/world.ts';
import type { JobListConfig, JobSource } from '../../src/config/sections/load.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import type { NamedJob } from '../../src/drivers/drivers.ts';
import type { LoadTarget } from '../../src/drivers/load/load.ts';
import { loadContract, type LoadHarness } from '../contracts/load.ts';
import { deployment, job, namespace, object, service } from '../support/objects.ts';

const release = 'prod-2hpwr';
const target = (attempt: number): LoadTarget => ({ release, namespace: release, runId: 'run-1', step: 'loadData', attempt });

function named<Config>(name: string, config: Config): NamedJob<Config> {
  return { name, timeoutMs: 3_600_000, config };
}

describe('Kubernetes Jobs in the simulated world', () => {
  const scenario: Scenario = {
    cluster: { behaviours: { 'Job/good': { afterMs: 30_000 }, 'Job/bad': { afterMs: 30_000, outcome: 'fails', log: 'no such table' } } },
    objects: [namespace(release), ...['good', 'bad'].map((name) => job(name, { namespace: release, suspend: true }))],
  };
  loadContract<NamedJob<JobSource>>(() => openJobs(scenario));
});

async function openJobs(scenario: Scenario): Promise<LoadHarness<NamedJob<JobSource>>> {
  const world = await simulate(scenario);
  return {
    driver: () => world.start().drivers.load.job,
    good: named('good', { fromJob: 'good' }),
    bad: named('bad', { fromJob: 'bad' }),
    badReason: /exit/i,
    target,
    end: () => world.clock.sleep(40_000),
    forget: async () => {
      const { items } = await world.cluster.list(kinds.job, { namespace: release });
      for (const { metadata } of items.filter((item) => !['good', 'bad'].includes(item.metadata.name))) {
        await world.cluster.delete({ kind: kinds.job, name: metadata.name, namespace: release }, metadata.uid ?? '');
      }
    },
    started: () => world.requests.filter(({ text }) => text.startsWith('cluster.create jobs')).length,
    close: async () => undefined,
  };
}

describe('job lists in the simulated world', () => {
  const password = object('v1 Secret', 'harvester', { namespace: release, data: { password: Buffer.from('secret').toString('base64') } });
  const scenario: Scenario = {
    objects: [namespace(release), password, deployment('ingress', { namespace: release }), service('ingress', { namespace: release })],
    harvester: { durationMs: 30_000, failingJobs: ['bad cities'] },
    pages: {
      'https://data.example.org/good.json': { body: JSON.stringify({ jobConfigurations: [{ description: 'cities' }] }) },
      'https://data.example.org/bad.json': { body: JSON.stringify({ jobConfigurations: [{ description: 'bad cities' }] }) },
    },
  };
  loadContract<NamedJob<JobListConfig>>(() => openLists(scenario));
});

async function openLists(scenario: Scenario): Promise<LoadHarness<NamedJob<JobListConfig>>> {
  const world = await simulate(scenario);
  await world.clock.sleep(10_000);
  const base = `http://ingress.${release}.svc.cluster.local/harvester/api/1`;
  const credentials = { username: 'loader', password: { secret: { name: 'harvester', key: 'password' } } };
  const config = (name: string): JobListConfig => ({ base, credentials, dataConfig: `https://data.example.org/${name}.json` });
  return {
    driver: () => world.start().drivers.load.jobList,
    good: named('good', config('good')),
    bad: named('bad', config('bad')),
    badReason: /bad cities.*ERROR/,
    target,
    end: () => world.clock.sleep(40_000),
    forget: async () => world.harvester.forget(),
    started: () => world.harvester.started,
    close: async () => undefined,
  };
}
