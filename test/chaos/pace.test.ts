// How often the chaos tests have really asked for a name: what counts, and what is too seldom.

import { expect, test } from 'vitest';
import { Pace } from './support/pace.ts';

test('the pace of the public tells how often each name was asked for, and which one was not often enough', () => {
  const pace = new Pace();
  for (let index = 0; index <= 100; index += 1) {
    pace.asked('www at 192.0.2.1', index * 55);
    pace.asked('www at 192.0.2.2', index * 110);
  }
  expect(pace.problems()).toEqual(['www at 192.0.2.2 was asked for every 110 ms on the average of 100 times, and not every 100 ms']);
  expect(pace.describe()).toBe('p50 55 ms, p99 110 ms, longest 110 ms; of the slowest name 110 ms on the average (goal: ≤ 100 ms)');
});

test('it says nothing of a time in which nobody was to ask, nor of a few questions', () => {
  const pace = new Pace();
  for (let index = 0; index <= 50; index += 1) pace.asked('www', index * 55);
  pace.paused('www');
  for (let index = 0; index <= 50; index += 1) pace.asked('www', 1_000_000 + index * 55);
  for (let index = 0; index < 50; index += 1) pace.asked('search', index * 200);
  expect(pace.problems()).toEqual([]);
});
