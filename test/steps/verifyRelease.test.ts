// The last look before the public moves: everything must pass, and what does not is told as the public would see it.

import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../sim/clock.ts';
import { DriverError } from '../../src/drivers/failure.ts';
import type { LoadState, LoadTarget } from '../../src/drivers/load/load.ts';
import type { Json, StepContext } from '../../src/run/step.ts';
import { verifyRelease } from '../../src/steps/verifyRelease.ts';
import type { World } from '../../src/steps/world.ts';
import { noAnswer, verificationWorld, type VerificationWorld } from './verifyRelease-world.ts';

const www = { url: 'https://www.example.org/' };

interface Verification extends VerificationWorld {
  readonly clock: VirtualClock;
  readonly awaited: (readonly string[])[];
  readonly targets: LoadTarget[];
  readonly cancelled: number[];
  jobState: LoadState;
  helmTest: () => Promise<void>;
  helmTests: number;
  noted: Json | undefined;
  context(signal?: AbortSignal): StepContext<World, unknown>;
}

function verification(verify: object): Verification {
  const clock = new VirtualClock({ startAt: 0 });
  const base = verificationWorld({ verify });
  const it: Verification = Object.assign(base, {
    clock,
    awaited: [],
    targets: [],
    cancelled: [],
    jobState: { state: 'succeeded', message: 'done' } as LoadState,
    helmTest: async () => undefined,
    helmTests: 0,
    noted: undefined,
    context: (signal = new AbortController().signal): StepContext<World, unknown> => ({
      world: { ...base.world, drivers: { ...base.world.drivers, load: { job: jobDriver() }, helm: { test: () => ((it.helmTests += 1), it.helmTest()) } } } as unknown as World,
      results: {},
      run: { id: 'run-1', operation: 'rebuild', epoch: 1 },
      clock,
      signal,
      report: ({ awaited }) => void (awaited !== undefined && it.awaited.push(awaited)),
      warn: () => undefined,
      note: async (intent) => void (it.noted = intent),
      noted: it.noted,
    }),
  });
  const jobDriver = (): object => ({
    prepare: async (_: unknown, target: LoadTarget) => (it.targets.push(target), 'handle'),
    start: async () => undefined,
    poll: async () => it.jobState,
    cancel: async () => void it.cancelled.push(clock.now()),
  });
  return it;
}

async function act(it: Verification, signal?: AbortSignal): Promise<unknown> {
  return verifyRelease.act(it.context(signal));
}

describe('HTTP checks', () => {
  test('that pass at once cost one round', async () => {
    const it = verification({ http: [www] });
    expect(await act(it)).toEqual({ httpChecks: 1, jobs: [], helmTest: false });
    expect([it.clock.now(), it.requests.length]).toEqual([0, 1]);
  });

  test('are repeated every second until all pass at once, and tell what is awaited', async () => {
    const it = verification({ http: [www, { url: 'http://api.example.org/' }] });
    it.site = ({ url }) => (url.startsWith('https') && it.clock.now() < 3_000 ? { status: 503 } : {});
    await act(it);
    expect(it.clock.now()).toBe(3_000);
    expect(it.requests).toHaveLength(8);
    expect(it.awaited[0]).toEqual(['GET https://www.example.org/ at 192.0.2.10: answered 503 instead of 200']);
  });

  test('that do not pass in time stop the run: what failed first, everything else after it', async () => {
    const it = verification({ http: [www, { ...www, bodyContains: 'Oslo' }], timeout: '30s' });
    it.site = ({ url }) => (url.startsWith('https') ? { body: 'Bergen', status: 404 } : {});
    await expect(act(it)).rejects.toMatchObject({
      code: 'VerificationFailed',
      facts: {
        summary: 'GET https://www.example.org/ at 192.0.2.10: answered 404 instead of 200',
        object: 'GET https://www.example.org/ at 192.0.2.10',
        reason: 'answered 404 instead of 200',
        details: ['GET https://www.example.org/ at 192.0.2.10: answered 404 instead of 200'],
      },
    });
    expect(it.clock.now()).toBe(30_000);
  });

  test('of a host that is no configured name stop the run at once', async () => {
    const it = verification({ http: [www, { url: 'https://typo.example.org/' }] });
    it.site = () => noAnswer();
    await expect(act(it)).rejects.toMatchObject({ facts: { summary: expect.stringContaining('typo.example.org is not among the names under `dns`') } });
    expect(it.clock.now()).toBe(0);
  });

  test('wait for a cluster that does not answer, and for a load balancer without an address', async () => {
    const it = verification({ http: [www] });
    const { services } = it;
    it.listError = noAnswer('answered 503');
    it.services = [];
    it.clock.after(5_500, () => (it.listError = undefined));
    it.clock.after(10_500, () => (it.services = services));
    await act(it);
    expect(it.clock.now()).toBe(11_000);
    expect(it.awaited.map((lines) => lines.join())).toContain('the Services of the candidate: GET: answered 503');
  });

  test('do not wait for a cluster that refuses', async () => {
    const it = verification({ http: [www] });
    it.listError = new DriverError({ reason: 'forbidden', attempted: 'GET /services', detail: '403' });
    await expect(act(it)).rejects.toMatchObject({ code: 'VerificationFailed', facts: { summary: 'the Services of the candidate: GET /services: 403' } });
    expect(it.clock.now()).toBe(0);
  });

  test('stop when the run is asked to stop', async () => {
    const it = verification({ http: [www] });
    it.site = () => noAnswer();
    const stop = new AbortController();
    it.clock.after(2_500, () => stop.abort(new Error('SIGTERM')));
    await expect(act(it, stop.signal)).rejects.toThrow('SIGTERM');
    expect(it.clock.now()).toBe(2_500);
  });
});

