#!/usr/bin/env node
// The process: arguments, environment variables, signals, exit code. Everything else is handed to cli.

import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { completionWord, run } from './cli/program.ts';
import type { CommandIO } from './cli/io.ts';
import { Failure } from './errors.ts';
import { systemClock } from './run/system-clock.ts';
import { realIdentities } from './session/identity.ts';

const { env, stdout, stderr } = process;
const stop = new AbortController();

/** 128 + the signal's number: whoever started it (a shell, a Job) sees that it was stopped, and has not failed. */
const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

function askToStop(signal: keyof typeof exitCodes): void {
  // Asked twice, it goes at once: a run that is cut off is resumed or unwound by the next one.
  if (stop.signal.reason instanceof Failure) process.exit(stop.signal.reason.exitCode);
  stop.abort(new Failure('Interrupted', { summary: `it was asked to stop (${signal})`, exitCode: exitCodes[signal] }));
}

process.on('SIGTERM', () => askToStop('SIGTERM'));
process.on('SIGINT', () => askToStop('SIGINT'));
/** What kept standard output from being written, but for the reader of a pipe who left early (`| head`). No run dies of either. */
let unwritten: NodeJS.ErrnoException | undefined;
stdout.on('error', (error: NodeJS.ErrnoException) => void (unwritten = error.code === 'EPIPE' ? unwritten : error));
stderr.on('error', () => undefined);

const workDirectory = join(tmpdir(), `changeover-${process.pid}`);

const isTerminal = stderr.isTTY && env['TERM'] !== 'dumb';
const io: CommandIO = {
  stdout: (text) => void stdout.write(text),
  stderr: (text) => void stderr.write(text),
  isTerminal,
  // Asked for each time: windows change their size. One that nobody has given a size has 0.
  get columns() {
    return stderr.columns || 80;
  },
  get rows() {
    return stderr.rows || 24;
  },
  // https://no-color.org: any value that is not empty.
  color: isTerminal && (env['NO_COLOR'] ?? '') === '',
  now: () => systemClock.now(),
};

/** Installed under further names it is a plugin of kubectl, and what completes its command lines. */
const calledAs = basename(process.argv[1] ?? '');
const words = process.argv.slice(2);

const exitCode = await run(calledAs.startsWith('kubectl_complete-') ? [completionWord, ...words] : words, {
  program: calledAs.startsWith('kubectl-') ? 'kubectl changeover' : 'changeover',
  io,
  clock: systemClock,
  stop: stop.signal,
  identities: realIdentities,
  inCluster: env['KUBERNETES_SERVICE_HOST'] !== undefined,
  cwd: process.cwd(),
  connect: async (environment, options) => {
    // Imported only here: the Kubernetes client costs `--help` and `validate` nothing.
    const { connectDrivers } = await import('./drivers/registry.ts');
    return connectDrivers(environment, { ...options, workDirectory, kubeconfigs: (env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '') });
  },
});

await rm(workDirectory, { recursive: true, force: true });
// Pipes are written to asynchronously; connections that are still open would keep the process alive.
const flushed = (stream: NodeJS.WriteStream): Promise<void> => new Promise((written) => stream.write('', () => written()));
await flushed(stdout);
// Whoever reads a file must not take the end of what is missing for the end of what there is.
if (unwritten !== undefined) stderr.write(`standard output could not be written: ${unwritten.message}\n`);
await flushed(stderr);
process.exit(unwritten !== undefined && exitCode === 0 ? 1 : exitCode);
