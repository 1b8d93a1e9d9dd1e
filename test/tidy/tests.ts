// Rules about tests: none is left out, none sleeps.

import { fileRule, isIn, matches, type Rule } from './rule.ts';

const isTest = isIn('test');
// These run against real processes, so they have to wait for real.
const isSlow = isIn('test/kubernetes', 'test/support/kubernetes', 'test/chaos');

export const tests: readonly Rule[] = [
  fileRule({
    title: 'no test is skipped, postponed, or run alone',
    applies: isTest,
    look: (source) => matches(source, /\b(test|it|describe|suite)(\.\w+)*\.(only|skip|todo|fails)\b|\b(xit|xdescribe|fit|fdescribe)\(/g, 'is not run with the others'),
    bad: { 'test/a.test.ts': "test.skip('a', () => {});\n", 'test/b.test.ts': "describe.only('b', () => {});\n" },
    good: { 'test/a.test.ts': "test('runs', () => {});\n", 'test/kubernetes/b.test.ts': "describe.skipIf(reason)('b', () => {});\n" },
  }),
  fileRule({
    title: 'no fast test waits for real time',
    applies: (path) => isTest(path) && !isSlow(path),
    look: (source) => [
      ...matches(source, /\bsetTimeout\(|\bsetInterval\(|\bvi\.(waitFor|waitUntil)\(/g, 'waits'),
      ...source.imports.filter(({ target }) => /timers(\/promises)?$/.test(target)).map(({ target }) => ({ problem: `imports ${target}` })),
    ],
    bad: { 'test/a.test.ts': 'await new Promise((resolve) => setTimeout(resolve, 100));\n' },
    good: { 'test/a.test.ts': 'await clock.sleep(100);\n', 'test/kubernetes/b.test.ts': 'await new Promise((resolve) => setTimeout(resolve, 100));\n' },
  }),
];
