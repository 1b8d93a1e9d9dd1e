// What a run of one test project amounts to, from Vitest's own report. Counts; prints and starts nothing.

import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';

export interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface ProjectResult extends Count {
  readonly project: string;
  /** One line each: the file, the test, and what it complained of first. */
  readonly failures?: readonly string[];
  /** What is wrong beyond failed tests: no report, no tests, a file that could not be loaded. */
  readonly trouble?: string;
}

const message = z.string().nullish();
const testResult = z.object({
  name: z.string(),
  message,
  assertionResults: z.array(z.object({ status: z.string(), fullName: z.string(), failureMessages: z.array(z.string()).nullish() })),
});

const report = z.object({
  numTotalTests: z.int(),
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  success: z.boolean(),
  testResults: z.array(testResult),
});

/** Trouble counts as a failure of its own, so that nothing that was not run is taken for passed. */
export function resultOf(project: string, { text, exitCode }: { readonly text: string | undefined; readonly exitCode: number }): ProjectResult {
  if (text === undefined) return troubled(project, 'Vitest ended without a report');
  const { numTotalTests, numPassedTests, numFailedTests, numPendingTests, numTodoTests, success, testResults } = report.parse(JSON.parse(text));
  const failures = testResults.flatMap(failuresOf);
  const count = { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests };
  if (numTotalTests === 0) return troubled(project, 'no tests were found');
  // An error that was thrown outside of any test shows in the exit code only.
  if ((!success || exitCode !== 0) && numFailedTests === 0) return { project, ...count, failures, failed: 1, trouble: 'a test file could not be loaded, or an error was thrown outside of a test' };
  return { project, ...count, failures };
}

/** Of a file: the failed tests, or what kept all of them from running. */
function failuresOf({ name, message: ofFile, assertionResults }: z.infer<typeof testResult>): string[] {
  const file = relative(process.cwd(), name);
  const failed = assertionResults.filter(({ status }) => status === 'failed');
  const tests = failed.map(({ fullName, failureMessages }) => `${file}: ${fullName}: ${firstLine(failureMessages?.[0])}`);
  return tests.length === 0 && ofFile ? [`${file}: ${firstLine(ofFile)}`] : tests;
}

function firstLine(text = ''): string {
  return stripVTControlCharacters(text).trim().split('\n', 1).join('');
}

/** All tests of the project as skipped, counted from `vitest list --json`: tests that cannot even be listed are broken ones. */
export function skippedResult(project: string, list: string): ProjectResult {
  const tests = z.array(z.unknown()).min(1).safeParse(parsed(list));
  return tests.success ? { project, passed: 0, failed: 0, skipped: tests.data.length } : troubled(project, 'the tests to be skipped could not be listed');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function troubled(project: string, trouble: string): ProjectResult {
  return { project, passed: 0, failed: 1, skipped: 0, trouble };
}

export function summed(results: readonly Count[]): Count {
  const total = (of: (count: Count) => number): number => results.reduce((sum, result) => sum + of(result), 0);
  return { passed: total(({ passed }) => passed), failed: total(({ failed }) => failed), skipped: total(({ skipped }) => skipped) };
}

/** What `npm test` says before its last line, so that nobody has to look for it above; `.ci/run` repeats what begins like this. */
export function failureLines(results: readonly ProjectResult[]): string[] {
  return results.flatMap(({ project, failures = [], trouble }) => [...failures, ...(trouble === undefined ? [] : [trouble])].map((text) => `FAILED  ${project}: ${text}`));
}

/** The last line of `npm test`, which other programs read. */
export function lastLine({ passed, failed, skipped }: Count): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** Why the Kubernetes tests cannot run here, or undefined when they can. */
export function kubernetesSkipReason(host: { readonly platform: string; readonly uid: number | undefined }): string | undefined {
  if (host.platform !== 'linux') return `the embedded Kubernetes needs Linux, and this is ${host.platform}`;
  return host.uid === 0 ? undefined : 'the embedded Kubernetes needs root (namespaces, containerd)';
}
