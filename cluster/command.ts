// The only file here that starts processes. It never uses a shell; a failure carries the command and what it printed.
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { execa } from 'execa';

/** A command as data: the program and its arguments, each as it is, with nothing left to quote. */
export type Argv = readonly [string, ...string[]];

export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Runs to the end and returns what was printed; throws with the tail of the output when the exit code is not zero. */
export async function run(argv: Argv, options: RunOptions = {}): Promise<string> {
  const [file, ...rest] = argv;
  const result = await execa(file, rest, { ...options, reject: false, all: true });
  if (result.failed) {
    throw new Error(`${argv.join(' ')}\nfailed (${result.exitCode ?? result.shortMessage}):\n${tail(result.all, 20)}`);
  }
  return result.stdout;
}

export interface Background {
  readonly pid: number;
  /** Settles when the process ends, with its exit code or signal; it never rejects. */
  readonly exited: Promise<string>;
}

/**
 * Starts a process that outlives us, with its output in a file. Its environment is given whole: a mark that it must not
 * carry cannot slip in, nor a secret of whoever runs `up`.
 */
export function startInBackground(argv: Argv, logFile: string, env: NodeJS.ProcessEnv): Background {
  const [file, ...rest] = argv;
  const log = openSync(logFile, 'a');
  const child = spawn(file, rest, { detached: true, stdio: ['ignore', log, log], env, cwd: '/' });
  closeSync(log);
  child.unref();
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  return { pid: child.pid ?? 0, exited };
}

/** The last lines of a log: where the reason of a failure usually stands. */
export function tail(text: string, lines: number): string {
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}
