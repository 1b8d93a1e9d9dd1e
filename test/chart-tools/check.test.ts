// The checks of the chart themselves: what is left out has a reason, and strict means strict. Without building anything.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { runChecks } from '../../scripts/chart/check.ts';
import { kindsOf } from '../../scripts/chart/render.ts';
import { presentGo } from '../../cluster/packages.ts';
import { writeSchemas } from '../../scripts/chart/schemas.ts';
import { waived, waivers } from '../../scripts/chart/waivers.ts';

const result = (name: string, passed: boolean) => async () => ({ name, passed, durationMs: 1_000, output: `said by ${name}` });

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('the checks of the chart', () => {
  it('tell what they leave out on this machine, and why, and are not failed by that', async () => {
    const lines: string[] = [];
    const checks = [
      { name: 'chart score', needs: [{ reason: 'there is no Go 1.25 or later on this machine' }], run: result('chart score', false) },
      { name: 'chart lint', needs: [{ path: '/bin/helm' }], run: result('chart lint', true) },
    ];
    vi.stubEnv('CHANGEOVER_REQUIRE_KUBERNETES', undefined);
    expect(await runChecks(checks, (line) => lines.push(line))).toBe(true);
    expect(lines).toEqual(['chart score  left out: there is no Go 1.25 or later on this machine', 'chart lint   ok        1.0 s']);
  });

  it('leave nothing out where the machine is said to have everything', async () => {
    vi.stubEnv('CHANGEOVER_REQUIRE_KUBERNETES', '1');
    const checks = [{ name: 'chart score', needs: [{ reason: 'the build failed' }], run: result('chart score', true) }];
    expect(await runChecks(checks, () => undefined)).toBe(false);
  });

  it('all run, also after one that failed, and show what that one said', async () => {
    const lines: string[] = [];
    const checks = [
      { name: 'one', needs: [], run: result('one', false) },
      { name: 'two', needs: [], run: result('two', true) },
    ];
    expect(await runChecks(checks, (line) => lines.push(line))).toBe(false);
    expect(lines.join('\n')).toContain('said by one');
    expect(lines).toHaveLength(2);
  });
});

describe('a finding that is meant to stay', () => {
  it('has a written reason, and is named once', () => {
    for (const { reason } of waivers) expect(reason.length).toBeGreaterThan(40);
    expect(new Set(waivers.map(({ tool, check }) => `${tool} ${check}`)).size).toBe(waivers.length);
    expect([...waived('checkov'), ...waived('kube-score')]).toHaveLength(waivers.length);
  });
});

describe('the kinds in a manifest', () => {
  it('are named once each, whatever lies between them', () => {
    expect(kindsOf('---\napiVersion: v1\nkind: Secret\n---\n# nothing\n---\napiVersion: batch/v1\nkind: CronJob\n---\napiVersion: v1\nkind: Secret\n')).toEqual([
      { apiVersion: 'v1', kind: 'Secret' },
      { apiVersion: 'batch/v1', kind: 'CronJob' },
    ]);
  });
});

const go = await presentGo();

describe.skipIf(go === undefined || process.env['CHANGEOVER_REQUIRE_KUBERNETES'] === undefined)('the schemas of kinds', () => {
  it('come from the Kubernetes that the tests run on, and allow no unknown key', { timeout: 60_000 }, async () => {
    const directory = await mkdtemp(join(tmpdir(), 'changeover-schemas-'));
    try {
      await writeSchemas(directory, { go: go ?? '', kinds: [{ apiVersion: 'batch/v1', kind: 'CronJob' }, { apiVersion: 'example.org/v1', kind: 'Unknown' }] });
      const schema = JSON.parse(await readFile(join(directory, 'batch-v1-cronjob.json'), 'utf8')) as { readonly definitions: Readonly<Record<string, { readonly additionalProperties?: unknown }>> };
      expect(schema.definitions['io.k8s.api.batch.v1.CronJobSpec']?.additionalProperties).toBe(false);
      await expect(readFile(join(directory, 'example.org-v1-unknown.json'))).rejects.toThrow('ENOENT');
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
