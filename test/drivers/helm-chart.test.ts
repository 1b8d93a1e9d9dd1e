// Charts from every kind of source. Folders and git are real; helm pull is played by a function that leaves an archive.

import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DriverError } from '../../src/drivers/failure.ts';
import { chartFetcher } from '../../src/drivers/helm/chart.ts';
import type { ChartSource, LocalChart } from '../../src/drivers/helm/helm.ts';
import { ProcessError, runProcess, type Command, type RunProcess } from '../../src/drivers/process.ts';
import { tgz, writeChart, type ChartFiles } from './helm-charts.ts';

const chartYaml = 'apiVersion: v2\nname: portal\nversion: 1.2.3\n';
let directory: string;
beforeAll(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'changeover-test-')));
});
afterAll(() => rm(directory, { recursive: true }));

let made = 0;
function chartOf(files: ChartFiles): Promise<string> {
  return writeChart(join(directory, `chart-${(made += 1)}`), files);
}

function fetcher(run: RunProcess = runProcess): (source: ChartSource) => Promise<LocalChart> {
  return chartFetcher({ run, file: 'helm', env: {}, timeoutMs: 20_000, workDirectory: join(directory, 'work') });
}

async function failure(source: ChartSource, run?: RunProcess): Promise<DriverError> {
  const error: unknown = await fetcher(run)(source).catch((thrown: unknown) => thrown);
  if (error instanceof DriverError) return error;
  throw new Error(`expected a DriverError, got ${JSON.stringify(error)}`);
}

describe('a chart in an archive on this machine', () => {
  it('is unpacked elsewhere, once, and known by its hash', async () => {
    const path = join(directory, 'portal.tgz');
    await writeFile(path, tgz({ path: 'portal/Chart.yaml', content: chartYaml }));
    const fetch = fetcher();
    const chart = await fetch({ path });
    expect(chart).toEqual({ directory: expect.stringContaining(join(directory, 'work')), name: 'portal', version: '1.2.3', origin: path, identity: expect.stringMatching(/^sha256:[0-9a-f]{64}$/), bytes: expect.any(Number) });
    await writeFile(path, 'something else meanwhile');
    expect(await fetch({ path })).toBe(chart);
  });

  it('may be reached by a link, as a ConfigMap is mounted', async () => {
    const [archive, link] = [join(directory, 'linked.tgz'), join(directory, 'link.tgz')];
    await writeFile(archive, tgz({ path: 'portal/Chart.yaml', content: chartYaml }));
    await symlink(archive, link);
    expect(await fetcher()({ path: link })).toMatchObject({ name: 'portal', origin: link });
  });

  it('is refused when it is none', async () => {
    const path = join(directory, 'none.tgz');
    await writeFile(path, 'no archive');
    expect((await failure({ path })).reason).toBe('invalid');
  });
});