describe('check jobs', () => {
  const jobs = [{ name: 'rows', job: { fromJob: 'count-rows' }, timeout: '1m' }];

  test('run as Jobs of this step, so that a load of the same name is never taken for them', async () => {
    const it = verification({ jobs });
    expect(await act(it)).toMatchObject({ jobs: [{ name: 'rows', state: 'succeeded' }] });
    expect(it.targets).toEqual([{ release: 'prod-2hpwr', namespace: 'prod-2hpwr', runId: 'run-1', step: 'verifyRelease', attempt: 1 }]);
  });

  test('that fail stop the run, whatever strictErrorChecking says', async () => {
    const it = verification({ jobs });
    it.jobState = { state: 'failed', failures: [{ job: 'rows-1', reason: 'exit code 1', object: 'Pod prod-2hpwr/rows-1-x', logTail: '0 rows' }] };
    await expect(act(it)).rejects.toMatchObject({
      code: 'VerificationFailed',
      facts: { summary: 'rows: rows-1: exit code 1', object: 'Pod prod-2hpwr/rows-1-x', reason: 'exit code 1', logTail: '0 rows' },
    });
  });

  test('that take too long stop the run', async () => {
    const it = verification({ jobs });
    it.jobState = { state: 'running', message: 'counting' };
    await expect(act(it)).rejects.toMatchObject({ facts: { summary: 'rows: not done after 1 min: counting' } });
    expect(it.cancelled).toEqual([60_000]);
  });

  test('are not begun before the HTTP checks have passed', async () => {
    const it = verification({ http: [www], jobs, timeout: '5s' });
    it.site = () => noAnswer();
    await expect(act(it)).rejects.toMatchObject({ code: 'VerificationFailed' });
    expect(it.targets).toEqual([]);
  });

  test('that still run are ended when the step is undone', async () => {
    const it = verification({ jobs });
    it.jobState = { state: 'running', message: 'counting' };
    const stop = new AbortController();
    it.clock.after(10_000, () => stop.abort(new Error('SIGTERM')));
    await expect(act(it, stop.signal)).rejects.toThrow('SIGTERM');
    expect(it.cancelled).toEqual([]);
    await verifyRelease.undo?.(it.context());
    expect(it.cancelled).toHaveLength(1);
  });
});

describe('helm test', () => {
  test('runs when it is configured, after everything else has passed', async () => {
    const it = verification({ http: [www], helmTest: true });
    it.site = () => (it.helmTests > 0 ? new Error('too early') : {});
    expect(await act(it)).toMatchObject({ helmTest: true });
    expect(it.helmTests).toBe(1);
  });

  test('that fails stops the run with what helm says, and is not tried again', async () => {
    const it = verification({ helmTest: true });
    it.helmTest = async () => {
      throw new DriverError({ reason: 'invalid', attempted: 'helm test', detail: 'pod smoke failed: no rows' });
    };
    await expect(act(it)).rejects.toMatchObject({ code: 'VerificationFailed', facts: { summary: 'helm test: pod smoke failed: no rows', object: 'release prod-2hpwr' } });
    expect(it.helmTests).toBe(1);
  });

  test('is tried again when the cluster was not reachable', async () => {
    const it = verification({ helmTest: true });
    it.helmTest = async () => {
      if (it.helmTests < 3) throw noAnswer();
    };
    expect(await act(it)).toMatchObject({ helmTest: true });
    expect(it.helmTests).toBe(3);
  });

  test('that is cut short by a request to stop is not a failed test', async () => {
    const it = verification({ helmTest: true });
    const stop = new AbortController();
    it.helmTest = async () => {
      stop.abort(new Error('SIGTERM'));
      throw new DriverError({ reason: 'timeout', attempted: 'helm test' });
    };
    await expect(act(it, stop.signal)).rejects.toThrow('SIGTERM');
  });
});

test('with nothing to check, it is skipped, and the reason says so', () => {
  expect(verifyRelease.skip?.(verification({}).context().world)).toBe('no checks are configured');
  for (const verify of [{ http: [www] }, { helmTest: true }, { jobs: [{ name: 'rows', job: { fromJob: 'x' } }] }]) {
    expect(verifyRelease.skip?.(verification(verify).context().world)).toBeUndefined();
  }
});
