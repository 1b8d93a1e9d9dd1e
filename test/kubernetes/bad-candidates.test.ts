// Candidates that never become ready: each ends the run with exit 1 and its cause, and production is as it was.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { liveProduction, type LiveProduction } from './support/production.ts';

let production: LiveProduction;

beforeAll(async () => {
  production = await liveProduction('t-candidate');
});
afterAll(() => production.world.end());

describe('a candidate that never becomes ready', () => {
  test.each([
    { what: 'an image that does not exist', values: { image: 'changeover.local/nowhere:1' }, words: /image|ErrImageNeverPull/i },
    { what: 'a pod too big for every node', values: { memory: '9Ti' }, words: /memory/i },
    { what: 'a crash loop, with the last lines of its log', values: { crash: true }, words: /the portal cannot start: no such table/ },
  ])('$what: exit 1, the cause, and production untouched', async ({ values, words }) => {
    const { world } = production;
    const { exitCode, stderr } = await world.run('rebuild', world.release(values));
    expect(stderr).toMatch(words);
    expect(exitCode).toBe(1);
    await production.isUntouched();
  });

  test('a load balancer that never gets an address: time is up, and the Service is named', async () => {
    const { world } = production;
    const release = world.release({ annotations: { 'changeover.test/load-balancer': 'none' } });
    const { exitCode, stderr } = await world.run('rebuild', { ...release, readiness: { timeout: '8s' } });
    expect(stderr).toMatch(/Service (ingress|search)/);
    expect(exitCode).toBe(1);
    await production.isUntouched();
  });
});
