// Starts other programs: the only file that does. Never through a shell, never without a time-out, never with a secret in an error.

import { execa } from 'execa';
import { DriverError, type FailureReason } from './failure.ts';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** For standard input, which is closed afterwards. Without it the program reads nothing. */
  readonly input?: string;
  /** Added to this process's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly timeoutMs: number;
  /** Ends the program in an orderly way; the run then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Texts that are replaced wherever they appear in an error. */
  readonly secrets?: readonly string[];
}

export interface ProcessResult {
  readonly stdout: string;
  readonly stderr: string;
  /** Always 0: every other end is an error. */
  readonly exitCode: number;
}

/** Drivers take this as an option, so that a test sees the whole command line. Rejects with a ProcessError. */
export type RunProcess = (command: Command) => Promise<ProcessResult>;

/**
 * `notInstalled`: no such program; `timeout`: ended because time was up; `invalid`: it ended with another exit code than 0;
 * `unavailable`: somebody else ended it; `unreadable`: it printed more than anybody would read.
 */
export class ProcessError extends DriverError {
  readonly exitCode: number | undefined;
  /** Secrets removed. */
  readonly stdout: string;
  /** Secrets removed. */
  readonly stderr: string;

  constructor(reason: FailureReason, facts: ProcessFacts) {
    super({ reason, attempted: facts.attempted, detail: facts.detail });
    this.exitCode = facts.exitCode;
    this.stdout = facts.stdout;
    this.stderr = facts.stderr;
  }
}

interface ProcessFacts {
  readonly attempted: string;
  readonly detail: string;
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** A rendered chart of a large application has a few megabytes. */
const longestOutput = 64 * 1024 * 1024;

/** Between SIGTERM and SIGKILL: Helm writes the release's final status after SIGTERM, and must get the time for it. */
const killDelayMs = 10_000;

export const runProcess: RunProcess = async (command) => {
  command.signal?.throwIfAborted();
  const result = await execa(command.file, command.args, {
    ...(command.input === undefined ? { stdin: 'ignore' as const } : { input: command.input }),
    ...(command.env === undefined ? {} : { env: command.env }),
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
    ...(command.signal === undefined ? {} : { cancelSignal: command.signal }),
    timeout: command.timeoutMs,
    forceKillAfterDelay: killDelayMs,
    maxBuffer: longestOutput,
    reject: false,
    // Its own process group: Ctrl-C in the terminal reaches changeover alone, which ends its children when they can be spared.
    killDescendants: true,
  });
  if (result.isCanceled) throw command.signal?.reason;
  if (result.failed) throw failureOf(result, command);
  return { stdout: result.stdout, stderr: result.stderr, exitCode: 0 };
};

interface Ended {
  readonly code?: string | undefined;
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly timedOut: boolean;
  readonly isMaxBuffer: boolean;
  readonly originalMessage?: string | undefined;
  readonly stdout?: string | undefined;
  readonly stderr?: string | undefined;
}

function failureOf(ended: Ended, command: Command): ProcessError {
  const hide = redactor(command.secrets ?? []);
  const stdout = hide(ended.stdout ?? '');
  const stderr = hide(ended.stderr ?? '');
  const { reason, how } = endOf(ended, command);
  return new ProcessError(reason, {
    attempted: hide([command.file, ...command.args].join(' ')),
    detail: [hide(how), tail(stderr)].filter((text) => text !== '').join(': '),
    exitCode: ended.exitCode,
    stdout,
    stderr,
  });
}

function endOf(ended: Ended, command: Command): { readonly reason: FailureReason; readonly how: string } {
  if (ended.timedOut) return { reason: 'timeout', how: `not done after ${command.timeoutMs / 1000} s` };
  if (ended.isMaxBuffer) return { reason: 'unreadable', how: `more than ${longestOutput} characters of output` };
  if (ended.signal !== undefined) return { reason: 'unavailable', how: `ended by ${ended.signal}` };
  if (ended.exitCode !== undefined) return { reason: 'invalid', how: `exit code ${ended.exitCode}` };
  if (ended.code === 'ENOENT') return { reason: 'notInstalled', how: `there is no program ${command.file} in PATH` };
  return { reason: 'forbidden', how: ended.originalMessage ?? `${command.file} could not be started` };
}

/** Replaces the longest secrets first, so that one which contains another leaves no rest. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const known = secrets.filter((secret) => secret !== '').toSorted((left, right) => right.length - left.length);
  return (text) => known.reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text);
}

/** The last lines, which is where programs say what went wrong. */
function tail(text: string): string {
  const lines = text.trimEnd().split('\n').slice(-20).join('\n');
  return lines.length > 4_000 ? `…${lines.slice(-4_000)}` : lines;
}
