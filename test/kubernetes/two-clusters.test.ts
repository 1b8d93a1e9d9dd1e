// Two checkouts, two clusters at once: each has addresses of its own, and the end of one is not noticed by the other.

import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConnection, type Connection } from '../../cluster/connection.ts';
import { removeSuperseded } from '../../cluster/images.ts';
import { findHeld } from '../../cluster/namespaces.ts';
import { clusterKey, clustersDir } from '../../cluster/paths.ts';
import { emptyImage } from './support/empty-image.ts';

const root = resolve(import.meta.dirname, '../..');
let checkout: string;

/** `npm run cluster -- …` of the second checkout. */
async function second(...args: readonly string[]): Promise<string> {
  const { stdout } = await execa(process.execPath, ['cluster/main.ts', ...args], { cwd: checkout });
  return stdout;
}

async function kubectl({ binDir, kubeconfig }: Connection, ...args: readonly string[]): Promise<string> {
  const { stdout } = await execa(join(binDir, 'kubectl'), args, { env: { KUBECONFIG: kubeconfig } });
  return stdout;
}

/** By their command lines, which name files of the cluster, and by the mark of what they hold. */
async function processesOf({ stateDir }: Connection): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const read = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');
  const found = pids.map(async (pid) => {
    const [argv, environment] = await Promise.all([read(`/proc/${pid}/cmdline`), read(`/proc/${pid}/environ`)]);
    return argv.includes(stateDir) || environment.includes(`=${basename(stateDir)}\0`) ? [argv.replaceAll('\0', ' ')] : [];
  });
  return (await Promise.all(found)).flat();
}

/** What the cluster of a clone kept, an hour after the clone was deleted. Returns where. */
async function leaveState(): Promise<string> {
  const clone = join(checkout, 'deleted');
  const state = join(clustersDir, clusterKey(clone));
  await mkdir(join(state, 'run'), { recursive: true });
  await writeFile(join(state, 'checkout'), clone);
  const then = new Date(Date.now() - 3_600_000);
  for (const path of [join(state, 'run'), state]) await utimes(path, then, then);
  return state;
}

/** Four of one repository, one after the other. Returns the archives. */
async function importFour(): Promise<readonly string[]> {
  const archives = ['one', 'two', 'three', 'four'].map((tag) => ({ tag, file: join(checkout, `${tag}.tar`) }));
  for (const { tag, file } of archives) await writeFile(file, emptyImage(`changeover.test/kept:${tag}`, `${tag}/`));
  const files = archives.map(({ file }) => file);
  await second('import', ...files);
  return files;
}

async function countContent(): Promise<number> {
  return (await second('exec', 'ctr', '--namespace', 'k8s.io', 'content', 'list', '--quiet')).split('\n').length;
}

beforeAll(async () => {
  checkout = await mkdtemp(join(tmpdir(), 'changeover-second-'));
  await cp(join(root, 'cluster'), join(checkout, 'cluster'), { recursive: true });
  await cp(join(root, 'package.json'), join(checkout, 'package.json'));
  await symlink(join(root, 'node_modules'), join(checkout, 'node_modules'));
});

afterAll(async () => {
  await second('delete');
  await rm(checkout, { recursive: true });
});

test('a second cluster comes up beside the first, is another one, keeps no image too many, and is deleted without a trace, with a node that joined it', async () => {
  const first = readConnection();
  if (first === undefined) throw new Error('the embedded cluster is not up: npm run cluster -- up');
  const left = await leaveState();
  await second('up');
  // Whoever comes next tidies up after a clone that was deleted.
  expect(existsSync(left)).toBe(false);
  const other = JSON.parse(await second('env')) as Connection;
  expect(other.apiServer).not.toBe(first.apiServer);
  expect(other.dns.primary.address).not.toBe(first.dns.primary.address);
  const uid = ['get', 'namespace', 'kube-system', '-o', 'jsonpath={.metadata.uid}'];
  const [ours, theirs] = [await kubectl(first, ...uid), await kubectl(other, ...uid)];
  expect(theirs).not.toBe(ours);
  expect(await second('add-node', 'further')).toContain('further: Ready');
  expect(await processesOf(other)).toContainEqual(expect.stringContaining('--hostname-override=further'));

  // What its next boot would do: of what was imported the newest three stay.
  const [oldest = '', ...newer] = await importFour();
  const before = await countContent();
  const lines: string[] = [];
  const { init = 0 } = (await findHeld(basename(other.stateDir))) ?? {};
  await removeSuperseded({ init, recordDir: other.stateDir }, join(other.stateDir, 'containerd'), (line) => lines.push(line));
  expect(lines).toEqual([expect.stringMatching(/^superseded images removed: 1, \d+ MB freed$/)]);
  // Its manifest, configuration and layer.
  expect(await countContent()).toBe(before - 3);
  expect((await second('import', ...newer)).match(/was there/g)).toHaveLength(3);
  expect(await second('import', oldest)).toBe('changeover.test/kept:one: imported');

  expect(await second('delete')).toMatch(/^down and deleted after .* s: \d+ MB freed$/);
  expect(existsSync(resolve(other.stateDir))).toBe(false);
  expect(await processesOf(other)).toEqual([]);
  expect(await kubectl(first, ...uid)).toBe(ours);
  await expect(kubectl(other, ...uid, '--request-timeout=2s')).rejects.toThrow(/connect|refused|timeout|exceeded|no route/i);
});
