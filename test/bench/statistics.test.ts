// How several rounds become one number.

import { describe, expect, test } from 'vitest';
import { statisticsOf } from '../../bench/statistics.ts';

const upTo = (last: number): readonly number[] => Array.from({ length: last }, (_, index) => index + 1);

describe('numbers of several rounds', () => {
  test('the median is the middle one, whatever the order', () => {
    expect(statisticsOf([9, 1, 5])).toEqual({ rounds: 3, best: 1, median: 5, p99: 9, worst: 9 });
  });

  test('with an even number of rounds the median lies between the two in the middle', () => {
    expect(statisticsOf([4, 1, 100, 2]).median).toBe(3);
  });

  test('a single round is its own median and worst case', () => {
    expect(statisticsOf([7])).toEqual({ rounds: 1, best: 7, median: 7, p99: 7, worst: 7 });
  });

  test('with fewer than a hundred rounds the 99th percentile is the worst', () => {
    expect(statisticsOf(upTo(99))).toMatchObject({ p99: 99, worst: 99 });
  });

  test('of two hundred rounds, two may be slower than the 99th percentile', () => {
    expect(statisticsOf(upTo(200))).toMatchObject({ median: 100.5, p99: 198, worst: 200 });
  });

  test('nothing measured is an error, not zero', () => {
    expect(() => statisticsOf([])).toThrow('nothing was measured');
  });

  test('the numbers that were given stay in their order', () => {
    const values = [3, 1, 2];
    statisticsOf(values);
    expect(values).toEqual([3, 1, 2]);
  });
});
