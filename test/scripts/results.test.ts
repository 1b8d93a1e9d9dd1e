// The numbers that `npm test` ends with: nothing that was not run may look as if it had passed.

import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { failureLines, kubernetesSkipReason, lastLine, resultOf, skippedResult, summed, troubled } from '../../scripts/test/results.ts';

const report = { numTotalTests: 12, numPassedTests: 9, numFailedTests: 1, numPendingTests: 1, numTodoTests: 1, success: false, testResults: [] };

test('the last line sums what passed, failed and was skipped in all projects', () => {
  const results = [resultOf('fast', { text: JSON.stringify(report), exitCode: 1 }), { passed: 5, failed: 0, skipped: 3 }];
  expect(lastLine(summed(results))).toBe('14 passed, 1 failed, 5 skipped');
});

test('a project without tests is a failure', () => {
  const empty = { ...report, numTotalTests: 0, numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, success: true };
  expect(resultOf('fast', { text: JSON.stringify(empty), exitCode: 0 })).toMatchObject({ failed: 1, trouble: 'no tests were found' });
});

test('a test file that cannot be loaded is a failure, though no test of it has failed', () => {
  const broken = { ...report, numFailedTests: 0 };
  expect(resultOf('fast', { text: JSON.stringify(broken), exitCode: 1 })).toMatchObject({ passed: 9, failed: 1, trouble: expect.stringContaining('could not be loaded') });
});

test('an error outside of every test is a failure, though the report knows nothing of it', () => {
  const fine = { ...report, numFailedTests: 0, success: true };
  expect(resultOf('fast', { text: JSON.stringify(fine), exitCode: 1 })).toMatchObject({ failed: 1, trouble: expect.stringContaining('outside of a test') });
  expect(resultOf('fast', { text: JSON.stringify(fine), exitCode: 0 })).toEqual({ project: 'fast', passed: 9, failed: 0, skipped: 2, failures: [] });
});

test('each failure is told in one line: which test, and what it complained of', () => {
  const assertionResults = [
    { status: 'passed', fullName: 'swaps the names', failureMessages: [] },
    { status: 'failed', fullName: 'retires the old one', failureMessages: ['\u001B[31mAssertionError: expected 1 to be 2\u001B[39m\n  at retire.test.ts:3'] },
  ];
  const testResults = [{ name: resolve('test/retire.test.ts'), message: '', assertionResults }];
  const result = resultOf('fast', { text: JSON.stringify({ ...report, testResults }), exitCode: 1 });
  expect(failureLines([result])).toEqual(['FAILED  fast: test/retire.test.ts: retires the old one: AssertionError: expected 1 to be 2']);
});

test('a file whose preparation failed says why, though none of its tests has failed', () => {
  const testResults = [{ name: resolve('test/image.test.ts'), message: 'no space left on device', assertionResults: [{ status: 'skipped', fullName: 'starts', failureMessages: [] }] }];
  const result = resultOf('kubernetes', { text: JSON.stringify({ ...report, numFailedTests: 0, testResults }), exitCode: 1 });
  expect(failureLines([result])).toEqual(['FAILED  kubernetes: test/image.test.ts: no space left on device', expect.stringContaining('could not be loaded')]);
});

test('a run without a report is a failure', () => {
  expect(resultOf('kubernetes', { text: undefined, exitCode: 1 })).toMatchObject({ failed: 1, trouble: expect.stringContaining('without a report') });
});

test('a report that is no report is an error, not zero tests', () => {
  expect(() => resultOf('fast', { text: '{}', exitCode: 0 })).toThrow('numTotalTests');
});

test('Kubernetes tests run as root on Linux; elsewhere the reason is told', () => {
  expect(kubernetesSkipReason({ platform: 'linux', uid: 0 })).toBeUndefined();
  expect(kubernetesSkipReason({ platform: 'linux', uid: 1000 })).toContain('root');
  expect(kubernetesSkipReason({ platform: 'darwin', uid: 0 })).toContain('darwin');
});

test('where they are required, not being able to run them is a failure', () => {
  expect(troubled('kubernetes', 'required, but it needs root')).toMatchObject({ failed: 1, skipped: 0 });
});

test('skipped tests are counted; those that cannot even be listed are a failure, not zero skipped', () => {
  expect(skippedResult('kubernetes', '[{"name":"a"},{"name":"b"}]')).toEqual({ project: 'kubernetes', passed: 0, failed: 0, skipped: 2 });
  for (const list of ['', 'SyntaxError', '[]', '{}']) expect(skippedResult('kubernetes', list)).toMatchObject({ failed: 1, skipped: 0 });
});
