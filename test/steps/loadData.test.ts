// Loading: what runs when, what a failure does with and without strict error checking, and how often anybody is asked.

import { describe, expect, test } from 'vitest';
import { DriverError } from '../../src/drivers/failure.ts';
import { Failure } from '../../src/errors.ts';
import { loadData } from '../../src/steps/loadData.ts';
import { jobNamed, loadWorld, type LoadWorld } from './loadData-world.ts';

const hour = 3_600_000;

async function failureOf(it: LoadWorld): Promise<Failure> {
  const error = await loadData.act(it.context()).catch((thrown: unknown) => thrown);
  if (error instanceof Failure) return error;
  throw new Error(`expected a Failure, not ${JSON.stringify(error)}`);
}

function unavailable(): DriverError {
  return new DriverError({ reason: 'unavailable', attempted: 'GET /job/list/7', detail: 'answered 503' });
}

/** Throws while the job is polled between the two times. */
function silentBetween(it: LoadWorld, fromMs: number, toMs: number): void {
  it.disturb = (moment) => {
    if (moment.startsWith('before poll') && it.clock.now() >= fromMs && it.clock.now() < toMs) throw unavailable();
  };
}

describe('the jobs', () => {
  test('run side by side, unless one is to come after others', async () => {
    const it = loadWorld([jobNamed('c', { after: ['a', 'b'] }), jobNamed('a'), jobNamed('b')], { scripts: { b: { lastsMs: 20_000 } } });
    const result = await loadData.act(it.context());
    expect(it.calls.filter((call) => call.includes('start'))).toEqual(['0 s: start a 1', '0 s: start b 1', expect.stringMatching(/^20\.?\d* s: start c 1$/)]);
    expect(result.jobs.map(({ name, state }) => `${name} ${state}`)).toEqual(['c succeeded', 'a succeeded', 'b succeeded']);
    expect(result.failed).toBe(0);
  });

  test('are skipped when there are none, and the reason says so', () => {
    expect(loadData.skip?.(loadWorld([]).context().world)).toBe('no load jobs are configured');
    expect(loadData.skip?.(loadWorld([jobNamed('a')]).context().world)).toBeUndefined();
  });

  test.each([
    ['wait for each other in a circle', [jobNamed('a', { after: ['b'] }), jobNamed('b', { after: ['a'] })]],
    ['wait for a job that is not there', [jobNamed('a', { after: ['nobody'] })]],
  ])('that %s are refused instead of waiting for ever', async (_, load) => {
    const it = loadWorld(load);
    expect((await failureOf(it)).code).toBe('ConfigurationInvalid');
    expect(it.calls).toEqual([]);
  });

  test('tell how they fare: each change once, and what is awaited besides', async () => {
    const it = loadWorld([jobNamed('a'), jobNamed('b')], { scripts: { b: { lastsMs: 25 * 60_000 } } });
    await loadData.act(it.context());
    expect(it.progress.map(({ message }) => message)).toEqual(['a: loading', 'b: loading', 'a succeeded after 10 s', 'b: loading', 'b: loading', expect.stringMatching(/^b succeeded after 15\d\d s$/)]);
    expect(it.progress[1]?.awaited).toEqual(['a: loading']);
  });
});

describe('the end of a load', () => {
  test.each([
    // Below 25 seconds 2 % would be less than the half second between two looks.
    { length: '20 seconds', lastsMs: 20_000, withinMs: 500, polls: 45 },
    { length: '25 seconds', lastsMs: 25_001, withinMs: 501, polls: 55 },
    { length: '10 minutes', lastsMs: 600_000, withinMs: 12_000, polls: 240 },
    { length: '2 hours', lastsMs: 2 * hour, withinMs: 15_000, polls: 800 },
    { length: '48 hours', lastsMs: 48 * hour - 1, withinMs: 15_000, polls: 12_600 },
  ])('of $length is noticed in time, without asking all the time', async ({ lastsMs, withinMs, polls }) => {
    const it = loadWorld([jobNamed('a', { timeout: '50h' })], { scripts: { a: { lastsMs } } });
    const { jobs } = await loadData.act(it.context());
    const lateMs = (jobs[0]?.durationMs ?? Number.NaN) - lastsMs;
    expect(lateMs).toBeGreaterThanOrEqual(0);
    expect(lateMs).toBeLessThanOrEqual(withinMs);
    expect(it.polls).toBeLessThanOrEqual(polls);
  });

  test('that does not come by the time-out is a failure, and the job is ended', async () => {
    const it = loadWorld([jobNamed('a', { timeout: '1h' })], { scripts: { a: { lastsMs: 2 * hour } } });
    expect((await failureOf(it)).facts.summary).toBe('a: not done after 1 h: loading');
    expect(it.calls.at(-1)).toBe('3600 s: cancel a 1');
  });
});

