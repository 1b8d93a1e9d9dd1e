// What Helm and git say when they fail, sorted into reasons. Knows their words, and takes what it does not know for a refusal.

import { DriverError, type FailureReason } from '../failure.ts';
import { ProcessError } from '../process.ts';

const helmWords: readonly (readonly [RegExp, FailureReason])[] = [
  [/cannot re-?use a name|already exists|has no deployed releases|another operation \(.*\) is in progress/i, 'conflict'],
  [/release: not found/i, 'notFound'],
  [/kubernetes cluster unreachable|connection refused|connection reset|no such host|i\/o timeout|TLS handshake|unexpected EOF|etcdserver|too many requests|currently unable/i, 'unavailable'],
  [/\bforbidden\b|unauthorized|must be logged in/i, 'forbidden'],
  [/timed out|deadline exceeded/i, 'timeout'],
];

const fetchWords: readonly (readonly [RegExp, FailureReason])[] = [
  [/\b40[13]\b|forbidden|unauthorized|denied|authentication|could not read (username|password)|credential not found/i, 'forbidden'],
  [/\b404\b|not found|couldn't find remote ref|not our ref|no chart version found|does not appear to be a git repository|does not exist/i, 'notFound'],
  [/no such host|could not resolve host|connection refused|connection reset|timed? ?out|unable to access|unexpected EOF|\b(429|5\d\d)\b/i, 'unavailable'],
];

/** For commands that talk to the cluster, or render. */
export function helmError(error: unknown): unknown {
  return explained(error, helmWords);
}

/** For commands that fetch charts. */
export function fetchError(error: unknown): unknown {
  return explained(error, fetchWords);
}

/** Anything but a program's own refusal (exit code other than 0) is already told apart. */
function explained(error: unknown, words: typeof helmWords): unknown {
  if (!(error instanceof ProcessError) || error.reason !== 'invalid') return error;
  const detail = lastMessage(error.stderr) || (error.detail ?? '');
  const reason = words.find(([pattern]) => pattern.test(detail))?.[1] ?? 'invalid';
  return new DriverError({ reason, attempted: error.attempted, detail });
}

/** From the first `Error:` (Helm) or `fatal:` (git) on; what stands before are warnings and log lines. */
function lastMessage(stderr: string): string {
  const lines = stderr.trim().split('\n');
  const start = lines.findIndex((line) => /^(Error|fatal|error): /.test(line));
  const message = start === -1 ? lines.slice(-20) : lines.slice(start);
  return message.join('\n').replace(/^(Error|fatal|error): /, '').slice(0, 4_000);
}
