// Starts other programs: the only file that does. Never through a shell, never without a time-out, never with a secret in an error.

import { Failure } from '../errors.ts';
import { DriverError, type FailureReason } from './failure.ts';
import { addressSpaceOf, offerFirst } from './process-memory.ts';
import { cpuTimeOf, outlasts, type Patience } from './process-time.ts';
import { redactor } from './redactor.ts';

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
  /** For programs that are given somebody else's work; the system enforces it, where it can (Linux). */
  readonly limits?: ProcessLimits | undefined;
  /** Whether to watch how much address space and processor time it takes. */
  readonly isMeasured?: boolean;
}

export interface ProcessLimits {
  readonly memoryBytes: number;
  /** The address space that the program reserves, mostly without ever using it, before it does any work: it comes on top. */
  readonly reservedBytes: number;
  /** Of processor time: a loaded machine does not make it shorter. Without it, as long as the time-out says. */
  readonly cpuSeconds?: number;
  /** Of the clock, for a program that gets its share of the processor. */
  readonly patience?: Patience;
  readonly outputBytes?: number;
}

export interface ProcessResult {
  readonly stdout: string;
  readonly stderr: string;
  /** Always 0: every other end is an error. */
  readonly exitCode: number;
  /** Of a program that was measured, what it took before it had any work; unless the system does not tell. */
  readonly reservedBytes?: number | undefined;
  readonly cpuMs?: number | undefined;
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

type Program = Pick<Command, 'file' | 'args'>;

export const runProcess: RunProcess = async (command) => {
  command.signal?.throwIfAborted();
  const limited = await execute(withLimits(command), command);
  // Without util-linux there is nobody to set limits; in a pod the container's own still hold.
  const isUnlimited = command.limits !== undefined && limited.result.code === 'ENOENT';
  const { result, isOverdue, ...measured } = isUnlimited ? await execute(command, command) : limited;
  if (result.isCanceled) throw command.signal?.reason;
  if (result.failed) throw failureOf(result, { command, isOverdue });
  return { stdout: result.stdout, stderr: result.stderr, exitCode: 0, ...(command.isMeasured === true ? measured : {}) };
};

async function execute({ file, args }: Program, command: Command) {
  // Imported only here: whoever starts no program need not wait for it.
  const { execa } = await import('execa');
  const running = execa(file, args, {
    ...(command.input === undefined ? { stdin: 'ignore' as const } : { input: command.input }),
    ...(command.env === undefined ? {} : { env: command.env }),
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
    ...(command.signal === undefined ? {} : { cancelSignal: command.signal }),
    timeout: command.timeoutMs,
    forceKillAfterDelay: killDelayMs,
    maxBuffer: command.limits?.outputBytes ?? longestOutput,
    reject: false,
    // Its own process group: Ctrl-C in the terminal reaches changeover alone, which ends its children when they can be spared.
    killDescendants: true,
  });
  const { pid } = running;
  if (pid === undefined) return { result: await running, isOverdue: false };
  offerFirst(pid);
  const measured = command.isMeasured === true ? Promise.all([addressSpaceOf(pid, running), cpuTimeOf(pid, running)]) : [];
  const overdue = command.limits?.patience === undefined ? false : outlasts(pid, command.limits.patience, running);
  void Promise.resolve(overdue).then((isOver) => isOver && running.kill('SIGKILL'));
  const end = (): void => void (isLockLost(command.signal?.reason) && running.kill('SIGKILL'));
  command.signal?.addEventListener('abort', end, { once: true });
  const result = await running.finally(() => command.signal?.removeEventListener('abort', end));
  const [reservedBytes, cpuMs] = await measured;
  return { result, isOverdue: await overdue, reservedBytes, cpuMs };
}

/** Then another runner is at work already: a Helm that is asked to end writes once more, that its release has failed. */
function isLockLost(reason: unknown): boolean {
  return reason instanceof Failure && reason.code === 'LockLost';
}

/**
 * `prlimit` sets the limits on itself and becomes the program: its process id, its signals, its end. Of address space, because nothing
 * else stops at once a program that takes a gigabyte: against RLIMIT_DATA Linux does not count what was reserved before
 * (mm/mmap.c, count_vma_pages_range), as Go does, and who looks from outside looks too late.
 */
function withLimits({ file, args, limits }: Command): Program {
  if (limits === undefined || process.platform !== 'linux') return { file, args };
  const { reservedBytes, memoryBytes, cpuSeconds } = limits;
  return { file: 'prlimit', args: [`--as=${reservedBytes + memoryBytes}`, ...(cpuSeconds === undefined ? [] : [`--cpu=${cpuSeconds}`]), '--', file, ...args] };
}

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

interface Circumstances {
  readonly command: Command;
  /** Whether it was ended because patience was over. */
  readonly isOverdue: boolean;
}

function failureOf(ended: Ended, { command, isOverdue }: Circumstances): ProcessError {
  const hide = redactor(command.secrets ?? []);
  const stdout = hide(ended.stdout ?? '');
  const limit = exceededLimit(ended, { command, isOverdue });
  // What a program prints that is short of memory is the state of its threads.
  const stderr = limit === undefined ? hide(ended.stderr ?? '') : '';
  const { reason, how } = limit === undefined ? endOf(ended, command) : { reason: 'invalid' as const, how: limit };
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
  if (ended.isMaxBuffer) return { reason: 'unreadable', how: `more than ${command.limits?.outputBytes ?? longestOutput} characters of output` };
  if (ended.signal === 'SIGKILL') return { reason: 'unavailable', how: 'ended by SIGKILL, as the system does when no memory is left' };
  if (ended.signal !== undefined) return { reason: 'unavailable', how: `ended by ${ended.signal}` };
  if (ended.exitCode === 127 && command.limits !== undefined) return { reason: 'notInstalled', how: `there is no program ${command.file} in PATH` };
  if (ended.exitCode !== undefined) return { reason: 'invalid', how: `exit code ${ended.exitCode}` };
  if (ended.code === 'ENOENT') return { reason: 'notInstalled', how: `there is no program ${command.file} in PATH` };
  return { reason: 'forbidden', how: ended.originalMessage ?? `${command.file} could not be started` };
}

/** The kernel ends what has used up its processor time, or all memory there was; a Go program that gets no more memory ends itself. */
function exceededLimit({ signal, timedOut, stderr = '' }: Ended, { command: { limits }, isOverdue }: Circumstances): string | undefined {
  if (limits === undefined || timedOut) return undefined;
  const memory = `it needed more than ${Math.round(limits.memoryBytes / 1_048_576)} MiB of memory`;
  if (/^(fatal error: .*(out of memory|cannot allocate memory)|runtime: .*(out of memory|cannot allocate))/m.test(stderr)) return memory;
  if (signal !== 'SIGKILL') return undefined;
  if (isOverdue && limits.patience !== undefined) return `it was still at work after ${limits.patience.afterMs / 1_000} s, with more than ${limits.patience.cpuMs / 1_000} s of processor time`;
  return limits.cpuSeconds === undefined ? `the system ended it: no memory was left for it` : `the system ended it: more than ${limits.cpuSeconds} s of processor time, or no memory left`;
}

/** The last lines, which is where programs say what went wrong. */
function tail(text: string): string {
  const lines = text.trimEnd().split('\n').slice(-20).join('\n');
  return lines.length > 4_000 ? `…${lines.slice(-4_000)}` : lines;
}
