// What every load driver owes the load step, whatever runs the jobs: found again, started once, never a success by accident.

import { expect, test } from 'vitest';
import type { LoadDriver, LoadState, LoadTarget } from '../../src/drivers/load/load.ts';
import type { Json } from '../../src/run/step.ts';

export interface LoadHarness<Job> {
  /** A driver as a new process would make it: it remembers nothing. */
  readonly driver: () => LoadDriver<Job>;
  readonly good: Job;
  readonly bad: Job;
  /** What the failure of `bad` must tell. */
  readonly badReason: RegExp;
  readonly target: (attempt: number) => LoadTarget;
  /** Lets everything that was started come to its end. */
  readonly end: () => Promise<void>;
  /** The other side loses what it knew. */
  readonly forget: () => Promise<void>;
  /** How many loads the other side has started so far. */
  readonly started: () => number | Promise<number>;
  readonly close: () => Promise<void>;
}

/** Registers the suite; `open` makes a fresh harness for each test. */
export function loadContract<Job>(open: () => Promise<LoadHarness<Job>>): void {
  const within = (title: string, check: (harness: LoadHarness<Job>) => Promise<void>): void => {
    test(title, async () => {
      const harness = await open();
      try {
        await check(harness);
      } finally {
        await harness.close();
      }
    });
  };

  within('a job that ends well is running first, and then a success', async (harness) => {
    const poll = await begin(harness, harness.good);
    expect(await poll()).toMatchObject({ state: 'running', message: expect.stringMatching(/./) });
    await harness.end();
    expect(await poll()).toMatchObject({ state: 'succeeded' });
    expect(await poll()).toMatchObject({ state: 'succeeded' });
  });

  within('a job that ends badly is a failure that says why', async (harness) => {
    const poll = await begin(harness, harness.bad);
    await harness.end();
    const ended = await poll();
    expect(ended.state).toBe('failed');
    expect(reasons(ended)).toMatch(harness.badReason);
  });

  within('a runner that was killed before it could note the handle starts the load once', async (harness) => {
    await harness.driver().prepare(harness.good, harness.target(1));
    await begin(harness, harness.good);
    expect(await harness.started()).toBe(1);
  });

  within('a runner that was killed between starting and noting it does not start the load twice', async (harness) => {
    const driver = harness.driver();
    const handle = await driver.prepare(harness.good, harness.target(1));
    await driver.start(harness.good, harness.target(1), handle);
    await harness.driver().start(harness.good, harness.target(1), inRecord(handle));
    expect(await harness.started()).toBe(1);
  });

  within('another process finds the load by what stands in the record, also after it has ended', async (harness) => {
    await begin(harness, harness.bad, 1);
    const driver = harness.driver();
    const handle = await driver.prepare(harness.good, harness.target(2));
    await driver.start(harness.good, harness.target(2), handle);
    await harness.end();
    await harness.driver().start(harness.good, harness.target(2), inRecord(handle));
    expect(await harness.driver().poll(harness.good, harness.target(2), inRecord(handle))).toMatchObject({ state: 'succeeded' });
    expect(await harness.started()).toBe(2);
  });

  within('a further try is a load of its own: the failure before it is not its result', async (harness) => {
    await begin(harness, harness.bad, 1);
    await harness.end();
    const poll = await begin(harness, harness.good, 2);
    await harness.end();
    expect(await poll()).toMatchObject({ state: 'succeeded' });
  });

  within('a load that the other side knows nothing of any more has failed, and has not succeeded', async (harness) => {
    const poll = await begin(harness, harness.good);
    await harness.forget();
    expect(await poll()).toMatchObject({ state: 'failed' });
    await harness.end();
    expect(await poll()).toMatchObject({ state: 'failed' });
  });

  within('cancelling resolves where nothing was prepared', async (harness) => {
    await harness.driver().cancel(harness.good, harness.target(1), undefined);
    expect(await harness.started()).toBe(0);
  });

  within('cancelling resolves while it runs, again, after it ended, and when it is gone', async (harness) => {
    for (const meanwhile of [async () => undefined, harness.end, harness.forget]) {
      const driver = harness.driver();
      const handle = await driver.prepare(harness.good, harness.target(1));
      await driver.start(harness.good, harness.target(1), handle);
      await meanwhile();
      await driver.cancel(harness.good, harness.target(1), inRecord(handle));
      await driver.cancel(harness.good, harness.target(1), inRecord(handle));
      await driver.cancel(harness.good, harness.target(1), undefined);
    }
  });
}

async function begin<Job>({ driver, target }: LoadHarness<Job>, job: Job, attempt = 1): Promise<() => Promise<LoadState>> {
  const handle = await driver().prepare(job, target(attempt));
  await driver().start(job, target(attempt), inRecord(handle));
  return () => driver().poll(job, target(attempt), inRecord(handle));
}

/** The record is JSON: whatever does not survive it is not there after a restart. */
function inRecord(handle: Json): Json {
  return JSON.parse(JSON.stringify(handle)) as Json;
}

function reasons(state: LoadState): string {
  return state.state === 'failed' ? state.failures.map(({ job, reason }) => `${job} ${reason}`).join('\n') : state.message;
}
