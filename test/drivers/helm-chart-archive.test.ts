// Archives as helm packages them, and as nobody should: every bad one is refused before anything reaches the disk.

import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readArchive, unpackArchive } from '../../src/drivers/helm/chart-archive.ts';
import { pax, tar, tgz } from './helm-charts.ts';

const chartYaml = { path: 'portal/Chart.yaml', content: 'name: portal\nversion: 1.2.3\n' };

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'changeover-test-'));
});
afterAll(() => rm(directory, { recursive: true }));

let made = 0;
async function archive(bytes: Buffer): Promise<string> {
  const path = join(directory, `archive-${(made += 1)}.tgz`);
  await writeFile(path, bytes);
  return path;
}

describe('a chart archive', () => {
  it('is unpacked into the one folder that it has, readable for nobody else', async () => {
    const into = join(directory, 'good');
    const file = { path: 'portal/templates/deep/service.yaml', content: 'kind: Service' };
    const root = await unpackArchive(await archive(tgz(chartYaml, { path: 'portal/templates/', type: '5' }, file)), into);
    expect(root).toBe(join(into, 'portal'));
    expect(await readFile(join(into, file.path), 'utf8')).toBe(file.content);
    expect((await stat(join(into, file.path))).mode & 0o777).toBe(0o600);
  });

  it('may have paths that need a pax header, and comments as git writes them', async () => {
    const long = `portal/${'long/'.repeat(40)}service.yaml`;
    const bytes = tgz({ path: 'g', type: 'g', content: pax('comment', 'commit 1a2b3c4') }, chartYaml, { path: 'x', type: 'x', content: pax('path', long) }, { path: 'portal/long', content: 'kind: Service' });
    expect((await readArchive(await archive(bytes))).map(({ path }) => path)).toEqual(['portal/Chart.yaml', long]);
  });

  const bad: readonly [string, Buffer][] = [
    ['an absolute path', tgz(chartYaml, { path: '/etc/cron.d/job' })],
    ['a path that leads upwards', tgz(chartYaml, { path: 'portal/../../job' })],
    ['a path that leads upwards in a pax header', tgz(chartYaml, { path: 'x', type: 'x', content: pax('path', '../../job') }, { path: 'portal/job' })],
    ['a path with backslashes', tgz(chartYaml, { path: 'portal\\..\\job' })],
    ['a path twice', tgz(chartYaml, chartYaml)],
    ['a symbolic link', tgz(chartYaml, { path: 'portal/link', type: '2', target: '/etc/passwd' })],
    ['a hard link', tgz(chartYaml, { path: 'portal/link', type: '1', target: 'portal/Chart.yaml' })],
    ['a device', tgz(chartYaml, { path: 'portal/disk', type: '4' })],
    ['a file with two sizes', tgz({ path: 'x', type: 'x', content: pax('size', '7') }, chartYaml)],
    ['a name for all files', tgz({ path: 'g', type: 'g', content: pax('path', 'portal/x') }, chartYaml)],
    ['a damaged header', gzipSync(Buffer.from(tar(chartYaml)).fill('z', 0, 3))],
    ['a damaged pax header', tgz({ path: 'x', type: 'x', content: '99 path=x' }, chartYaml)],
    ['an end in the middle of a file', gzipSync(tar(chartYaml).subarray(0, 520))],
    ['no gzip', tar(chartYaml)],
    ['more than fits', gzipSync(Buffer.alloc(101 * 1024 * 1024))],
    ['more packed bytes than fit', Buffer.alloc(20 * 1024 * 1024 + 1)],
  ];
  it.each(bad)('with %s is refused, and nothing is written', async (_title, bytes) => {
    const into = join(directory, 'refused');
    await expect(unpackArchive(await archive(bytes), into)).rejects.toMatchObject({ reason: 'invalid' });
    expect(await readdir(directory)).not.toContain('refused');
  });

  it('with two charts, or none, is refused', async () => {
    await expect(unpackArchive(await archive(tgz(chartYaml, { path: 'other/Chart.yaml' })), join(directory, 'two'))).rejects.toMatchObject({ reason: 'invalid' });
    await expect(unpackArchive(await archive(tgz()), join(directory, 'none'))).rejects.toMatchObject({ reason: 'invalid' });
  });
});
