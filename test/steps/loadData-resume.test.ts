// A runner that is stopped or killed while it loads: whoever comes next finds every load again, and starts none twice.

import { describe, expect, test } from 'vitest';
import { DriverError } from '../../src/drivers/failure.ts';
import { Failure } from '../../src/errors.ts';
import { loadData } from '../../src/steps/loadData.ts';
import { jobNamed, Killed, loadWorld, type LoadWorld } from './loadData-world.ts';

const load = [jobNamed('a', { retries: 1 }), jobNamed('b'), jobNamed('c', { after: ['a'] })];
const scripts = { a: { ends: ['badly', 'well'] }, b: { lastsMs: 30_000 } } as const;

/** Kills the runner at its n-th moment. Returns whether it came that far. */
async function killedAt(it: LoadWorld, moment: number): Promise<boolean> {
  let passed = 0;
  it.disturb = () => {
    if ((passed += 1) >= moment) throw new Killed();
  };
  const end = await loadData.act(it.context()).catch((error: unknown) => error);
  it.disturb = () => undefined;
  return end instanceof Killed;
}

test('killed at any moment, the run goes on to the same end, and no load is started twice', async () => {
  let moment = 1;
  for (; ; moment += 1) {
    const it = loadWorld(load, { scripts });
    const wasKilled = await killedAt(it, moment);
    const { jobs } = await loadData.act(it.context());
    expect(jobs.map(({ name, state, attempts }) => `${name} ${state} ${attempts}`), `killed at moment ${moment}`).toEqual(['a succeeded 2', 'b succeeded 1', 'c succeeded 1']);
    const starts = it.calls.filter((call) => call.includes('start')).map((call) => call.split(': ')[1]);
    expect(new Set(starts).size, `killed at moment ${moment}`).toBe(starts.length);
    if (!wasKilled) break;
  }
  expect(moment).toBeGreaterThan(100);
});

test('killed again and again, it still comes to its end', async () => {
  const it = loadWorld(load, { scripts });
  let kills = 0;
  for (let moment = 7; await killedAt(it, moment); moment += 3) kills += 1;
  expect((await loadData.act(it.context())).jobs.map(({ state }) => state)).toEqual(['succeeded', 'succeeded', 'succeeded']);
  expect(kills).toBeGreaterThan(3);
});

test('killed at any moment with a job that fails, strict stays strict, and nothing that was noted runs on', async () => {
  for (let moment = 1; ; moment += 1) {
    const it = loadWorld([jobNamed('a'), jobNamed('b')], { scripts: { a: { ends: ['badly'] }, b: { lastsMs: 3_600_000 } } });
    const wasKilled = await killedAt(it, moment);
    await expect(loadData.act(it.context()), `killed at moment ${moment}`).rejects.toMatchObject({ code: 'LoadFailed' });
    if (it.startedAt.has('b 1')) expect([...it.cancelled], `killed at moment ${moment}`).toContain('b 1');
    if (!wasKilled) break;
  }
});

test('a load is noted before it is started', async () => {
  const it = loadWorld([jobNamed('a')]);
  it.disturb = (moment) => {
    if (moment === 'before start a') expect(it.noted).toMatchObject({ jobs: { a: { attempt: 1, handle: { key: 'a 1' }, started: false } } });
  };
  await loadData.act(it.context());
  expect(it.noted).toMatchObject({ jobs: { a: { started: true, result: { state: 'succeeded' } } } });
});

test('the time-out counts from the first start, however long no runner was there', async () => {
  const it = loadWorld([jobNamed('a', { timeout: '1h' })], { scripts: { a: { lastsMs: 7_200_000 } } });
  await killedAt(it, 40);
  await it.clock.sleep(3_600_000);
  await expect(loadData.act(it.context())).rejects.toMatchObject({ facts: { summary: 'a: not done after 1 h: loading' } });
});

test('a load that ended well while no runner was there counts, even after its time-out', async () => {
  const it = loadWorld([jobNamed('a', { timeout: '1m' })]);
  await killedAt(it, 40);
  await it.clock.sleep(3_600_000);
  expect(await loadData.act(it.context())).toMatchObject({ failed: 0 });
});

test('notes that cannot be read stop the run: starting everything again might load everything twice', async () => {
  const it = loadWorld([jobNamed('a')]);
  it.noted = { jobs: { a: { try: 1 } } };
  const error = await Promise.resolve(loadData.act(it.context())).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Failure);
  expect(error).toMatchObject({ code: 'RecordUnreadable' });
  expect(it.calls).toEqual([]);
});

describe('asked to stop', () => {
  test('it stops at once, and leaves the jobs running for whoever resumes', async () => {
    const it = loadWorld([jobNamed('a')], { scripts: { a: { lastsMs: 3_600_000 } } });
    const stop = new AbortController();
    it.clock.after(60_000, () => stop.abort(new Error('SIGTERM')));
    await expect(loadData.act(it.context(stop.signal))).rejects.toThrow('SIGTERM');
    expect(it.clock.now()).toBe(60_000);
    expect(it.cancelled.size).toBe(0);
    expect(await loadData.act(it.context())).toMatchObject({ failed: 0 });
    expect(it.calls).toEqual(['0 s: prepare a 1', '0 s: start a 1']);
  });

  test('it does not wait for an answer that does not come, and writes nothing when it comes late', async () => {
    const it = loadWorld([jobNamed('a')]);
    const stop = new AbortController();
    let answer = (): void => undefined;
    it.disturb = (moment) => (moment === 'after prepare a' ? new Promise<void>((resolve) => void (answer = resolve)) : undefined);
    const ended = loadData.act(it.context(stop.signal));
    await it.clock.sleep(1_000);
    stop.abort(new Error('SIGTERM'));
    await expect(ended).rejects.toThrow('SIGTERM');
    answer();
    await it.clock.sleep(60_000);
    expect(it.noted).toBeUndefined();
    expect(it.startedAt.size).toBe(0);
  });

  test('before it began, it begins nothing', async () => {
    const it = loadWorld([jobNamed('a')]);
    await expect(loadData.act(it.context(AbortSignal.abort(new Error('SIGTERM'))))).rejects.toThrow('SIGTERM');
    await it.clock.sleep(60_000);
    expect(it.calls).toEqual([]);
  });
});

describe('undone', () => {
  test('it ends what still runs and leaves alone what has ended', async () => {
    const it = loadWorld([jobNamed('a'), jobNamed('b')], { scripts: { b: { lastsMs: 3_600_000 } } });
    const stop = new AbortController();
    it.clock.after(60_000, () => stop.abort(new Error('SIGTERM')));
    await loadData.act(it.context(stop.signal)).catch(() => undefined);
    await loadData.undo?.(it.context());
    expect([...it.cancelled]).toEqual(['b 1']);
  });

  test('it ends what a process may have begun that died before it noted anything', async () => {
    const it = loadWorld([jobNamed('a')]);
    expect(await killedAt(it, 2)).toBe(true);
    expect([...it.prepared]).toEqual(['a 1']);
    expect(it.noted).toBeUndefined();
    await loadData.undo?.(it.context());
    expect([...it.cancelled]).toEqual(['a 1']);
  });

  test('it goes on when a job cannot be ended: the candidate is removed anyway', async () => {
    const it = loadWorld([jobNamed('a')]);
    await killedAt(it, 20);
    it.disturb = () => {
      throw new DriverError({ reason: 'forbidden', attempted: 'delete Job a' });
    };
    await loadData.undo?.(it.context());
    expect(it.warnings).toEqual(['a could not be ended: delete Job a']);
  });
});
