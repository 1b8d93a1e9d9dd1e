// What a plan remembers of a chart: another content is another identity, and the same content the same one, wherever it lies.

import { cp, mkdir, mkdtemp, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chartFetcher } from '../../src/drivers/helm/chart.ts';
import { pinnedSource, type ChartSource, type LocalChart } from '../../src/drivers/helm/helm.ts';
import { runProcess, type RunProcess } from '../../src/drivers/process.ts';
import { tgz, writeChart } from './helm-charts.ts';

const files = { 'Chart.yaml': 'apiVersion: v2\nname: portal\nversion: 1.2.3\n', 'templates/a.yaml': 'a: 1\n', 'values.yaml': '' };
let directory: string;
let path: string;
let made = 0;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'changeover-test-'));
});
afterAll(() => rm(directory, { recursive: true }));
beforeEach(async () => {
  path = await writeChart(join(directory, `chart-${(made += 1)}`), files);
});

function fetcher(run: RunProcess = runProcess): (source: ChartSource) => Promise<LocalChart> {
  return chartFetcher({ run, file: 'helm', env: {}, timeoutMs: 20_000, workDirectory: join(directory, `work-${made}`) });
}

describe('a chart in a folder', () => {
  const identity = async (of = path): Promise<string> => (await fetcher()({ path: of })).identity;

  it('is the same one in another place', async () => {
    const copy = join(directory, `copy-${made}`);
    await cp(path, copy, { recursive: true });
    expect(await identity(copy)).toBe(await identity());
  });

  it.each<[string, () => Promise<unknown>]>([
    ['a template says something else', () => writeFile(join(path, 'templates/a.yaml'), 'a: 2\n')],
    ['a file is new, though empty', () => writeFile(join(path, 'templates/b.yaml'), '')],
    ['a file is gone', () => unlink(join(path, 'values.yaml'))],
    ['a file has another name', () => cp(join(path, 'values.yaml'), join(path, 'values2.yaml')).then(() => unlink(join(path, 'values.yaml')))],
    ['two files have changed places', () => Promise.all([writeFile(join(path, 'templates/a.yaml'), ''), writeFile(join(path, 'values.yaml'), 'a: 1\n')])],
    ['a link leads to another file of it', () => symlink('a.yaml', join(path, 'templates/c.yaml'))],
  ])('is another one when %s', async (_, change) => {
    const before = await identity();
    await change();
    expect(await identity()).not.toBe(before);
  });

  it('is looked at anew each time, and what git notes of itself is not part of it', async () => {
    const fetch = fetcher();
    const before = (await fetch({ path })).identity;
    await mkdir(join(path, '.git'));
    await writeFile(join(path, '.git/FETCH_HEAD'), 'x');
    expect((await fetch({ path })).identity).toBe(before);
    await writeFile(join(path, 'values.yaml'), 'more: 1\n');
    expect((await fetch({ path })).identity).not.toBe(before);
  });
});

describe('a chart in a git repository', () => {
  const run = async (...args: readonly string[]): Promise<string> => {
    const who = ['-c', 'user.name=t', '-c', 'user.email=t@example.org'];
    return (await runProcess({ file: 'git', args: ['-C', path, ...who, ...args], timeoutMs: 20_000 })).stdout.trim();
  };
  const source = () => ({ git: path, ref: 'main', path: '.' });

  beforeEach(async () => {
    await run('init', '--quiet', '--initial-branch=main');
    await run('add', '.');
    await run('commit', '--quiet', '-m', 'first');
  });

  it('is its commit, and the pinned source leads to that commit when the branch has moved on', async () => {
    const planned = await fetcher()(source());
    expect(planned.identity).toBe(`commit ${await run('rev-parse', 'HEAD')}`);
    await run('commit', '--quiet', '--allow-empty', '-m', 'second');
    const later = fetcher();
    expect((await later(source())).identity).not.toBe(planned.identity);
    expect((await later(pinnedSource(source(), planned.identity))).identity).toBe(planned.identity);
  });

  it('is not fetched again by its commit when the branch has just led to it', async () => {
    const commands: string[] = [];
    const fetch = fetcher((command) => (commands.push(command.args.join(' ')), runProcess(command)));
    const { identity } = await fetch(source());
    const count = commands.length;
    await fetch(pinnedSource(source(), identity));
    expect(commands.slice(count)).toEqual([]);
  });
});

describe('a chart that is pulled', () => {
  const archive = (content: string): Buffer => tgz({ path: 'portal/Chart.yaml', content: files['Chart.yaml'] }, { path: 'portal/values.yaml', content });
  const pulling = (content: string, stderr = ''): RunProcess => async ({ args }) => {
    await writeFile(join(args[args.indexOf('--destination') + 1] ?? '', 'portal-1.2.3.tgz'), archive(content));
    return { stdout: '', stderr, exitCode: 0 };
  };
  const repository = { repository: 'https://charts.example.org', name: 'portal', version: '1.2.3' };
  const oci = { oci: 'oci://registry.example.org/portal', version: '1.2.3' };

  it('from a repository is its archive', async () => {
    const first = (await fetcher(pulling('a: 1'))(repository)).identity;
    expect(first).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect((await fetcher(pulling('a: 1'))(repository)).identity).toBe(first);
    expect((await fetcher(pulling('a: 2'))(repository)).identity).not.toBe(first);
  });

  it('from a registry is the digest that the registry tells, or else its archive', async () => {
    const digest = `sha256:${'d'.repeat(64)}`;
    expect((await fetcher(pulling('a: 1', `Digest: ${digest}\n`))(oci)).identity).toBe(digest);
    expect((await fetcher(pulling('a: 1'))(oci)).identity).toBe((await fetcher(pulling('a: 1'))(repository)).identity);
  });
});

describe('the pinned source', () => {
  it.each<[ChartSource, string | undefined]>([
    [{ path: '/chart' }, `sha256:${'0'.repeat(64)}`],
    [{ oci: 'oci://registry.example.org/portal', version: '1.2.3' }, `sha256:${'0'.repeat(64)}`],
    [{ git: 'https://example.org/app.git', ref: 'main', path: '.' }, undefined],
    [{ git: 'https://example.org/app.git', ref: 'main', path: '.' }, 'commit --upload-pack=evil'],
  ])('of %j with identity %s is the source itself', (source, identity) => {
    expect(pinnedSource(source, identity)).toEqual(source);
  });
});
