// The simulated harvester: its API, its time, and its bad days.

import { expect, test } from 'vitest';
import { VirtualClock } from '../../sim/clock.ts';
import { SimulatedHarvester, type HarvesterScenario } from '../../sim/harvester.ts';
import type { HttpRequest } from '../../src/drivers/http/http.ts';

const base = 'http://ingress.prod-2hpwr.svc.cluster.local/harvester/api/1';
const authorization = `Basic ${Buffer.from('loader:secret').toString('base64')}`;
const body = JSON.stringify({ jobConfigurations: [{ description: 'cities' }, { description: 'rivers' }] });

function harvester(scenario: HarvesterScenario = {}) {
  const clock = new VirtualClock();
  const simulated = new SimulatedHarvester(clock, scenario);
  const ask = (method: HttpRequest['method'], path: string, more: Partial<HttpRequest> = {}): unknown => {
    const page = simulated.answer({ method, url: base + path, timeoutMs: 1_000, ...more }, 'prod-2hpwr');
    return page?.status === 200 ? JSON.parse(page.body ?? '') : (page?.status ?? page?.body);
  };
  return { clock, simulated, ask };
}

const run = { headers: { authorization } };

test('a list runs for its time, and then every job has its exit code', async () => {
  const { clock, ask } = harvester({ durationMs: 60_000, failingJobs: ['rivers'] });
  expect(ask('POST', '/data', { body })).toEqual({ id: '1' });
  expect(ask('POST', '/job/list/1/run', run)).toMatchObject({ id: '1', status: 'Running' });
  await clock.sleep(59_000);
  expect(ask('GET', '/job/list/1')).toMatchObject({ status: 'Running' });
  await clock.sleep(1_000);
  expect(ask('GET', '/job/list/1')).toEqual({
    id: '1',
    status: 'Completed',
    jobConfigurations: [{ description: 'cities', jobExitCode: 'COMPLETED' }, { description: 'rivers', jobExitCode: 'ERROR' }],
  });
});

test('a list is run once, by who knows the password', () => {
  const { ask, simulated } = harvester();
  ask('POST', '/data', { body });
  expect(ask('POST', '/job/list/1/run')).toBe(401);
  ask('POST', '/job/list/1/run', run);
  expect(ask('POST', '/job/list/1/run', run)).toBe(409);
  expect(simulated.started).toBe(1);
});

test('lists of one release are not those of another', () => {
  const { ask, simulated } = harvester();
  ask('POST', '/data', { body });
  expect(simulated.answer({ method: 'GET', url: `${base}/job/list/1`, timeoutMs: 1_000 }, 'prod-other')).toMatchObject({ status: 404 });
});

test('on its bad days it answers with a page, with 500, with another run’s list, or has forgotten everything', () => {
  const { ask, simulated } = harvester();
  ask('POST', '/data', { body });
  simulated.scenario = { mode: 'html' };
  expect(ask('GET', '/job/list/1')).toContain('<h1>');
  simulated.scenario = { mode: 'error500' };
  expect(ask('GET', '/job/list/1')).toBe(500);
  simulated.scenario = { mode: 'foreign' };
  expect(ask('GET', '/job/list/1')).toMatchObject({ id: 'of-another-run', status: 'Completed' });
  simulated.scenario = {};
  simulated.forget();
  expect(ask('GET', '/job/list/1')).toBe(404);
});

test('every other path is not its business', () => {
  const { simulated } = harvester();
  expect(simulated.answer({ method: 'GET', url: 'http://www.example.org/', timeoutMs: 1_000 }, 'prod-2hpwr')).toBeUndefined();
});
