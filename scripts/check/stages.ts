// Runs the stages of a check one after another, all of them even when one fails, and says how long each took.

import { execa } from 'execa';

export interface Stage {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

export interface StageResult {
  readonly name: string;
  readonly passed: boolean;
  readonly durationMs: number;
  /** What it printed, in order. */
  readonly output: string;
}

export async function runStages(stages: readonly Stage[], options: { readonly cwd: string; readonly report: (result: StageResult) => void }): Promise<boolean> {
  let passed = true;
  for (const stage of stages) {
    const result = await runStage(stage, options.cwd);
    options.report(result);
    passed &&= result.passed;
  }
  return passed;
}

export async function runStage({ name, command: [file, ...input] }: Stage, cwd: string): Promise<StageResult> {
  const startedAt = performance.now();
  const { failed, all, exitCode, shortMessage } = await execa(file, input, { cwd, reject: false, all: true });
  // A program that cannot be started has printed nothing that would say why.
  const output = failed && exitCode === undefined ? `${shortMessage ?? 'could not be started'}\n${all}` : all;
  return { name, passed: !failed, durationMs: performance.now() - startedAt, output };
}

/** `types        ok    3.2 s`, and below it what a failed stage printed. */
export function described({ name, passed, durationMs, output }: StageResult): string {
  const line = `${name.padEnd(12)} ${passed ? 'ok    ' : 'failed'} ${(durationMs / 1_000).toFixed(1).padStart(6)} s`;
  return passed || output.trim() === '' ? line : `${line}\n${output.trimEnd()}\n`;
}
