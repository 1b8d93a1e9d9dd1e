// chart/README.md as helm-docs makes it: written, or compared with what is there.

import { execa } from 'execa';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chart } from './render.ts';
import type { StageResult } from '../check/stages.ts';

export async function readmeStage(program: string, mode: 'check' | 'write'): Promise<StageResult> {
  const startedAt = performance.now();
  const output = await outdated(program, mode).catch(String);
  return { name: 'chart readme', passed: output === '', output, durationMs: performance.now() - startedAt };
}

/** What is to be done about it; empty when nothing is. */
async function outdated(program: string, mode: 'check' | 'write'): Promise<string> {
  const { stdout } = await execa(program, ['--chart-search-root', chart, '--dry-run', '--log-level', 'warning']);
  const file = join(chart, 'README.md');
  const wanted = `${stdout.trim()}\n`;
  if (mode === 'write') await writeFile(file, wanted);
  const present = await readFile(file, 'utf8').catch(() => '');
  return present === wanted ? '' : 'chart/README.md is out of date; run: npm run chart:check -- --write';
}
