// Charts from a git repository as a forge serves it: over https, where not everybody is let in. Git is real on both sides.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { DriverError } from '../../src/drivers/failure.ts';
import { chartFetcher } from '../../src/drivers/helm/chart.ts';
import type { ChartSource, LocalChart } from '../../src/drivers/helm/helm.ts';
import { runProcess } from '../../src/drivers/process.ts';
import { makeCertificate, type Certificate } from '../support/certificate.ts';
import { gitServer, type GitServer } from './git-server.ts';
import { writeChart } from './helm-charts.ts';

const login = 'deployer:planted-password';
let directory: string;
let certificate: Certificate;
let server: GitServer;
/** Of the chart's versions 1.0.0 and 1.1.0. */
let commits: readonly string[];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'changeover-test-'));
  certificate = await makeCertificate(directory);
  const repository = join(directory, 'root', 'shop');
  const git = async (...args: readonly string[]): Promise<string> =>
    (await execa('git', ['-C', repository, '-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args])).stdout;
  await writeChart(repository, { 'README.md': 'x' });
  await git('init', '--quiet', '--initial-branch=main');
  const commit = async (version: string): Promise<string> => {
    await writeChart(join(repository, 'deploy'), { 'Chart.yaml': `apiVersion: v2\nname: shop\nversion: ${version}\n` });
    await git('add', '.');
    await git('commit', '--quiet', '--message', version);
    await git('tag', `v${version}`);
    return git('rev-parse', 'HEAD');
  };
  commits = [await commit('1.0.0'), await commit('1.1.0')];
  await execa('git', ['clone', '--quiet', '--bare', repository, join(directory, 'root', 'closed')]);
  server = await gitServer({ root: join(directory, 'root'), certificate, closed: { prefix: '/closed', login } });
});
afterAll(async () => {
  await server.close();
  await rm(directory, { recursive: true });
});
beforeEach(() => {
  vi.stubEnv('GIT_SSL_CAINFO', certificate.file);
  // Neither what this machine is configured to do, nor whom it knows.
  vi.stubEnv('HOME', directory);
  vi.stubEnv('GIT_CONFIG_NOSYSTEM', '1');
});
afterEach(() => vi.unstubAllEnvs());

function fetchChart(source: ChartSource): Promise<LocalChart> {
  return chartFetcher({ run: runProcess, file: 'helm', env: {}, timeoutMs: 20_000, workDirectory: join(directory, 'work') })(source);
}

async function failure(source: ChartSource): Promise<DriverError> {
  const error: unknown = await fetchChart(source).catch((thrown: unknown) => thrown);
  if (error instanceof DriverError) return error;
  throw new Error(`expected a DriverError, got ${JSON.stringify(error)}`);
}

describe('a chart in a git repository behind https', { timeout: 30_000 }, () => {
  it('is fetched at a branch, at a tag, or at a commit by its full hash', async () => {
    const at = async (ref: string) => (await fetchChart({ git: `${server.url}/shop`, ref, path: 'deploy' })).version;
    expect(await Promise.all([at('main'), at('v1.0.0'), at(commits[0] ?? ''), at(commits[1] ?? '')])).toEqual(['1.1.0', '1.0.0', '1.0.0', '1.1.0']);
  });

  it('is not found where the repository or the ref is not', async () => {
    expect((await failure({ git: `${server.url}/shop`, ref: 'v9', path: 'deploy' })).reason).toBe('notFound');
    expect((await failure({ git: `${server.url}/nothing`, ref: 'main', path: 'deploy' })).reason).toBe('notFound');
    expect((await failure({ git: `${server.url}/shop`, ref: '0'.repeat(40), path: 'deploy' })).reason).toBe('notFound');
  });

  it('is forbidden without a password, for which nobody is asked, and open with one that a credential helper knows', async () => {
    const source = { git: `${server.url}/closed`, ref: 'main', path: 'deploy' };
    expect((await failure(source)).reason).toBe('forbidden');
    await writeFile(join(directory, '.git-credentials'), `${server.url.replace('://', `://${login}@`)}\n`, { mode: 0o600 });
    await writeFile(join(directory, '.gitconfig'), '[credential]\n\thelper = store\n');
    const chart = await fetchChart(source);
    expect(chart.version).toBe('1.1.0');
    expect(chart.origin).not.toContain('planted');
  });

  it('is not fetched from a server that nobody vouches for, or that is gone', async () => {
    const source = { git: `${server.url}/shop`, ref: 'main', path: 'deploy' };
    vi.stubEnv('GIT_SSL_CAINFO', undefined);
    const stranger = await failure(source);
    expect(stranger.reason).not.toBe('notFound');
    expect(stranger.message).toContain('certificate');
    const gone = await gitServer({ root: directory, certificate });
    await gone.close();
    expect((await failure({ ...source, git: `${gone.url}/shop` })).reason).toBe('unavailable');
  });
});
