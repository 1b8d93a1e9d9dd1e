// Building the runner's image: what it says of itself, and that the same commit gives the same bytes wherever and whenever it is built.

import { cp, mkdir, mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildRunnerImage, type RunnerImage } from '../../image/build.ts';
import { buildah } from '../../image/buildah.ts';
import { sha256 } from '../../image/cache.ts';
import { toolsDir } from '../../cluster/paths.ts';

const root = resolve(import.meta.dirname, '../..');
const source = 'https://git.example.org/changeover';
const options = { source, commit: { revision: 'f00ba4', seconds: 1_700_000_000 } };
let directory: string;
let checkout: string;
let first: RunnerImage;
let contents: Contents;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'changeover-reproduced-'));
  checkout = join(directory, 'here');
  await mkdir(checkout);
  const link = async (...options: readonly string[]): Promise<unknown> => execa('cp', ['--archive', ...options, join(root, 'node_modules'), checkout]);
  // Real files, since a bundler looks through links. Linked where it is the same file system: that is a second instead of ten.
  await link('--link').catch(() => link());
  for (const name of ['src', 'config', 'scripts', 'image', 'cluster', 'package.json', 'package-lock.json', 'Dockerfile']) await cp(join(root, name), join(checkout, name), { recursive: true });
  first = await build(checkout);
  contents = await contentsOf(first);
});
afterAll(() => rm(directory, { recursive: true }));

/** As an own process, since a checkout is found by where its files lie. */
async function build(place: string, env: Record<string, string> = {}): Promise<RunnerImage> {
  const script = `const { buildRunnerImage } = await import('./image/build.ts'); console.log(JSON.stringify(await buildRunnerImage(${JSON.stringify(options)})));`;
  const { stdout } = await execa(process.execPath, ['--input-type=module', '--eval', script], { cwd: place, env });
  return JSON.parse(stdout) as RunnerImage;
}

type Contents = Readonly<Record<keyof RunnerImage, string>>;

async function contentsOf({ reference, archive, sbom }: RunnerImage): Promise<Contents> {
  return { reference, archive: await sha256(archive), sbom: await sha256(sbom) };
}

test('two builds of one commit are the same bytes: from another directory, at another time, with nothing kept, base and all', async () => {
  const elsewhere = join(directory, 'and', 'there');
  await mkdir(join(directory, 'and'));
  await rename(checkout, elsewhere);
  const cache = join(directory, 'cache');
  await mkdir(join(cache, 'changeover'), { recursive: true });
  // Helm is pinned by its hash: fetching it again would prove nothing.
  await symlink(resolve(toolsDir('.')), join(cache, 'changeover', 'tools'));
  expect(await contentsOf(await build(elsewhere, { XDG_CACHE_HOME: cache }))).toEqual(contents);
});

test('its labels say which commit it is of, and it names no machine', async () => {
  const { archive } = first;
  const [{ Config: name = '' } = {}] = JSON.parse(await entryOf(archive, 'manifest.json')) as { Config?: string }[];
  const text = await entryOf(archive, name);
  const { config, created } = JSON.parse(text) as { created: string; config: { User: string; Entrypoint: string[]; Labels: Record<string, string> } };
  expect(created).toBe('2023-11-14T22:13:20Z');
  expect(config.User).toBe('10001:10001');
  expect(config.Entrypoint[0]).toBe('/usr/local/bin/node');
  expect(config.Labels).toMatchObject({
    'org.opencontainers.image.revision': 'f00ba4',
    'org.opencontainers.image.created': '2023-11-14T22:13:20.000Z',
    'org.opencontainers.image.version': expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
    'org.opencontainers.image.source': source,
    'org.opencontainers.image.base.name': expect.stringMatching(/@sha256:[0-9a-f]{64}$/) as string,
  });
  expect(text).not.toContain(root);
  expect(text).not.toContain(join(tmpdir(), 'changeover'));
});

async function entryOf(archive: string, name: string): Promise<string> {
  return (await execa('tar', ['--extract', '--to-stdout', '--file', archive, name])).stdout;
}

test('a base that is named by a tag is refused: by our command, and by the Dockerfile whoever builds it', async () => {
  const tag = 'changeover.local/base:latest';
  await expect(buildRunnerImage({ ...options, base: tag })).rejects.toThrow('no image by digest');
  const images = JSON.parse(await buildah('images', '--json')) as { names?: string[] | null }[];
  const known = images.flatMap(({ names }) => names ?? []).find((name) => name.startsWith('changeover.local/base:'));
  const context = join(directory, 'context');
  await cp(join(root, 'Dockerfile'), join(context, 'Dockerfile'));
  // The smallest context that gets as far as the check: a Node, and files to copy.
  await mkdir(join(context, 'bin'));
  await mkdir(join(context, 'program'));
  await cp(process.execPath, join(context, 'bin', 'node'));
  await cp(join(root, 'package.json'), join(context, 'sbom.cdx.json'));
  await expect(buildah('bud', '--quiet', '--isolation', 'chroot', '--pull=never', '--layers=false', '--build-arg', `BASE=${known ?? ''}`, context)).rejects.toThrow('BASE has to be given by digest');
});