describe('a chart in a folder', () => {
  it('is used where it lies', async () => {
    const path = await chartOf({ 'Chart.yaml': chartYaml, 'templates/a.yaml': '' });
    expect(await fetcher()({ path })).toEqual({ directory: path, name: 'portal', version: '1.2.3', origin: path, identity: expect.stringMatching(/^sha256:[0-9a-f]{64}$/), bytes: expect.any(Number) });
  });

  it('is as large as all its files, those of packed dependencies as they are unpacked', async () => {
    const bytesOf = async (files: Readonly<Record<string, string | Buffer>>) => (await fetcher()({ path: await chartOf({ 'Chart.yaml': chartYaml, ...files }) })).bytes ?? 0;
    const packed = tgz({ path: 'common/Chart.yaml', content: 'name: common\nversion: 1.0.0\n' }, { path: 'common/values.yaml', content: 'x'.repeat(100_000) });
    const [empty, values, dependency] = [await bytesOf({}), await bytesOf({ 'values.yaml': 'x'.repeat(100_000) }), await bytesOf({ 'charts/common-1.0.0.tgz': packed })];
    expect(values - empty).toBe(100_000);
    expect(dependency - empty).toBeGreaterThan(100_000);
  });

  it('is not found when there is no such folder, and is none without a Chart.yaml that can be read', async () => {
    expect((await failure({ path: join(directory, 'absent') })).reason).toBe('notFound');
    expect(await failure({ path: await chartOf({ 'values.yaml': '' }) })).toMatchObject({ reason: 'invalid', detail: 'there is no Chart.yaml in it' });
    expect((await failure({ path: await chartOf({ 'Chart.yaml': 'name: [' }) })).reason).toBe('invalid');
    expect((await failure({ path: await chartOf({ 'Chart.yaml': 'name: portal' }) })).detail).toContain('version');
  });

  it('may have links inside of itself, but none that leads out of it', async () => {
    const path = await chartOf({ 'Chart.yaml': chartYaml, 'files/a.txt': 'a' });
    await symlink('a.txt', join(path, 'files/b.txt'));
    await fetcher()({ path });
    await symlink('/etc/passwd', join(path, 'files/c.txt'));
    expect(await failure({ path })).toMatchObject({ reason: 'invalid', detail: 'the link files/c.txt leads out of it, to /etc/passwd' });
  });

  it.each(['../outside', '/nowhere/at-all'])('with a link to %s is refused', async (target) => {
    const path = await chartOf({ 'Chart.yaml': chartYaml });
    await mkdir(join(directory, 'outside'), { recursive: true });
    await symlink(target, join(path, 'link'));
    expect((await failure({ path })).reason).toBe('invalid');
  });

  it('without its dependencies says how to bring them along; nothing is fetched at run time', async () => {
    const dependencies = `${chartYaml}dependencies: [{ name: postgresql, version: 1.x, repository: "https://charts.example.org" }, { name: common, version: 1.x }]\n`;
    const common = { 'charts/common/Chart.yaml': 'name: common\nversion: 1.0.0\n' };
    const error = await failure({ path: await chartOf({ 'Chart.yaml': dependencies, ...common }) });
    expect(error.detail).toBe('it lacks its dependencies postgresql; run "helm dependency build" and ship the charts/ folder with it');
    const packed = tgz({ path: 'postgresql/Chart.yaml', content: 'name: postgresql\nversion: 1.1.0\n' });
    await fetcher()({ path: await chartOf({ 'Chart.yaml': dependencies, ...common, 'charts/postgresql-1.1.0.tgz': packed }) });
  });

  it('is refused for a bad archive among its dependencies, which Helm would unpack', async () => {
    const packed = tgz({ path: 'common/Chart.yaml', content: chartYaml }, { path: 'common/link', type: '2', target: '/etc/passwd' });
    expect((await failure({ path: await chartOf({ 'Chart.yaml': chartYaml, 'charts/common-1.tgz': packed }) })).reason).toBe('invalid');
  });
});

describe('a chart in a git repository', () => {
  async function repository(): Promise<{ readonly git: string; readonly commit: string; run(...args: readonly string[]): Promise<string> }> {
    const git = await chartOf({ 'deploy/chart/Chart.yaml': chartYaml, 'README.md': 'x' });
    const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.org'];
    const run = async (...args: readonly string[]) => (await runProcess({ file: 'git', args: ['-C', git, ...identity, ...args], timeoutMs: 20_000 })).stdout;
    await run('init', '--quiet', '--initial-branch=main');
    await run('add', '.');
    await run('commit', '--quiet', '-m', 'first');
    await run('tag', 'v1');
    return { git, commit: await run('rev-parse', '--short', 'HEAD'), run };
  }

  it('is fetched from a branch or a tag, and the commit is told', async () => {
    const { git, commit } = await repository();
    for (const ref of ['main', 'v1']) {
      const chart = await fetcher()({ git, ref, path: 'deploy/chart' });
      expect(chart).toMatchObject({ name: 'portal', version: '1.2.3', origin: `git ${git} ${ref} at ${commit}` });
    }
  });

  it('is fetched once: what was planned is installed, even when the branch has moved on', async () => {
    const { git, commit, run } = await repository();
    const fetch = fetcher();
    await fetch({ git, ref: 'main', path: 'deploy/chart' });
    await run('commit', '--quiet', '--allow-empty', '-m', 'second');
    expect((await fetch({ git, ref: 'main', path: 'deploy/chart' })).origin).toContain(commit);
  });

  it('is not found in a repository or at a ref that is not there', async () => {
    const { git } = await repository();
    expect((await failure({ git, ref: 'no-such-branch', path: 'deploy/chart' })).reason).toBe('notFound');
    expect((await failure({ git: join(directory, 'no-repository'), ref: 'main', path: '.' })).reason).toBe('notFound');
  });

  it.each(['../..', '/etc', 'no/such/path'])('must lie in the repository, which %s does not', async (path) => {
    const { git } = await repository();
    expect((await failure({ git, ref: 'main', path })).reason).toBe('invalid');
  });

  it('has no password in its address, where the process list and the record would show it', async () => {
    const commands: Command[] = [];
    const error = await failure({ git: 'https://bot:planted-token@example.org/app.git', ref: 'main', path: '.' }, async (command) => {
      commands.push(command);
      return { stdout: '', stderr: '', exitCode: 0 };
    });
    expect(error.reason).toBe('invalid');
    expect(error.message).not.toContain('planted');
    expect(commands).toEqual([]);
  });
});

