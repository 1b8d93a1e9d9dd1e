// The time of this machine. Everything else gets its clock handed in.

import { setTimeout } from 'node:timers/promises';
import type { Clock } from './clock.ts';

// A longer timer fires at once: Node keeps its milliseconds in 32 bits.
const longestTimerMs = 2_147_483_647;

export const systemClock: Clock = {
  now: () => Date.now(),
  ticks: () => performance.now(),
  async sleep(ms, signal) {
    const until = performance.now() + ms;
    try {
      // Looked at again after each timer, because one that was set may fire a millisecond early.
      for (let left = ms; left > 0; left = until - performance.now()) {
        await setTimeout(Math.min(left, longestTimerMs), undefined, signal === undefined ? {} : { signal });
      }
    } finally {
      signal?.throwIfAborted();
    }
  },
};
