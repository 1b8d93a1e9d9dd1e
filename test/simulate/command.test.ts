// What a developer types and sees: words that are understood or refused in a sentence, progress, and what was found.

import { describe, expect, test } from 'vitest';
import { parseArguments, replayOfSeed, usage } from '../../sim/command/arguments.ts';
import type { Done } from '../../sim/command/done.ts';
import { Progress } from '../../sim/command/progress.ts';
import { describeTwoDays, isInTime } from '../../sim/command/two-days.ts';
import { share } from '../../sim/command/workers.ts';

const parse = (line: string) => parseArguments(line.split(' ').filter((word) => word !== ''));

describe('what is asked for', () => {
  test.each([
    ['', { type: 'many', work: { type: 'seeds', from: 1, count: 200 } }],
    ['--seeds 10000 --from 77 --jobs 2', { type: 'many', jobs: 2, work: { type: 'seeds', from: 77, count: 10_000 } }],
    ['--seed 4711 --operation rollback', { type: 'seed', seed: 4711, filter: { operation: 'rollback' } }],
    ['--seed 4711 --faults none', { type: 'seed', filter: { faults: [] } }],
    ['--seeds 5 --faults lost,kill --scenario rebuild', { type: 'many', work: { filter: { faults: ['lost', 'kill'], scenario: 'rebuild' } } }],
    ['--every-crash --jobs 3', { type: 'everyCrash', jobs: 3 }],
    ['--double-crashes 20000', { type: 'many', work: { type: 'doubleCrashes', count: 20_000 } }],
    ['--crash rebuild:118/killAfter,40/kill', { type: 'crash', crash: { subject: 'rebuild', deaths: [{ nth: 118, fault: 'killAfter' }, { nth: 40, fault: 'kill' }] } }],
    ['--two-days', { type: 'twoDays' }],
    ['--help', { type: 'help' }],
  ])('is understood: “%s”', (line, expected) => {
    expect(parse(line)).toMatchObject(expected);
  });

  test.each([
    ['--sedes 5', /Unknown option '--sedes'/],
    ['--seeds many', /--seeds wants a whole number from 1 up, not “many”/],
    ['--seed -3', /--seed/],
    ['--seed 1.5', /--seed wants a whole number, not “1.5”/],
    ['--jobs 0', /--jobs wants a whole number from 1 up/],
    ['--seed 5 --seeds 7', /--seed and --seeds exclude each other/],
    ['--operation upgrade', /no operation is called upgrade: rebuild, rehearse/],
    ['--scenario nowhere', /no scenario is called nowhere: first-rebuild/],
    ['--scenario rollback --operation prune', /scenario rollback is about rollback, not prune/],
    ['--faults lost,typo', /no fault is called “typo”: error, lost/],
    ['--crash rebuild', /rebuild is no crash; one looks like/],
  ])('is refused in a sentence: “%s”', (line, expected) => {
    expect(() => parse(line)).toThrow(expected);
  });

  test('the help has eighty columns, and names every option', () => {
    expect(Math.max(...usage().split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    for (const option of ['--seeds', '--from', '--seed', '--operation', '--scenario', '--faults', '--jobs', '--double-crashes', '--every-crash', '--two-days', '--crash']) expect(usage()).toContain(`  ${option} `);
  });

  test('a seed is shown again by the command that has all its filters', () => {
    expect(replayOfSeed(4711, {})).toBe('npm run simulate -- --seed 4711');
    expect(replayOfSeed(4711, { operation: 'prune', faults: ['lost', 'kill'] })).toBe('npm run simulate -- --seed 4711 --operation prune --faults lost,kill');
    expect(replayOfSeed(4711, { faults: [] })).toBe('npm run simulate -- --seed 4711 --faults none');
  });
});

const done = (seed: number, more: Partial<Done> = {}): Done => ({ type: 'done', seed, requests: 600, faults: 3, virtualMs: 3_600_000, ...more });
const found = { title: 'seed 2 (rebuild)', violations: [{ invariant: 'I2', problem: 'two at once', story: ['first', 'second'] }], world: ['www leads to prod-1'], replay: 'npm run simulate -- --seed 2', transcriptPath: 'seed-2.txt' };

function printed(columns: number | undefined, results: readonly Done[]): string {
  let text = '';
  let now = 0;
  const progress = new Progress({ type: 'seeds', from: 1, count: 3, filter: {} }, { write: (more) => (text += more), columns, now: () => (now += 6_000) });
  for (const result of results) progress.add(result);
  progress.end({ interrupted: results.length < 3 });
  return text;
}

describe('what is shown', () => {
  test('elsewhere than on a terminal: a line now and then, and the sum', () => {
    expect(printed(undefined, [done(1), done(2), done(3)])).toMatch(/^(\d\/3 {2}.*left\n){1,3}3 seeds from 1 in \d+ s \(.*\/s\), 1,800 requests, 9 faults, 0 simulated days: 0 violations\n$/);
    expect(printed(undefined, [done(1, { letDown: 2 }), done(2), done(3, { letDown: 1 })])).toContain(' simulated days, 3 answers held in vain by clients that no drain waits for: 0 violations');
  });

  test('on a terminal one line changes, and is never wider than the terminal', () => {
    const text = printed(60, [done(1), done(2), done(3)]);
    expect(text).toContain('\r[');
    expect(Math.max(...text.split(/[\r\n]/).slice(0, -2).map((line) => line.length))).toBeLessThan(60);
  });

  test('a violation with its story, what was left, the transcript, and the command that shows it again', () => {
    const text = printed(undefined, [done(1), done(2, { found }), done(3)]);
    expect(text).toContain('\nVIOLATION in seed 2 (rebuild)\n  I2  two at once\n        first\n        second\n  In the end:\n        www leads to prod-1\n  Transcript: seed-2.txt\n  Again:      npm run simulate -- --seed 2\n');
    expect(text).toContain('1 violations in 1 of them');
  });

  test('when it is interrupted, how far it came', () => {
    expect(printed(undefined, [done(1)])).toContain('Interrupted: 1 of 3 were done. 1 seeds from 1');
  });
});

test('several processes share the seeds, each of them once', { timeout: 300_000 }, async () => {
  const seeds: number[] = [];
  await share({ work: { type: 'seeds', from: 11, count: 6, filter: { scenario: 'rebuild' } }, jobs: 2, stop: new AbortController().signal, onDone: ({ seed }) => seeds.push(seed) });
  expect(seeds.toSorted((left, right) => left - right)).toEqual([11, 12, 13, 14, 15, 16]);
});

test('what is stopped ends at once', { timeout: 300_000 }, async () => {
  const stop = new AbortController();
  let count = 0;
  const onDone = (): void => {
    count += 1;
    stop.abort();
  };
  await share({ work: { type: 'seeds', from: 1, count: 100_000, filter: { scenario: 'rebuild' } }, jobs: 1, stop: stop.signal, onDone });
  expect(count).toBeLessThan(100);
});

describe('how long two days take', () => {
  const taken = (...wallMs: readonly number[]) => wallMs.map((ms) => ({ wallMs: ms, processorMs: ms / 2, requests: 41_000, virtualMs: 47 * 3_600_000, violations: 0 }));

  test('is told by the wall and by the processor', () => {
    const text = describeTwoDays(taken(1_000, 1_500, 4_000));
    expect(text).toContain('47 hours of simulated time, 41000 requests:');
    expect(text).toContain('  3  4.00 s of wall time, 2.00 s of the processor');
    expect(text).toContain('Median 1.50 s of wall time (of the processor 0.75 s); wanted: at most 2.00 s. 0 violations');
  });

  test.each([
    { what: 'the median is in time', all: taken(1_000, 1_500, 4_000), expected: true },
    { what: 'the median is too late', all: taken(1_000, 2_001, 4_000), expected: false },
    { what: 'something happened that must not', all: taken(1_000, 1_000, 1_000).map((one) => ({ ...one, violations: 1 })), expected: false },
  ])('is good or not: $what', ({ all, expected }) => {
    expect(isInTime(all)).toBe(expected);
  });
});
