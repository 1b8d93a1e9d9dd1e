// `npm run chart:check`: what the tools of the field say about the chart. What cannot be run here is told with the reason, and
// is no failure, except where CHANGEOVER_REQUIRE_KUBERNETES says that the machine has everything. `--write` writes chart/README.md instead of comparing it.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { described, runStage, type StageResult } from '../check/stages.ts';
import { readmeStage } from './readme.ts';
import { chart, kindsOf, render, values } from './render.ts';
import { schemaLocation, writeSchemas } from './schemas.ts';
import { findTools, type Found, type Tools } from './tools.ts';
import { waived } from './waivers.ts';

const root = join(import.meta.dirname, '..', '..');

/** True when everything that could be run has passed. */
export async function checkChart(report: (line: string) => void, mode: 'check' | 'write' = 'check'): Promise<boolean> {
  const tools = await findTools(report);
  const directory = await mkdtemp(join(tmpdir(), 'changeover-chart-'));
  try {
    const found = await checks(tools, { directory, mode });
    return await runChecks(found, report);
  } finally {
    await rm(directory, { recursive: true });
  }
}

interface Check {
  readonly name: string;
  readonly needs: readonly Found[];
  readonly run: () => Promise<StageResult>;
}

export async function runChecks(all: readonly Check[], report: (line: string) => void): Promise<boolean> {
  let passed = true;
  for (const { name, needs, run } of all) {
    const missing = needs.find((found) => 'reason' in found);
    if (missing !== undefined && 'reason' in missing) {
      report(`${name.padEnd(12)} left out: ${missing.reason}`);
      passed &&= process.env['CHANGEOVER_REQUIRE_KUBERNETES'] === undefined;
      continue;
    }
    const result = await run();
    report(described(result));
    passed &&= result.passed;
  }
  return passed;
}

async function checks(tools: Tools, { directory, mode }: { readonly directory: string; readonly mode: 'check' | 'write' }): Promise<readonly Check[]> {
  const { helm, go, unittest, docs, conform, score, checkov } = tools;
  const manifests = join(directory, 'manifests.yaml');
  if ('path' in helm) await prepare(helm.path, go, directory);
  const [ignored, skipped] = [waived('kube-score').flatMap((check) => ['--ignore-test', check]), waived('checkov').join(',')];
  const check = (name: string, program: Found, input: readonly string[]): Check => ({
    name,
    needs: [program, ...(input.includes(manifests) ? [helm] : [])],
    run: async () => runStage({ name, command: [pathOf(program), ...input] }, root),
  });
  return [
    check('chart lint', helm, ['lint', '--strict', chart, ...values]),
    check('chart tests', unittest, ['--strict', chart]),
    check('chart kinds', conform, ['-strict', '-schema-location', join(directory, schemaLocation), manifests]),
    contented(check('chart score', score, ['score', '--output-format', 'ci', ...ignored, manifests])),
    check('chart policy', checkov, ['--file', manifests, '--framework', 'kubernetes', '--compact', '--quiet', '--skip-download', '--skip-check', skipped]),
    { name: 'chart readme', needs: [docs], run: async () => readmeStage(pathOf(docs), mode) },
  ];
}

/** The manifests that the tools look at, and the schemas of their kinds. */
async function prepare(helm: string, go: Found, directory: string): Promise<void> {
  const rendered = await render(helm);
  await writeFile(join(directory, 'manifests.yaml'), rendered);
  if ('path' in go) await writeSchemas(directory, { go: go.path, kinds: kindsOf(rendered) });
}

/** kube-score's exit code lets warnings pass. */
function contented(check: Check): Check {
  return {
    ...check,
    run: async () => {
      const result = await check.run();
      return { ...result, passed: result.passed && !/^\[(WARNING|CRITICAL)\]/m.test(result.output) };
    },
  };
}

function pathOf(found: Found): string {
  return 'path' in found ? found.path : '';
}

if (import.meta.main) {
  const mode = process.argv.includes('--write') ? 'write' : 'check';
  process.exitCode = (await checkChart((line) => console.log(line), mode)) ? 0 : 1;
}
