// Two checkouts, two clusters at once: each has addresses of its own, and the end of one is not noticed by the other.

import { cp, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConnection, type Connection } from '../../cluster/connection.ts';

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

beforeAll(async () => {
  checkout = await mkdtemp(join(tmpdir(), 'changeover-second-'));
  await cp(join(root, 'cluster'), join(checkout, 'cluster'), { recursive: true });
  await cp(join(root, 'package.json'), join(checkout, 'package.json'));
  await symlink(join(root, 'node_modules'), join(checkout, 'node_modules'));
});

afterAll(async () => {
  await second('down');
  await rm(checkout, { recursive: true });
});

test('a second cluster comes up beside the first, is another one, and goes without a trace, with a node that joined it', async () => {
  const first = readConnection();
  if (first === undefined) throw new Error('the embedded cluster is not up: npm run cluster -- up');
  await second('up');
  const other = JSON.parse(await second('env')) as Connection;
  expect(other.apiServer).not.toBe(first.apiServer);
  expect(other.dns.primary.address).not.toBe(first.dns.primary.address);
  const uid = ['get', 'namespace', 'kube-system', '-o', 'jsonpath={.metadata.uid}'];
  const [ours, theirs] = [await kubectl(first, ...uid), await kubectl(other, ...uid)];
  expect(theirs).not.toBe(ours);
  expect(await second('add-node', 'further')).toContain('further: Ready');
  expect(await processesOf(other)).toContainEqual(expect.stringContaining('--hostname-override=further'));

  await second('down');
  expect(await processesOf(other)).toEqual([]);
  expect(await kubectl(first, ...uid)).toBe(ours);
  await expect(kubectl(other, ...uid, '--request-timeout=2s')).rejects.toThrow(/connect|refused|timeout|exceeded|no route/i);
  await rm(resolve(other.stateDir), { recursive: true });
});
