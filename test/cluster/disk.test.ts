// A directory goes out of the way in one step, and not at all while something is mounted in it.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isAside, megabytesOf, mountsWithin, moveAside, removeAside } from '../../cluster/disk.ts';

const mountinfo = `22 27 0:21 / /proc rw,relatime - proc proc rw
31 27 8:1 / / rw,relatime shared:1 - ext4 /dev/vda rw
44 31 0:40 / /cache/clusters/0a1b2c3d/run/volume rw - tmpfs tmpfs rw
45 31 0:41 / /cache/clusters/0a1b2c3d\\040copy rw - tmpfs tmpfs rw
46 31 8:1 /x /cache/clusters/0a1b2c3e rw - ext4 /dev/vda rw
`;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'changeover-disk-'));
});
afterEach(() => rm(directory, { recursive: true }));

test.each([
  ['/cache/clusters/0a1b2c3d', '/cache/clusters/0a1b2c3d/run/volume'],
  ['/cache/clusters/0a1b2c3d copy', '/cache/clusters/0a1b2c3d copy'],
  ['/cache/clusters/0a1b2c3e', '/cache/clusters/0a1b2c3e'],
  ['/cache/clusters/0a1b2c3', ''],
  ['/cache/clusters/0a1b2c3d/run/vol', ''],
])('in %j is mounted %j', (path, expected) => {
  expect(mountsWithin(mountinfo, path).join(' ')).toBe(expected);
});

test('a directory in which something is mounted stays where it is, and the error names the mount', async () => {
  // Every Linux has this one.
  await expect(moveAside('/proc')).rejects.toThrow('/proc is mounted; next: umount /proc');
  expect(await readdir('/')).toContain('proc');
});

test('what is moved aside keeps its content, under a name that tells what it is, and can then be removed', async () => {
  const state = join(directory, '0a1b2c3d');
  await mkdir(join(state, 'run'), { recursive: true });
  await writeFile(join(state, 'run', 'log'), 'x'.repeat(2 << 20));
  const aside = await moveAside(state);
  expect(await readdir(directory)).toEqual([basename(aside)]);
  expect(isAside(basename(aside))).toBe(true);
  expect((await readFile(join(aside, 'run', 'log'))).length).toBe(2 << 20);
  expect(await removeAside(aside)).toBeGreaterThanOrEqual(2);
  expect(await readdir(directory)).toEqual([]);
});

test('two can be moved aside one after the other, though nothing removed the first', async () => {
  const state = join(directory, '0a1b2c3d');
  for (const file of ['first', 'second']) {
    await mkdir(join(state, file), { recursive: true });
    await moveAside(state);
  }
  expect((await readdir(directory)).filter(isAside)).toHaveLength(2);
});

test('no other name is taken for one of those', () => {
  expect(['0a1b2c3d', '0a1b2c3d.removed', '0a1b2c3d.removed-', 'my.removed-aB3xYz', '0a1b2c3d.removed-aB3xYz.txt'].filter(isAside)).toEqual([]);
});

test('a directory that is not there takes no room', async () => {
  expect(await megabytesOf(join(directory, 'none'))).toBe(0);
});