describe('a chart from a registry', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const oci = 'oci://registry.example.org/portal';
  const leaving = (archives: Readonly<Record<string, Buffer>>, stderr = `Pulled: portal:1.2.3\nDigest: ${digest}\n`): RunProcess => async ({ args }) => {
    const destination = args[args.indexOf('--destination') + 1] ?? '';
    for (const [name, content] of Object.entries(archives)) await writeFile(join(destination, name), content);
    return { stdout: '', stderr, exitCode: 0 };
  };
  const good = { 'portal-1.2.3.tgz': tgz({ path: 'portal/Chart.yaml', content: chartYaml }) };

  it('is pulled, checked, unpacked, and told by its digest', async () => {
    const chart = await fetcher(leaving(good))({ oci, version: '1.2.3', digest });
    expect(chart).toMatchObject({ name: 'portal', version: '1.2.3', origin: `${oci} 1.2.3@${digest}` });
  });

  it.each([
    ['another digest', `Digest: sha256:${'b'.repeat(64)}\n`],
    ['no digest', 'Pulled: portal:1.2.3\n'],
  ])('is refused with %s than the configuration demands', async (_title, stderr) => {
    expect((await failure({ oci, version: '1.2.3', digest }, leaving(good, stderr))).reason).toBe('invalid');
  });

  it('is refused when the pull leaves no archive, or several', async () => {
    expect((await failure({ oci, version: '1.2.3' }, leaving({}))).reason).toBe('invalid');
    expect((await failure({ oci, version: '1.2.3' }, leaving({ ...good, 'other-1.tgz': good['portal-1.2.3.tgz'] }))).reason).toBe('invalid');
  });

  it.each([
    ['Error: registry.example.org/portal:9.9.9: not found', 'notFound'],
    ['Error: chart "portal" version "9.9.9" not found in https://charts.example.org repository', 'notFound'],
    ['Error: failed to authorize: failed to fetch anonymous token: unexpected status: 401 Unauthorized', 'forbidden'],
    ['Error: failed to perform "FetchReference" on source: GET "https://registry.example.org/v2/portal/manifests/1.2.3": basic credential not found', 'forbidden'],
    ['Error: Get "https://registry.example.org/v2/": dial tcp: lookup registry.example.org: no such host', 'unavailable'],
    ['Error: failed to fetch https://charts.example.org/index.yaml : 503 Service Unavailable', 'unavailable'],
    ['Error: improper constraint: latest-and-greatest', 'invalid'],
  ])('that cannot be pulled ("%s") is: %s; and it is tried anew the next time', async (stderr, reason) => {
    let calls = 0;
    const fetch = fetcher(async (command) => {
      calls += 1;
      if (calls === 1) throw new ProcessError('invalid', { attempted: 'helm pull', detail: 'exit code 1', exitCode: 1, stdout: '', stderr });
      return leaving(good)(command);
    });
    await expect(fetch({ oci, version: '1.2.3' })).rejects.toMatchObject({ reason });
    expect(await fetch({ oci, version: '1.2.3' })).toMatchObject({ name: 'portal' });
  });
});
