// `npm run image`: builds the runner's image without a registry and prints where it lies and what it is called.
// Everything is cached outside the checkout; it never touches a container runtime.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { debianBase } from './base.ts';
import { buildah, installBuildTools } from './buildah.ts';
import { cachedArchive, shortHash } from './cache.ts';
import { prepareContext, type Context } from './context.ts';

const root = resolve(import.meta.dirname, '..');
const repository = 'changeover.local/changeover';

export interface RunnerImage {
  /** A docker-archive file, as `ctr images import` and `docker load` read it. */
  readonly archive: string;
  /** The name with a tag that changes with the content. */
  readonly reference: string;
}

/** Which commit an image is made of; two images of one commit are the same bytes. */
export interface Commit {
  readonly revision: string;
  /** Since 1970: the time of everything in the image. */
  readonly seconds: number;
}

/** About 40 s with an empty cache, 10 s for a changed program, and two when nothing changed. */
export async function buildRunnerImage(commit: Commit): Promise<RunnerImage> {
  await installBuildTools();
  const base = await debianBase();
  const directory = await mkdtemp(join(tmpdir(), 'changeover-image-'));
  try {
    const context = await prepareContext(directory);
    const hash = await hashOf({ context, base, commit });
    const reference = `${repository}:${hash}`;
    const archive = await cachedArchive('runner', hash, (file) => build({ context, base, commit, reference, file }));
    return { archive, reference };
  } finally {
    await rm(directory, { recursive: true });
  }
}

interface Parts {
  readonly context: Context;
  readonly base: string;
  readonly commit: Commit;
}

async function hashOf({ context, base, commit }: Parts): Promise<string> {
  const { directory, versions } = context;
  const files = (await readdir(join(directory, 'program'))).toSorted().map((name) => join('program', name));
  const contents = await Promise.all(['Dockerfile', ...files].map((name) => readFile(join(directory, name))));
  return shortHash(JSON.stringify([base, commit, versions, files, process.arch]), ...contents);
}

async function build({ context, base, commit, reference, file }: Parts & { readonly reference: string; readonly file: string }): Promise<void> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const argumentsOf: Readonly<Record<string, string>> = {
    BASE: base,
    VERSION: version,
    REVISION: commit.revision,
    CREATED: new Date(commit.seconds * 1_000).toISOString(),
  };
  const given = Object.entries(argumentsOf).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  const exact = ['--layers=false', '--pull=never', '--identity-label=false', '--timestamp', String(commit.seconds)];
  await buildah('bud', '--quiet', '--isolation', 'chroot', ...exact, ...given, '--tag', reference, context.directory);
  try {
    await buildah('push', '--quiet', reference, `docker-archive:${file}:${reference}`);
  } finally {
    await buildah('rmi', reference);
  }
}

/** Of the checkout as it is committed; changes that are not committed are told in the revision. */
async function currentCommit(): Promise<Commit> {
  const git = async (...args: readonly string[]): Promise<string> => (await execa('git', args, { cwd: root })).stdout;
  const changes = await git('status', '--porcelain');
  const [revision = '', seconds = ''] = (await git('log', '-1', '--format=%H %ct')).split(' ');
  return { revision: changes === '' ? revision : `${revision}-dirty`, seconds: Number(seconds) };
}

if (import.meta.main) {
  const { archive, reference } = await buildRunnerImage(await currentCommit());
  console.log(`${archive} ${reference}`);
}