describe('strict', () => {
  test('a failed job stops the run, ends the others and starts no further ones', async () => {
    const it = loadWorld([jobNamed('a'), jobNamed('b'), jobNamed('c', { after: ['a'] })], { scripts: { a: { ends: ['badly'] }, b: { lastsMs: hour } } });
    const { code, facts } = await failureOf(it);
    expect({ code, ...facts }).toMatchObject({
      code: 'LoadFailed',
      summary: 'a: table of a: ended with ERROR',
      object: 'Pod prod-2hpwr/a-x',
      reason: 'ended with ERROR',
      logTail: 'log of a',
    });
    expect([...it.cancelled]).toEqual(['a 1', 'b 1']);
    expect(it.startedAt.has('c 1')).toBe(false);
    expect(it.clock.now()).toBeLessThan(20_000);
  });

  test('names every failed part of a job', async () => {
    const failures = [{ job: 'cities', reason: 'ended with ERROR' }, { job: 'roads', reason: 'has no exit code' }];
    const it = loadWorld([jobNamed('a')], { scripts: { a: { ends: [{ state: 'failed', failures }] } } });
    const { facts } = await failureOf(it);
    expect([facts.summary, ...(facts.details ?? [])]).toEqual(['a: cities: ended with ERROR, and 1 more', 'a: roads: has no exit code']);
  });

  test('a job that failed without a reason has failed all the same', async () => {
    const it = loadWorld([jobNamed('a')], { scripts: { a: { ends: [{ state: 'failed', failures: [] }] } } });
    expect((await failureOf(it)).facts.summary).toBe('a: failed without a reason');
  });

  test.each(['prepare', 'start', 'poll'])('a refusal to %s is a failure at once', async (call) => {
    const it = loadWorld([jobNamed('a')]);
    it.disturb = (moment) => {
      if (moment === `before ${call} a`) throw new DriverError({ reason: 'forbidden', attempted: 'POST /run', detail: 'answered 401' });
    };
    expect((await failureOf(it)).facts.summary).toBe('a: POST /run: answered 401');
    expect(it.clock.now()).toBe(0);
  });

  test('what cannot be ended is told, and does not hide why the run failed', async () => {
    const it = loadWorld([jobNamed('a'), jobNamed('b')], { scripts: { a: { ends: ['badly'] }, b: { lastsMs: hour } } });
    it.disturb = (moment) => {
      if (moment === 'before cancel b') throw new DriverError({ reason: 'forbidden', attempted: 'delete Job b' });
    };
    expect((await failureOf(it)).code).toBe('LoadFailed');
    expect(it.warnings).toEqual(['b could not be ended: delete Job b']);
  });

  test('a mistake of the program is not taken for a failed job, and the others stop with it', async () => {
    const it = loadWorld([jobNamed('a'), jobNamed('b')], { scripts: { b: { lastsMs: hour } } });
    it.disturb = (moment) => {
      if (moment === 'after poll a') throw new TypeError('undefined is not a function');
    };
    await expect(loadData.act(it.context())).rejects.toThrow(TypeError);
    expect(it.cancelled.size).toBe(0);
  });
});

