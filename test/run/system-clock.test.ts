// The one clock that is real: it must wake at once when it is told to stop, with the reason that it was given.

import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/run/system-clock.ts';

describe('sleeping', () => {
  test('ends at once, with the reason, when the signal aborts', async () => {
    const stop = new AbortController();
    const sleeping = systemClock.sleep(3_600_000, stop.signal);
    stop.abort(new Error('SIGTERM'));
    await expect(sleeping).rejects.toThrow('SIGTERM');
  });

  test('does not begin when the signal has aborted before', async () => {
    await expect(systemClock.sleep(3_600_000, AbortSignal.abort(new Error('SIGTERM')))).rejects.toThrow('SIGTERM');
    await expect(systemClock.sleep(0, AbortSignal.abort(new Error('SIGTERM')))).rejects.toThrow('SIGTERM');
  });

  test('for longer than a timer can count does not end at once', async () => {
    const stop = new AbortController();
    const sleeping = systemClock.sleep(60 * 86_400_000, stop.signal);
    await systemClock.sleep(0);
    await new Promise((resolve) => setImmediate(resolve));
    stop.abort(new Error('still asleep'));
    await expect(sleeping).rejects.toThrow('still asleep');
  });
});
