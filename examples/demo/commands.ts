// Runs the project's own commands as a user would: as processes of their own, with their output on the terminal.

import { delimiter, resolve } from 'node:path';
import { execa } from 'execa';
import type { RunRecord } from '../../src/run/record.ts';

const root = resolve(import.meta.dirname, '../..');

export interface Target {
  readonly context: string;
  /** Undefined: the user's own. */
  readonly kubeconfig: string | undefined;
  /** Where helm is, if not on the PATH. */
  readonly binDir: string | undefined;
  readonly files: readonly string[];
}

/** `npm run cluster -- …`. Rejects when it fails. */
export async function cluster(...args: readonly string[]): Promise<void> {
  await execa(process.execPath, ['cluster/main.ts', ...args], { cwd: root, stdio: 'inherit' });
}

/** `changeover COMMAND` on the target; resolves to its exit code. */
export async function changeover(target: Target, command: string, ...args: readonly string[]): Promise<number> {
  const { exitCode } = await execa(process.execPath, argumentsOf(target, [command, ...args]), { ...processOptions(target), stdio: 'inherit', reject: false });
  return exitCode ?? 1;
}

/** All runs, newest first. */
export async function readHistory(target: Target): Promise<readonly RunRecord[]> {
  const { stdout } = await execa(process.execPath, argumentsOf(target, ['history', '-o', 'json']), processOptions(target));
  return JSON.parse(stdout) as readonly RunRecord[];
}

function argumentsOf({ context, files }: Target, command: readonly string[]): readonly string[] {
  return ['src/main.ts', ...command, '--context', context, ...files.flatMap((file) => ['-f', file])];
}

function processOptions({ kubeconfig, binDir }: Target) {
  const path = binDir === undefined ? {} : { PATH: `${binDir}${delimiter}${process.env['PATH'] ?? ''}` };
  return { cwd: root, env: { ...path, ...(kubeconfig === undefined ? {} : { KUBECONFIG: kubeconfig }) } };
}
