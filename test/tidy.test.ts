// The shape of the project as a test: sizes, directions of imports, banned calls. There is no list of exceptions.

import { describe, expect, test } from 'vitest';
import { calls } from './tidy/calls.ts';
import { deadFiles } from './tidy/dead-files.ts';
import { directions } from './tidy/directions.ts';
import { headers } from './tidy/headers.ts';
import { language } from './tidy/language.ts';
import { measured } from './tidy/measures.ts';
import { purity } from './tidy/purity.ts';
import { described, examples, type Rule } from './tidy/rule.ts';
import { sizes } from './tidy/sizes.ts';
import { readSources } from './tidy/source.ts';
import { tests } from './tidy/tests.ts';
import { machinePaths, machinePathsIn } from './tidy/texts.ts';

const rules: readonly Rule[] = [...sizes, ...language, ...headers, ...calls, ...purity, ...directions, ...tests, ...deadFiles];
const sources = readSources();

describe('in the whole project', () => {
  test.each(rules.map((rule) => [rule.title, rule] as const))('%s', (_title, rule) => {
    expect(rule.check(sources).map(described)).toEqual([]);
  });

  test('no text depends on one person’s machine', () => {
    expect(machinePaths().map(described)).toEqual([]);
  });

  test('half of the source files have at most 90 lines', () => {
    const { summary, medianFileLines } = measured(sources);
    console.log(summary);
    expect(medianFileLines).toBeLessThanOrEqual(90);
  });
});

describe('each rule bites', () => {
  test.each(rules.map((rule) => [rule.title, rule] as const))('%s: the bad examples are found, the good ones are not', (_title, rule) => {
    const batches = rule.isPerFile === true ? Object.entries(rule.bad).map(([path, text]) => ({ [path]: text })) : [rule.bad];
    for (const files of batches) expect(rule.check(examples(files)), JSON.stringify(files)).not.toEqual([]);
    expect(rule.check(examples(rule.good)).map(described)).toEqual([]);
  });

  test('paths of one machine are found, paths inside a container are not', () => {
    const [home, work] = ['home', 'work'];
    expect(machinePathsIn('README.md', `cd /${home}/alice/changeover`)).toHaveLength(1);
    expect(machinePathsIn('README.md', `cd /${work}/main`)).toHaveLength(1);
    expect(machinePathsIn('README.md', `cd /etc/changeover && ls ./${work}/main`)).toEqual([]);
  });
});
