// The stages of `npm run check`: all run, each is told with its time, and one failure is enough.

import { expect, test } from 'vitest';
import { described, runStages, type StageResult } from '../../scripts/check/stages.ts';

const node = (script: string): [string, string, string] => [process.execPath, '-e', script];

test('every stage runs, also after one that failed, and the whole has failed', async () => {
  const results: StageResult[] = [];
  const stages = [
    { name: 'bad', command: node("console.log('on stdout'); console.error('on stderr'); process.exit(3)") },
    { name: 'good', command: node("console.log('fine')") },
  ];
  const passed = await runStages(stages, { cwd: import.meta.dirname, report: (result) => results.push(result) });
  expect(passed).toBe(false);
  expect(results.map((result) => [result.name, result.passed])).toEqual([['bad', false], ['good', true]]);
  expect(results[0]?.output).toContain('on stdout');
  expect(results[0]?.output).toContain('on stderr');
});

test('a program that is not there is a failed stage that says so', async () => {
  const results: StageResult[] = [];
  const command = [`${import.meta.dirname}/no-such-program`] as const;
  expect(await runStages([{ name: 'absent', command }], { cwd: import.meta.dirname, report: (result) => results.push(result) })).toBe(false);
  expect(results[0]?.output).toContain('ENOENT');
});

test('a stage that went well is one line; one that failed shows what it printed', () => {
  expect(described({ name: 'types', passed: true, durationMs: 3_210, output: 'much talk' })).toBe('types        ok        3.2 s');
  expect(described({ name: 'lint', passed: false, durationMs: 500, output: 'a.ts:1: bad\n' })).toBe('lint         failed    0.5 s\na.ts:1: bad\n');
});
