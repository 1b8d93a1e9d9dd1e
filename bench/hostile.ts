// Lets charts that take all the memory or time there is be rendered many times each, in 256 MiB, and counts how often that was held.
// They come before all else on the machine, so that it is idle to them. Says what happened; needs Helm and control groups, but no cluster of its own.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { greedy, tireless } from '../test/kubernetes/hostile/charts.ts';
import { combinationsAfter, dearest } from '../test/kubernetes/hostile/combinations.ts';
import { runConfined } from '../test/kubernetes/hostile/confined.ts';
import { folderAt } from '../test/kubernetes/hostile/folder.ts';

interface Often {
  readonly ends: Readonly<Record<string, number>>;
  readonly longestMs: number;
}

export interface Held {
  readonly title: string;
  readonly tries: number;
  /** Refused for what the chart takes, or read within the bounds, with nothing ended by the kernel for want of memory, each within 5 s. */
  readonly held: number;
  /** Of the runner and Helm together, over all tries. */
  readonly peakBytes: number;
  readonly msPerTry: number;
  /** Of one try, from the look into the chart's folder to the refusal. */
  readonly longestMs: number;
}

const program = join(import.meta.dirname, '../test/kubernetes/hostile/main.ts');
const goalMs = 5_000;
const longestTryMs = 60_000;

export async function* measureHostile(tries: number, binDir: string): AsyncGenerator<Held> {
  const root = mkdtempSync(join(tmpdir(), 'changeover-bench-hostile-'));
  try {
    for (const [index, { title, make, refusal, isEitherWay }] of [...greedy, ...tireless, ...combinationsAfter({ busyMs: 0 }), ...dearest].entries()) {
      const folder = folderAt(join(root, String(index)));
      const env = { PATH: `${binDir}:${process.env['PATH']}`, HOME: root, TMPDIR: root };
      const args = [process.execPath, program, 'often', String(tries), JSON.stringify(make(folder))];
      const ended = await runConfined(args, { cwd: folder.path, env, timeoutMs: tries * longestTryMs });
      const { accepted = { ends: {}, longestMs: Number.NaN } } = JSON.parse(ended.stdout) as { readonly accepted?: Often };
      const refusals = Object.entries(accepted.ends).filter(([end]) => refusal?.test(end) === true || (isEitherWay === true && end === 'accepted'));
      const held = refusals.reduce((sum, [, times]) => sum + times, 0);
      yield { title, tries, held: ended.outOfMemory || accepted.longestMs > goalMs ? 0 : held, peakBytes: ended.peakBytes, msPerTry: ended.wallMs / tries, longestMs: accepted.longestMs };
    }
  } finally {
    rmSync(root, { recursive: true });
  }
}
