// Fetches charts to the local disk and checks them before Helm sees them. Never updates a chart's dependencies.

import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isAbsolute, join, relative } from 'node:path';
import { DriverError } from '../failure.ts';
import type { Command, ProcessResult, RunProcess } from '../process.ts';
import { gitFetchArguments, pullArguments, type PullRequest } from './arguments.ts';
import { unpackArchive } from './chart-archive.ts';
import { readChart } from './chart-directory.ts';
import { fileIdentity, folderIdentity } from './chart-identity.ts';
import { pinnedSource, type ChartSource, type LocalChart } from './helm.ts';
import { fetchError } from './messages.ts';

export interface ChartFetcherOptions {
  readonly run: RunProcess;
  readonly timeoutMs: number;
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
  readonly workDirectory?: string | undefined;
}

/** Fetches each source once: what was planned is what is installed, even when a branch moves meanwhile. A folder is looked at anew each time. */
export function chartFetcher(options: ChartFetcherOptions): (source: ChartSource) => Promise<LocalChart> {
  const fetched = new Map<string, Promise<LocalChart>>();
  return async (source) => {
    if ('path' in source && !('git' in source) && !(await isFile(source.path))) return fetchFromFolder(source.path);
    const key = JSON.stringify(source);
    const fetching = fetched.get(key) ?? fetchChart(source, options);
    fetched.set(key, fetching);
    fetching.catch(() => fetched.delete(key));
    const chart = await fetching;
    // Who asks for the very commit that a branch led to has it already; not every git server gives a commit by its hash.
    fetched.set(JSON.stringify(pinnedSource(source, chart.identity)), fetching);
    return chart;
  };
}

async function fetchFromFolder(path: string): Promise<LocalChart> {
  return { ...(await readChart(path)), origin: path, identity: await folderIdentity(path) };
}

/** An archive is unpacked, a folder is used where it lies; of what is not there the folder's error tells. */
async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}

async function fetchChart(source: ChartSource, options: ChartFetcherOptions): Promise<LocalChart> {
  const directory = await freshDirectory(source, options);
  if ('git' in source) return fetchFromGit(source, { ...options, directory });
  if ('path' in source) return { ...(await unpacked(source.path, directory)), origin: source.path, identity: await fileIdentity(source.path) };
  if ('oci' in source) return fetchFromRegistry(source, { ...options, directory });
  const { repository, name, version } = source;
  assertNoCredentials(repository);
  await pull({ chart: name, repository, version, destination: directory }, options);
  const archive = await pulledArchive(directory);
  return { ...(await unpacked(archive, directory)), origin: `${name} ${version} from ${repository}`, identity: await fileIdentity(archive) };
}

async function freshDirectory(source: ChartSource, { workDirectory }: ChartFetcherOptions): Promise<string> {
  if (workDirectory === undefined) return mkdtemp(join(tmpdir(), 'changeover-chart-'));
  const directory = join(workDirectory, createHash('sha256').update(JSON.stringify(source)).digest('hex').slice(0, 16));
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return directory;
}

type InDirectory = ChartFetcherOptions & { readonly directory: string };

async function fetchFromGit(source: Extract<ChartSource, { git: string }>, options: InDirectory): Promise<LocalChart> {
  assertNoCredentials(source.git);
  const { directory } = options;
  for (const args of gitFetchArguments(directory, source)) await git(args, options);
  const revision = async (...args: readonly string[]) => (await git(['-C', directory, 'rev-parse', ...args, 'HEAD'], options)).stdout.trim();
  const [commit, short] = [await revision(), await revision('--short')];
  const path = join(directory, source.path);
  const inside = await isInside(directory, path);
  if (!inside) throw invalid(`chart ${source.path} in ${source.git}`, 'it is not there, or leads out of the repository');
  return { ...(await readChart(path)), origin: `git ${source.git} ${source.ref} at ${short}`, identity: `commit ${commit}` };
}

function git(args: readonly string[], { run, timeoutMs }: InDirectory): Promise<ProcessResult> {
  // A missing password is an error, not a wait for somebody to type it; and messages are in the language that is looked for.
  return attempt(run, { file: 'git', args, env: { GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' }, timeoutMs });
}

async function fetchFromRegistry({ oci, version, digest }: Extract<ChartSource, { oci: string }>, options: InDirectory): Promise<LocalChart> {
  const { stdout, stderr } = await pull({ chart: oci, version, destination: options.directory }, options);
  const found = /Digest: (sha256:[0-9a-f]{64})/.exec(`${stdout}\n${stderr}`)?.[1];
  if (digest !== undefined && digest !== found) {
    throw invalid(`chart ${oci} ${version}`, `its digest is ${found ?? 'not told by helm'}, the configuration demands ${digest}`);
  }
  const archive = await pulledArchive(options.directory);
  const origin = `${oci} ${version}${found === undefined ? '' : `@${found}`}`;
  return { ...(await unpacked(archive, options.directory)), origin, identity: found ?? (await fileIdentity(archive)) };
}

function pull(request: PullRequest, { run, file, env, timeoutMs }: ChartFetcherOptions): Promise<ProcessResult> {
  // A cache of its own, so that nothing comes from what others left in the user's.
  const cache = join(request.destination, 'cache');
  return attempt(run, { file, args: pullArguments(request), env: { ...env, HELM_CACHE_HOME: cache }, timeoutMs });
}

async function attempt(run: RunProcess, command: Command): Promise<ProcessResult> {
  try {
    return await run(command);
  } catch (error) {
    throw fetchError(error);
  }
}

/** The one archive that a pull left there. */
async function pulledArchive(directory: string): Promise<string> {
  const [archive, ...others] = (await readdir(directory)).filter((name) => name.endsWith('.tgz'));
  if (archive === undefined || others.length > 0) throw invalid(`chart in ${directory}`, 'helm pull left not exactly one archive');
  return join(directory, archive);
}

async function unpacked(archive: string, directory: string): ReturnType<typeof readChart> {
  return readChart(await unpackArchive(archive, join(directory, 'unpacked')));
}

/** The file or folder exists, and no link on the way leads out of `directory`. */
async function isInside(directory: string, path: string): Promise<boolean> {
  const [outer, inner] = await Promise.all([realpath(directory), realpath(path).catch(() => '/')]);
  const way = relative(outer, inner);
  return !way.startsWith('..') && !isAbsolute(way);
}

/** They would stand in process arguments and in the record. Git and Helm have credential stores of their own. */
function assertNoCredentials(url: string): void {
  if (!/^[a-z+]+:\/\/[^/@]*@/i.test(url) || url.startsWith('ssh://')) return;
  throw invalid(`chart from ${url.replace(/\/\/[^/@]*@/, '//…@')}`, 'a URL must not contain credentials; use a git credential helper or helm registry login');
}

function invalid(attempted: string, detail: string): DriverError {
  return new DriverError({ reason: 'invalid', attempted, detail });
}
