// `npm run image`: builds the runner's image without a registry and prints where it lies and what it is called.
// Everything is cached outside the checkout; it never touches a container runtime.
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { debianBase } from './base.ts';
import { billOf } from './bill.ts';
import { buildah, installBuildTools } from './buildah.ts';
import { cachedArchive, cacheDirectory, sha256, shortHash } from './cache.ts';
import { currentCommit, type Commit } from './commit.ts';
import { prepareContext, type Context } from './context.ts';

const root = resolve(import.meta.dirname, '..');
const repository = 'changeover.local/changeover';

export interface RunnerImage {
  /** A docker-archive file, as `ctr images import` and `docker load` read it. */
  readonly archive: string;
  /** The name with a tag that changes with the content. */
  readonly reference: string;
  /** CycloneDX 1.6; the same text is in the image, in /usr/share/sbom/changeover.cdx.json. */
  readonly sbom: string;
}

export interface BuildOptions {
  readonly commit: Commit;
  /** `name@sha256:…`, in a registry or in buildah's store; default: one made of Debian's packages. */
  readonly base?: string | undefined;
  /** Where the sources are published, for the image's label; nothing in a checkout tells it reliably. */
  readonly source?: string | undefined;
}

/** About 40 s with an empty cache, 10 s for a changed program, and three when nothing changed. */
export async function buildRunnerImage({ commit, base: given, source = '' }: BuildOptions): Promise<RunnerImage> {
  if (given !== undefined && !isByDigest(given)) throw new Error(`${given} is no image by digest: name@sha256:…`);
  await installBuildTools();
  const base = given ?? (await debianBase());
  const directory = await mkdtemp(join(tmpdir(), 'changeover-image-'));
  try {
    const context = await prepareContext(directory);
    const hash = await hashOf({ context, base, commit, source });
    const reference = `${repository}:${hash}`;
    const sbom = join(await cacheDirectory(), `runner-${hash}.cdx.json`);
    const archive = await cachedArchive('runner', hash, (file) => build({ context, base, commit, source }, { reference, file, sbom }));
    return { archive, reference, sbom };
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** A tag is another image tomorrow. */
function isByDigest(image: string): boolean {
  return /@sha256:[0-9a-f]{64}$/.test(image);
}

interface Parts {
  readonly context: Context;
  readonly base: string;
  readonly commit: Commit;
  readonly source: string;
}

async function hashOf({ context, base, commit, source }: Parts): Promise<string> {
  const { directory, versions } = context;
  const folders = await Promise.all(['program', 'warm'].map(async (folder) => (await readdir(join(directory, folder))).map((name) => join(folder, name))));
  const files = folders.flat().toSorted();
  const contents = await Promise.all(['Dockerfile', 'bin/changeover', ...files].map((name) => readFile(join(directory, name))));
  // How it is built counts as well: an archive that was made another way is another one.
  const recipe = await readFile(import.meta.filename);
  return shortHash(JSON.stringify([base, commit, source, versions, files, process.arch]), recipe, ...contents);
}

interface Output {
  readonly reference: string;
  readonly file: string;
  readonly sbom: string;
}

async function build({ context, base, commit, source }: Parts, { reference, file, sbom }: Output): Promise<void> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const inContext = join(context.directory, 'sbom.cdx.json');
  await writeFile(inContext, await billOf({ context, base, commit, version }));
  await copyFile(inContext, sbom);
  const argumentsOf: Readonly<Record<string, string>> = {
    BASE: base,
    VERSION: version,
    REVISION: commit.revision,
    SOURCE: source,
    CREATED: new Date(commit.seconds * 1_000).toISOString(),
  };
  const given = Object.entries(argumentsOf).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  // One layer, no name of the builder's version, and one time for everything: what differs between two builds of the same.
  const exact = ['--layers=false', '--identity-label=false', '--timestamp', String(commit.seconds)];
  // Of this process: whoever builds the same at the same time takes away only its own.
  const tag = `${reference}-${process.pid}`;
  const id = await buildah('bud', '--quiet', '--isolation', 'chroot', '--pull=missing', ...exact, ...given, '--tag', tag, context.directory);
  try {
    // By its id: of an image that is named, the archive repeats the name.
    await buildah('push', '--quiet', id.trim(), `docker-archive:${file}:${reference}`);
  } finally {
    await buildah('rmi', tag);
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { base: { type: 'string' }, source: { type: 'string' } } });
  const { archive, reference, sbom } = await buildRunnerImage({ commit: await currentCommit(root), ...values });
  console.log(`image    ${reference}\narchive  ${archive}\nsha256   ${await sha256(archive)}\nsbom     ${sbom}`);
}

if (import.meta.main) await main();
