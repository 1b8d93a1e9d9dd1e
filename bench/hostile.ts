// Lets charts that take all the memory there is be rendered many times each, in 256 MiB, and counts how often that was held.
// Says what happened; needs Helm and control groups, but no cluster of its own.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { greedy } from '../test/kubernetes/hostile/charts.ts';
import { runConfined } from '../test/kubernetes/hostile/confined.ts';
import { folderAt } from '../test/kubernetes/hostile/folder.ts';

export interface Held {
  readonly title: string;
  readonly tries: number;
  /** Refused for what the chart takes, with nothing ended by the kernel for want of memory. */
  readonly held: number;
  /** Of the runner and Helm together, over all tries. */
  readonly peakBytes: number;
  readonly msPerTry: number;
}

const program = join(import.meta.dirname, '../test/kubernetes/hostile/main.ts');
const longestTryMs = 60_000;

export async function* measureHostile(tries: number, binDir: string): AsyncGenerator<Held> {
  const root = mkdtempSync(join(tmpdir(), 'changeover-bench-hostile-'));
  try {
    for (const [index, { title, make, refusal }] of greedy.entries()) {
      const folder = folderAt(join(root, String(index)));
      const env = { PATH: `${binDir}:${process.env['PATH']}`, HOME: root, TMPDIR: root };
      const args = [process.execPath, program, 'often', String(tries), JSON.stringify(make(folder).source)];
      const ended = await runConfined(args, { cwd: folder.path, env, timeoutMs: tries * longestTryMs });
      const { accepted = {} } = JSON.parse(ended.stdout) as { readonly accepted?: Readonly<Record<string, number>> };
      const refusals = Object.entries(accepted).filter(([end]) => refusal?.test(end) === true);
      const held = refusals.reduce((sum, [, times]) => sum + times, 0);
      yield { title, tries, held: ended.outOfMemory ? 0 : held, peakBytes: ended.peakBytes, msPerTry: ended.wallMs / tries };
    }
  } finally {
    rmSync(root, { recursive: true });
  }
}
