// Files and charts that mean harm: none reads what is not its own, starts anything, hangs, or takes more than 256 MiB.
// It needs Helm and control groups, but no cluster: it stands here because both are there where the cluster runs.

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConnection } from '../../cluster/connection.ts';
import { hostileCharts, type HostileChart } from './hostile/charts.ts';
import { dearest } from './hostile/combinations.ts';
import { memoryLimitBytes, runConfined, type Confined } from './hostile/confined.ts';
import { hostileFiles } from './hostile/environments.ts';
import { folderAt, secretText, type Folder } from './hostile/folder.ts';
import { honestChart, honestObjects } from './hostile/honest.ts';

const attempt = join(import.meta.dirname, 'hostile/main.ts');
const longestMs = 5_000;
let root: string;
let made = 0;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'changeover-hostile-'));
});
afterAll(() => rmSync(root, { recursive: true }));

function freshFolder(): Folder {
  made += 1;
  return folderAt(join(root, String(made)));
}

function meet(folder: Folder, ...args: readonly string[]): Promise<Confined> {
  const { binDir = '' } = readConnection() ?? {};
  // As anybody's: what `npm test` keeps of compiled sources, it keeps here, too.
  const env = { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '', PATH: `${binDir}:${process.env['PATH']}`, HOME: root, TMPDIR: join(folder.path, '..'), SECRET_OF_TEST: secretText };
  return runConfined([process.execPath, attempt, ...args], { cwd: folder.path, env, timeoutMs: 60_000 });
}

function expectHarmless(ended: Confined, folder: Folder, { refusal, isEitherWay }: Pick<HostileChart, 'refusal' | 'isEitherWay'>): void {
  expect(ended, `it needed more than ${memoryLimitBytes} bytes`).toMatchObject({ outOfMemory: false, timedOut: false });
  expect(ended.wallMs).toBeLessThan(longestMs);
  expect(ended.stdout).not.toContain(secretText);
  expect(ended.stdout).not.toContain('root:x:0');
  expect(existsSync(folder.marker)).toBe(false);
  const outcome = JSON.parse(ended.stdout) as { readonly refused?: string };
  if (refusal === undefined || (isEitherWay === true && outcome.refused === undefined)) expect(Object.keys(outcome)).toEqual(['accepted']);
  else expect(outcome.refused === undefined ? 'accepted' : ended.stdout).toMatch(refusal);
}

test('an honest chart of five megabytes, three hundred objects and ten large definitions is rendered and read within the same bounds', async () => {
  const folder = freshFolder();
  const ended = await meet(folder, 'chart', JSON.stringify({ source: { path: honestChart(folder) } }));
  expectHarmless(ended, folder, {});
  expect(JSON.parse(ended.stdout)).toMatchObject({ accepted: { length: honestObjects } });
});

describe('an environment file with', () => {
  test.each(hostileFiles.map((item) => [item.title, item] as const))('%s', async (_title, { make, refusal }) => {
    const folder = freshFolder();
    expectHarmless(await meet(folder, 'environment', ...[make(folder)].flat()), folder, refusal === undefined ? {} : { refusal });
  });
});

describe('a chart with', () => {
  test.each([...hostileCharts, ...dearest].map((item) => [item.title, item] as const))('%s', async (_title, item) => {
    const folder = freshFolder();
    expectHarmless(await meet(folder, 'chart', JSON.stringify(item.make(folder))), folder, item);
  });
});
