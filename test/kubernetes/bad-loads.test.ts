// Candidates that become ready and are no good: failed loads and failed checks, strict and not, thrown away or kept for a look.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { liveProduction, type LiveProduction } from './support/production.ts';

let production: LiveProduction;

beforeAll(async () => {
  production = await liveProduction('t-load');
});
afterAll(() => production.world.end());

describe('a candidate that is ready and no good', () => {
  test.each([
    { what: 'a failed load job, with the tail of its log', values: { loaderExit: 4 }, words: /row 17: bad value/ },
    { what: 'answers that do not pass verification', values: { status: 500 }, words: /answered 500 instead of 200/, more: { verify: { http: [{ url: 'http://t-load-www.example.test/' }], timeout: '2s' } } },
  ])('$what: exit 1, the cause, and production untouched', async ({ values, words, more }) => {
    const { world } = production;
    const { exitCode, stderr } = await world.run('rebuild', { ...world.release(values), ...more });
    expect(stderr).toMatch(words);
    expect(exitCode).toBe(1);
    await production.isUntouched();
  });

  test('one failed job, not strict: it is told, and the run goes on', async () => {
    const { world } = production;
    const { exitCode, stderr } = await world.run('rebuild', { ...world.release({ loaderExit: 4 }), strictErrorChecking: false });
    expect(stderr).toMatch(/base/);
    expect(exitCode).toBe(0);
    expect(await world.releases()).not.toContain(production.live());
  });

  test('kept for a look when so configured, and cleaned up by the next run', async () => {
    const { world } = production;
    const failed = await world.run('rebuild', world.release({ loaderExit: 4 }, { onFailure: 'keep' }));
    expect(failed.exitCode).toBe(1);
    expect(await world.releases()).toHaveLength(2);
    const next = await world.run('rebuild');
    expect(next.exitCode, next.stderr).toBe(0);
    expect(await world.releases()).toHaveLength(1);
  });
});
