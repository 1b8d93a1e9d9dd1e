// What continuous integration runs: every stage, whatever came before, and one line of numbers that cannot flatter.

import { afterEach, beforeEach, expect, test } from 'vitest';
import { scriptFolder, type ScriptFolder } from './folders.ts';

let ci: ScriptFolder;

beforeEach(async () => {
  ci = await scriptFolder('.ci/run');
});
afterEach(() => ci.end());

/** An npm whose `test` prints this and ends so; all else goes well unless it is named in `failing`. */
async function npm(tests: string, options: { readonly testCode?: number; readonly failing?: string; readonly chaos?: string } = {}): Promise<void> {
  const { testCode = 0, failing = 'nothing', chaos = '6 passed, 0 failed' } = options;
  await ci.program('npm', `echo "called: $* required=$CHANGEOVER_REQUIRE_KUBERNETES"\ncase "$*" in\n  *${failing}*) exit 1 ;;\n  test) echo "${tests}"; exit ${testCode} ;;\n  *test:chaos*) echo "${chaos}" ;;\nesac`);
}

async function lastLine(): Promise<{ readonly exitCode: number | undefined; readonly line: string | undefined; readonly stdout: string }> {
  const { exitCode, stdout } = await ci.run();
  return { exitCode, stdout, line: stdout.split('\n').at(-1) };
}

test('installs, checks and tests with all that belongs to it required, hurts, demonstrates, and adds it all up', async () => {
  await npm('210 passed, 0 failed, 2 skipped');
  const { exitCode, line, stdout } = await lastLine();
  expect(line).toBe('219 passed, 0 failed');
  expect(exitCode).toBe(0);
  expect(stdout.split('\n').filter((each) => each.startsWith('called: ')).map((each) => each.slice(8))).toEqual([
    'ci --no-audit --no-fund required=',
    'run --silent check required=1',
    'test required=1',
    'run --silent test:chaos -- --few --seed 1 required=',
    'run --silent demo required=',
  ]);
});

test('prints the time that each stage took', async () => {
  await npm('1 passed, 0 failed, 0 skipped');
  const { stdout } = await lastLine();
  for (const name of ['install', 'check', 'test', 'chaos', 'demo']) expect(stdout).toMatch(new RegExp(`^${name} +\\d+ s  exit code 0$`, 'm'));
});

test('a stage that fails does not keep the later ones from running', async () => {
  await npm('5 passed, 0 failed, 0 skipped', { failing: 'check' });
  const { exitCode, line, stdout } = await lastLine();
  expect(line).toBe('13 passed, 1 failed');
  expect(exitCode).toBe(1);
  expect(stdout).toContain('== demo');
});

test('failed tests count each; tests that end badly without a failed one count once', async () => {
  await npm('5 passed, 3 failed, 0 skipped', { testCode: 1 });
  expect(await lastLine()).toMatchObject({ exitCode: 1, line: '14 passed, 3 failed' });
  await npm('5 passed, 0 failed, 0 skipped', { testCode: 1 });
  expect(await lastLine()).toMatchObject({ exitCode: 1, line: '14 passed, 1 failed' });
});

test('says at the end which tests have failed, whatever was printed after them', async () => {
  await npm('FAILED  fast: test/a.test.ts: swaps: expected 1 to be 2\n4 passed, 1 failed, 0 skipped', { testCode: 1 });
  const { stdout } = await lastLine();
  expect(stdout.slice(stdout.indexOf('== demo'))).toContain('FAILED  fast: test/a.test.ts: swaps: expected 1 to be 2');
});

test('tests that die before they can count are one failure', async () => {
  await npm('Segmentation fault', { testCode: 139 });
  expect(await lastLine()).toMatchObject({ exitCode: 1, line: '9 passed, 1 failed' });
});

test('a violation in a phase of the chaos tests counts as a failure, and so do chaos tests that die', async () => {
  await npm('5 passed, 0 failed, 0 skipped', { chaos: '5 passed, 2 failed' });
  expect(await lastLine()).toMatchObject({ exitCode: 1, line: '13 passed, 2 failed' });
  await npm('5 passed, 0 failed, 0 skipped', { chaos: 'Segmentation fault' });
  expect(await lastLine()).toMatchObject({ exitCode: 1, line: '8 passed, 1 failed' });
});
