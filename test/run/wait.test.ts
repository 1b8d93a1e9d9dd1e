// The one wait loop and the one retry: bounded, and every pause accounted for.

import { describe, expect, test } from 'vitest';
import { DriverError } from '../../src/drivers/failure.ts';
import { retry } from '../../src/run/retry.ts';
import { proportionalPause, waitFor, WaitTimeout } from '../../src/run/wait.ts';
import { VirtualClock } from '../../sim/clock.ts';

const never = new AbortController().signal;

describe('waiting', () => {
  test('looks at once, and again after each pause, until done', async () => {
    const clock = new VirtualClock();
    const startedAt = clock.now();
    const looks: number[] = [];
    const look = async (elapsedMs: number) => {
      looks.push(elapsedMs);
      return looks.length === 3 ? ({ done: true, value: 'ready' } as const) : ({ done: false, awaited: ['Pod a'] } as const);
    };
    expect(await waitFor(look, { clock, signal: never, timeoutMs: 60_000, pauseMs: () => 1_000 })).toBe('ready');
    expect(looks).toEqual([0, 1_000, 2_000]);
    expect(clock.now() - startedAt).toBe(2_000);
  });

  test('looks a last time at the very end, and then says what was still awaited', async () => {
    const clock = new VirtualClock();
    const looks: number[] = [];
    const look = async (elapsedMs: number) => {
      looks.push(elapsedMs);
      return { done: false, awaited: ['Pod a', 'Pod b'] } as const;
    };
    const error = await waitFor(look, { clock, signal: never, timeoutMs: 2_500, pauseMs: () => 1_000 }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(WaitTimeout);
    expect((error as Error).message).toBe('still waiting after 2.5 s for Pod a, Pod b');
    expect(looks).toEqual([0, 1_000, 2_000, 2_500]);
  });

  test.each([3_600_000, -3_600_000])('lasts as long as it should when the time of the machine is set by %i ms meanwhile', async (aheadMs) => {
    const clock = new VirtualClock();
    const startedAt = clock.now();
    const setClock = { now: () => clock.now() + (clock.now() - startedAt > 1_500 ? aheadMs : 0), ticks: () => clock.now(), sleep: clock.sleep.bind(clock) };
    const waited = waitFor(async () => ({ done: false, awaited: [] }) as const, { clock: setClock, signal: never, timeoutMs: 10_000, pauseMs: () => 1_000 });
    await expect(waited).rejects.toThrow(WaitTimeout);
    expect(clock.now() - startedAt).toBe(10_000);
    const unavailable = new DriverError({ reason: 'unavailable', attempted: 'GET' });
    await expect(retry(() => Promise.reject(unavailable), { clock: setClock, signal: never, forMs: 10_000 })).rejects.toBe(unavailable);
    expect(clock.now() - startedAt).toBe(20_000);
  });

  test('stops at once when asked to', async () => {
    const clock = new VirtualClock();
    const stop = new AbortController();
    const look = async () => {
      clock.after(100, () => stop.abort(new Error('SIGTERM')));
      return { done: false, awaited: [] } as const;
    };
    await expect(waitFor(look, { clock, signal: stop.signal, timeoutMs: 3_600_000, pauseMs: () => 600_000 })).rejects.toThrow('SIGTERM');
  });

  test('with proportional pauses notices the end of two days within 15 s, with fewer than 12,000 looks', async () => {
    const clock = new VirtualClock();
    const startedAt = clock.now();
    const endsAt = startedAt + 48 * 3_600_000;
    let looks = 0;
    const look = async () => {
      looks += 1;
      return clock.now() >= endsAt ? ({ done: true, value: undefined } as const) : ({ done: false, awaited: [] } as const);
    };
    await waitFor(look, { clock, signal: never, timeoutMs: 49 * 3_600_000, pauseMs: proportionalPause(0.02, 250, 15_000) });
    expect(clock.now() - endsAt).toBeLessThanOrEqual(15_000);
    expect(looks).toBeLessThan(12_000);
  });
});

describe('retrying', () => {
  const failing = (reason: DriverError['reason'], times: number, retryAfterMs?: number) => {
    let left = times;
    return async () => {
      left -= 1;
      if (left >= 0) throw new DriverError({ reason, attempted: 'GET /', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
      return 'answer';
    };
  };

  test('tries again what may pass, with growing pauses', async () => {
    const clock = new VirtualClock();
    const startedAt = clock.now();
    expect(await retry(failing('unavailable', 3), { clock, signal: never })).toBe('answer');
    expect(clock.now() - startedAt).toBe(250 + 500 + 1_000);
  });

  test('keeps to what the server asks for', async () => {
    const clock = new VirtualClock();
    const startedAt = clock.now();
    await retry(failing('unavailable', 1, 7_000), { clock, signal: never });
    expect(clock.now() - startedAt).toBe(7_000);
  });

  test.each(['notFound', 'conflict', 'forbidden', 'invalid', 'gone', 'unreadable'] as const)('does not repeat what was answered with %s', async (reason) => {
    const clock = new VirtualClock();
    const startedAt = clock.now();
    await expect(retry(failing(reason, 1), { clock, signal: never })).rejects.toMatchObject({ reason });
    expect(clock.now()).toBe(startedAt);
  });

  test('goes on for as long as it is told to, with pauses of ten seconds at most, tries a last time at the end, and tells how long it will', async () => {
    const clock = new VirtualClock();
    const startedAt = clock.now();
    const told: { readonly afterMs: number; readonly leftMs: number }[] = [];
    const unanswered = failing('unavailable', Infinity);
    await expect(retry(unanswered, { clock, signal: never, forMs: 30_000, onRetry: (_error, again) => told.push(again) })).rejects.toMatchObject({ reason: 'unavailable' });
    expect(clock.now() - startedAt).toBe(30_000);
    expect(told.map(({ afterMs }) => afterMs)).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 4_250]);
    expect(told.map(({ leftMs }) => leftMs).slice(0, 3)).toEqual([30_000, 29_750, 29_250]);
  });

  test('repeats a conflict where it is told that it may pass, and then nothing else', async () => {
    const options = { clock: new VirtualClock(), signal: never, passing: ['conflict'] } as const;
    expect(await retry(failing('conflict', 4), options)).toBe('answer');
    await expect(retry(failing('unavailable', 1), options)).rejects.toMatchObject({ reason: 'unavailable' });
  });

  test('gives up after five tries with the last error', async () => {
    await expect(retry(failing('timeout', 5), { clock: new VirtualClock(), signal: never })).rejects.toMatchObject({ reason: 'timeout' });
  });
});
