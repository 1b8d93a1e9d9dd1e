// The nightly simulation: what it runs, when it fails, and that somebody starts it each night.

import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { firstSeedOf, isGood, phasesOf, summaryOf } from '../../scripts/nightly/phases.ts';
import { parseArguments } from '../../sim/command/arguments.ts';

const root = resolve(import.meta.dirname, '../..');

test('ten thousand seeds, every single death, how long two days take, and twenty thousand pairs of deaths', () => {
  expect(phasesOf(7).map(({ words }) => parseArguments(words))).toMatchObject([
    { type: 'many', work: { type: 'seeds', from: 7, count: 10_000 } },
    { type: 'everyCrash' },
    { type: 'twoDays' },
    { type: 'many', work: { type: 'doubleCrashes', from: 7, count: 20_000 } },
  ]);
});

test('no night has the seeds of another, and the same day has the same', () => {
  const [first, second] = [firstSeedOf(new Date('2026-11-22T01:00:00Z')), firstSeedOf(new Date('2026-11-23T23:00:00Z'))];
  expect(second - first).toBe(20_000);
  expect(firstSeedOf(new Date('2026-11-22T23:59:59Z'))).toBe(first);
  expect(() => parseArguments(['--seed', String(firstSeedOf(new Date('2090-01-01T00:00:00Z')))])).not.toThrow();
});

describe('a phase', () => {
  const [seeds = { name: '', words: [] }, everyCrash = { name: '', words: [] }] = phasesOf(1);

  test.each([
    { what: 'that went well', ended: { ...seeds, exitCode: 0, tookMs: 599_000 }, line: 'passed  seeds            599 s' },
    { what: 'with violations', ended: { ...seeds, exitCode: 1, tookMs: 5_000 }, line: 'FAILED  seeds              5 s  what is above must not be' },
    { what: 'that takes longer than ten minutes', ended: { ...seeds, exitCode: 0, tookMs: 601_000 }, line: 'FAILED  seeds            601 s  longer than 600 s' },
    { what: 'that was interrupted', ended: { ...everyCrash, exitCode: 130, tookMs: 5_000 }, line: 'FAILED  every crash        5 s  it ended with exit code 130' },
  ])('$what is told so, and decides', ({ ended, line }) => {
    expect(summaryOf(ended)).toBe(line);
    expect(isGood(ended)).toBe(line.startsWith('passed'));
  });
});

test('a schedule starts it, by the command that anybody can type', async () => {
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { readonly scripts: Readonly<Record<string, string>> };
  expect(scripts['simulate:nightly']).toBe('sh scripts/setup.sh && exec node scripts/nightly.ts');
  const workflow = parse(await readFile(join(root, '.github/workflows/nightly.yml'), 'utf8')) as { readonly on: { readonly schedule: readonly { readonly cron: string }[] }; readonly jobs: Readonly<Record<string, { readonly steps: readonly { readonly run?: string }[] }>> };
  expect(workflow.on.schedule.map(({ cron }) => cron)).toEqual([expect.stringMatching(/^\d+ \d+ \* \* \*$/)]);
  expect(Object.values(workflow.jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []))).toContain('npm run --silent simulate:nightly');
});
