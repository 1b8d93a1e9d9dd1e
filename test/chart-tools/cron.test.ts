// What robfig/cron and Go say themselves, in the version that Kubernetes uses: keeps the fixture and the list of zones true.
// Needs Go; `npx vitest -u` writes the fixture anew.

import { execa } from 'execa';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { presentGo } from '../../cluster/packages.ts';
import { goTools } from '../../scripts/chart/tools.ts';
import { timeZones } from '../../src/config/time-zones.ts';
import { cases, compact, type Case } from '../config/schedule-cases.ts';

const root = join(import.meta.dirname, '..', '..');
const go = await presentGo();

async function controllerRuns(asked: readonly Case[]): Promise<readonly (readonly number[] | null)[]> {
  const program = join(await goTools('cron', go ?? ''), 'cron');
  const { stdout } = await execa(program, { input: asked.map((one) => JSON.stringify(one)).join('\n') });
  return stdout.split('\n').map((line) => JSON.parse(line) as readonly number[] | null);
}

async function cronVersion(module: string): Promise<string | undefined> {
  return /robfig\/cron\/v3 (\S+)/.exec(await readFile(join(root, module, 'go.mod'), 'utf8'))?.[1];
}

describe('robfig/cron', () => {
  it('is asked in the version that the embedded Kubernetes is built with', async () => {
    expect(await cronVersion('tools/cron')).toBe(await cronVersion('cluster/go'));
  });

  it.skipIf(go === undefined)('gives the answers that the fixture holds', { timeout: 60_000 }, async () => {
    const asked = cases(4_000);
    const answers = (await controllerRuns(asked)).map((runs, index) => compact(asked[index]?.from ?? 0, runs));
    await expect(`${answers.join('\n')}\n`).toMatchFileSnapshot('../config/schedule-runs.txt');
  });

  it.skipIf(go === undefined)('knows the time zones that are known here, written in the same way', { timeout: 60_000 }, async () => {
    const { stdout } = await execa(go ?? '', ['env', 'GOROOT']);
    const printed = await execa(join(await goTools('cron', go ?? ''), 'cron'), ['zones'], { env: { GOROOT: stdout } });
    const names = printed.stdout.split('\n');
    expect(names.filter((name) => !timeZones.has(name))).toEqual([]);
    expect([...timeZones].filter((name) => !names.includes(name))).toEqual([]);
  });
});
