// A regular expression of the configuration against an answer of the candidate. Ends in bounded time, whatever the two are.

import { runInNewContext } from 'node:vm';

const longestMs = 1_000;

/** Undefined when it took more than a second: an expression like `^(a+)+$` needs longer than the sun will shine. */
export function bodyMatches(pattern: string, body: string): boolean | undefined {
  try {
    // A context of its own is not for safety but for its time-out, which no RegExp has.
    return runInNewContext('new RegExp(pattern, "u").test(body)', { pattern, body }, { timeout: longestMs }) as boolean;
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined;
    throw error;
  }
}
