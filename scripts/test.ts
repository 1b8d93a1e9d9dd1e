// `npm test`: all tests, the Kubernetes ones where they can run, and one line of numbers at the end.
// It takes down the embedded cluster only if it has brought it up itself.

import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { readConnection } from '../cluster/connection.ts';
import { stateDir } from '../cluster/paths.ts';
import { failureLines, kubernetesSkipReason, lastLine, resultOf, skippedResult, summed, troubled, type ProjectResult } from './test/results.ts';

const root = resolve(import.meta.dirname, '..');
const bin = join(root, 'node_modules', '.bin');
const stop = new AbortController();
const isRequired = process.env['CHANGEOVER_REQUIRE_KUBERNETES'] === '1';

async function main(): Promise<number> {
  const results = [await runProject('fast'), await kubernetes()];
  for (const line of failureLines(results)) console.log(line);
  const total = summed(results);
  console.log(lastLine(total));
  return total.failed === 0 ? 0 : 1;
}

async function kubernetes(): Promise<ProjectResult> {
  const reason = kubernetesSkipReason({ platform: process.platform, uid: process.getuid?.() });
  if (reason === undefined) return withCluster(() => runProject('kubernetes'));
  if (isRequired) return troubled('kubernetes', `required, but ${reason}`);
  console.log(`The Kubernetes tests are skipped: ${reason}.`);
  const { stdout } = await execa(join(bin, 'vitest'), ['list', '--project', 'kubernetes', '--json'], { cwd: root, reject: false });
  return skippedResult('kubernetes', stdout);
}

async function withCluster(run: () => Promise<ProjectResult>): Promise<ProjectResult> {
  if (readConnection() !== undefined) return run();
  try {
    const up = await start(process.execPath, ['cluster/main.ts', 'up']);
    const result = up === 0 ? await run() : troubled('kubernetes', 'the embedded cluster did not come up');
    if (result.failed > 0) await keepLogs();
    return result;
  } finally {
    await execa(process.execPath, ['cluster/main.ts', 'down'], { cwd: root, stdio: 'inherit', reject: false });
  }
}

/** The next `up` wipes what the cluster wrote: after a failure it may be the only witness. */
async function keepLogs(): Promise<void> {
  const logs = join(stateDir, 'run', 'logs');
  // A cluster that did not come up may have written none.
  if (!existsSync(logs)) return;
  const kept = join(stateDir, 'logs-of-failed-tests');
  await rm(kept, { recursive: true, force: true });
  await cp(logs, kept, { recursive: true });
  console.log(`The cluster's logs are kept in ${kept}`);
}

async function runProject(project: string): Promise<ProjectResult> {
  const folder = await mkdtemp(join(tmpdir(), 'changeover-test-report-'));
  try {
    if (stop.signal.aborted) return troubled(project, 'was interrupted');
    const file = join(folder, 'report.json');
    const exitCode = await start(join(bin, 'vitest'), ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`]);
    return resultOf(project, { text: await readFile(file, 'utf8').catch(() => undefined), exitCode });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The program is started some hundreds of times from its sources: compiled once, each start costs half. */
const env = { NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compiled') };

/** Resolves with the exit code; 1 when it could not be started, or was stopped together with us. */
async function start(file: string, input: readonly string[]): Promise<number> {
  const { exitCode = 1 } = await execa(file, input, { cwd: root, env, stdio: 'inherit', reject: false, cancelSignal: stop.signal });
  return exitCode;
}

// Stays until what it has begun is cleaned up: a cluster that nobody knows of any more would go on running.
process.on('SIGINT', () => stop.abort());
process.on('SIGTERM', () => stop.abort());
process.exitCode = await main();