describe('not strict', () => {
  const scripts = { a: { ends: ['badly'] }, b: { lastsMs: 60_000 } } as const;

  test('a failed job is told and counted, the others run on, also those that come after it', async () => {
    const it = loadWorld([jobNamed('a'), jobNamed('b'), jobNamed('c', { after: ['a'] })], { strict: false, scripts });
    const result = await loadData.act(it.context());
    expect(result.jobs.map(({ name, state }) => `${name} ${state}`)).toEqual(['a failed', 'b succeeded', 'c succeeded']);
    expect(result.failed).toBe(1);
    expect(it.warnings).toEqual(['load job a: table of a: ended with ERROR; the run goes on, since strictErrorChecking is off']);
  });

  test('a job that could not be ended may load on while the public is there: a warning says so', async () => {
    const it = loadWorld([jobNamed('a', { timeout: '1m' })], { strict: false, scripts: { a: { lastsMs: hour } } });
    it.disturb = (moment) => {
      if (moment === 'before cancel a') throw new DriverError({ reason: 'forbidden', attempted: 'delete Job a', detail: '403' });
    };
    expect(await loadData.act(it.context())).toMatchObject({ failed: 1 });
    expect(it.warnings[0]).toBe('a: what is left of try 1 could not be ended, and may load on: delete Job a: 403');
  });

  test('is not told again by the process that goes on after a kill', async () => {
    const it = loadWorld([jobNamed('a'), jobNamed('b')], { strict: false, scripts });
    const stop = new AbortController();
    it.clock.after(30_000, () => stop.abort(new Error('SIGTERM')));
    await loadData.act(it.context(stop.signal)).catch(() => undefined);
    expect(await loadData.act(it.context())).toMatchObject({ failed: 1 });
    expect(it.warnings).toHaveLength(1);
  });
});

describe('a further try', () => {
  test('follows a failure as often as the job has retries, each as a job of its own', async () => {
    const it = loadWorld([jobNamed('a', { retries: 2 })], { scripts: { a: { ends: ['badly', 'badly', 'well'] } } });
    expect((await loadData.act(it.context())).jobs).toMatchObject([{ state: 'succeeded', attempts: 3, failures: [] }]);
    expect(it.calls.map((call) => call.split(': ')[1])).toEqual(['prepare a 1', 'start a 1', 'cancel a 1', 'prepare a 2', 'start a 2', 'cancel a 2', 'prepare a 3', 'start a 3']);
  });

  test('is the last one when the retries are used up', async () => {
    const it = loadWorld([jobNamed('a', { retries: 1 })], { scripts: { a: { ends: ['badly'] } } });
    expect((await failureOf(it)).code).toBe('LoadFailed');
    expect([...it.prepared]).toEqual(['a 1', 'a 2']);
  });

  test('does not prolong the time-out, which is for all tries together', async () => {
    const it = loadWorld([jobNamed('a', { retries: 10, timeout: '1m' })], { scripts: { a: { lastsMs: 25_000, ends: ['badly'] } } });
    await failureOf(it);
    expect(it.clock.now()).toBeLessThanOrEqual(60_000);
    expect([...it.prepared]).toEqual(['a 1', 'a 2']);
  });
});

describe('silence', () => {
  test('that passes within five minutes costs nothing but time', async () => {
    const it = loadWorld([jobNamed('a')], { scripts: { a: { lastsMs: 60_000 } } });
    silentBetween(it, 20_000, 300_000);
    expect((await loadData.act(it.context())).jobs).toMatchObject([{ state: 'succeeded' }]);
    expect(it.clock.now()).toBeLessThanOrEqual(310_000);
  });

  test('that lasts longer makes the result unreadable, which is a failure', async () => {
    const it = loadWorld([jobNamed('a')], { scripts: { a: { lastsMs: 60_000 } } });
    silentBetween(it, 20_000, Number.POSITIVE_INFINITY);
    expect((await failureOf(it)).facts.summary).toBe('a: no readable answer for 5 min: GET /job/list/7: answered 503');
    expect(it.clock.now()).toBeLessThanOrEqual(325_000);
    expect(it.polls).toBeLessThan(100);
  });

  test('is counted anew after each answer', async () => {
    const it = loadWorld([jobNamed('a')], { scripts: { a: { lastsMs: 20 * 60_000 } } });
    it.disturb = (moment) => {
      if (moment === 'before poll a' && it.clock.now() % 240_000 > 15_000) throw unavailable();
    };
    expect((await loadData.act(it.context())).jobs).toMatchObject([{ state: 'succeeded' }]);
  });
});
