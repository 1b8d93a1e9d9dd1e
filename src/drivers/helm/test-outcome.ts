// What `helm test --logs` printed before it ended badly: which tests failed, and what they logged last. Pure.

import { DriverError } from '../failure.ts';
import type { ProcessError } from '../process.ts';

const longestLog = 20;

/** 'invalid', or undefined when Helm gave up before any test had failed. */
export function testFailure(ended: ProcessError): DriverError | undefined {
  const failed = suitesIn(ended.stdout).filter(({ phase }) => phase === 'Failed').map(({ name }) => name);
  if (ended.reason !== 'invalid' || failed.length === 0) return undefined;
  const logs = failed.flatMap((name) => logOf(name, ended.stdout));
  const detail = [`${failed.join(', ')} failed`, ...(logs.length === 0 ? [ended.stderr.trim()] : logs)].join('\n');
  return new DriverError({ reason: 'invalid', attempted: ended.attempted, detail });
}

/**
 * Every test succeeded, and Helm only complains that there are no logs: it looks for a pod named like the test, also when the
 * test is a Job (seen with Helm 4.2.3).
 */
export function onlyLogsAreMissing(ended: ProcessError): boolean {
  const suites = suitesIn(ended.stdout);
  const complaints = ended.stderr.trim().split('\n');
  return (
    ended.exitCode !== undefined &&
    suites.length > 0 &&
    suites.every(({ phase }) => phase === 'Succeeded') &&
    complaints.every((line) => /^(Error: )?unable to get pod logs for /.test(line))
  );
}

/** `TEST SUITE: name`, two dates, `Phase: Failed`. */
function suitesIn(stdout: string): readonly { readonly name: string; readonly phase: string }[] {
  const [, ...sections] = stdout.split(/^TEST SUITE:/m);
  return sections.map((section) => ({ name: section.trim().split('\n', 1)[0] ?? '', phase: /^Phase:\s+(\S+)$/m.exec(section)?.[1] ?? 'Unknown' }));
}

/** From `POD LOGS: name` to the next such heading. */
function logOf(name: string, stdout: string): readonly string[] {
  const sections = stdout.split(/^POD LOGS: /m).slice(1);
  const own = sections.find((section) => section.startsWith(`${name}\n`)) ?? '';
  return own.trim().split('\n').slice(1).slice(-longestLog);
}
