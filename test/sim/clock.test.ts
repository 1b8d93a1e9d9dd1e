// The virtual clock: what a scenario may rely on when it says "two days later".

import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { VirtualClock } from '../../sim/clock.ts';

test('two days of sleeping pass without anybody waiting for them', async () => {
  const clock = new VirtualClock({ startAt: 0 });
  await clock.sleep(48 * 3_600_000);
  expect(clock.now()).toBe(172_800_000);
});

test('timers fire in the order they are due, and those due together in the order they were set', async () => {
  const clock = new VirtualClock({ startAt: 0 });
  const order: string[] = [];
  const note = async (ms: number, name: string): Promise<void> => {
    await clock.sleep(ms);
    order.push(`${clock.now()} ${name}`);
  };
  await Promise.all([note(200, 'late'), note(100, 'first'), note(100, 'second'), note(0, 'now')]);
  expect(order).toEqual(['0 now', '100 first', '100 second', '200 late']);
});

test('everything that a timer causes is done before the next timer fires', async () => {
  const clock = new VirtualClock({ startAt: 0 });
  const order: string[] = [];
  clock.after(10, () => {
    void (async () => {
      for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
      order.push('all of the first');
    })();
  });
  clock.after(10, () => order.push('the second'));
  await clock.sleep(20);
  expect(order).toEqual(['all of the first', 'the second']);
});

test('a file that is being read holds the time', async () => {
  const clock = new VirtualClock({ startAt: 0 });
  const readAt = readFile(import.meta.filename).then(() => clock.now());
  await clock.sleep(3_600_000);
  expect(await readAt).toBe(0);
});

test('a sleep that is cut short rejects with the reason, and its timer is gone', async () => {
  const clock = new VirtualClock({ startAt: 0 });
  const stop = new AbortController();
  const sleeping = clock.sleep(1_000, stop.signal);
  clock.after(300, () => stop.abort(new Error('asked to stop')));
  await expect(sleeping).rejects.toThrow('asked to stop');
  expect(clock.now()).toBe(300);
});

test('a sleep under a signal that has aborted already rejects at once', async () => {
  const clock = new VirtualClock({ startAt: 0 });
  await expect(clock.sleep(1_000, AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
  expect(clock.now()).toBe(0);
});

test('a timer that was cancelled never fires', async () => {
  const clock = new VirtualClock({ startAt: 0 });
  let fired = false;
  const cancel = clock.after(10, () => (fired = true));
  cancel();
  await clock.sleep(100);
  expect(fired).toBe(false);
});

test('what waits for ever is told that the simulated time is over', async () => {
  const clock = new VirtualClock({ startAt: 0, limitMs: 10_000 });
  const forEver = async (): Promise<never> => {
    for (;;) await clock.sleep(1_000);
  };
  await expect(forEver()).rejects.toThrow('the simulated time is over');
});
