// What `up` and `down` remove of clusters whose checkouts are gone, and all that they leave alone.
import { mkdir, mkdtemp, readdir, realpath, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ifUnlocked } from '../../cluster/lock.ts';
import { clusterKey } from '../../cluster/paths.ts';
import { isAbandoned, noteCheckout, removalLock, removeAbandoned } from '../../cluster/states.ts';

const day = 24 * 3_600_000;

describe('a state is abandoned', () => {
  test.each([
    ['when its checkout is gone and it has been quiet for a minute', { checkout: 'gone', idleMs: 61_000, isHeld: false }, true],
    ['but not while it shows signs of life, though its processes cannot be seen', { checkout: 'gone', idleMs: 59_000, isHeld: false }, false],
    ['but not while a process of its cluster is alive', { checkout: 'gone', idleMs: 99 * day, isHeld: true }, false],
    ['but not while its checkout is there, however old it is', { checkout: 'there', idleMs: 99 * day, isHeld: false }, false],
    ['without a note after a week', { checkout: 'unknown', idleMs: 7 * day + 1, isHeld: false }, true],
    ['without a note not sooner', { checkout: 'unknown', idleMs: 7 * day, isHeld: false }, false],
    ['without a note not while a process of its cluster is alive', { checkout: 'unknown', idleMs: 99 * day, isHeld: true }, false],
  ] as const)('%s', (_, state, expected) => {
    expect(isAbandoned(state)).toBe(expected);
  });
});

let root: string;
let directory: string;
let printed: string[];
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'changeover-states-')));
  directory = join(root, 'clusters');
  await mkdir(directory);
  printed = [];
});
afterEach(() => rm(root, { recursive: true }));

/** Of a cluster that went down this long ago. Returns its key. */
async function stateOf(checkout: string, options: { isNoted?: boolean; agoMs?: number } = {}): Promise<string> {
  const { isNoted = true, agoMs = 3_600_000 } = options;
  const key = clusterKey(checkout);
  const stateDir = join(directory, key);
  await mkdir(join(stateDir, 'run', 'logs'), { recursive: true });
  await writeFile(join(stateDir, 'run', 'logs', 'etcd.log'), 'x'.repeat(3 << 20));
  if (isNoted) await noteCheckout(stateDir, checkout);
  await age(stateDir, agoMs);
  return key;
}

async function age(stateDir: string, agoMs: number): Promise<void> {
  const then = new Date(Date.now() - agoMs);
  for (const path of ['run/logs/etcd.log', 'run/logs', 'run', '.']) await utimes(join(stateDir, path), then, then);
}

/** As the command of the checkout `own`, with clusters of these keys alive. */
async function remove(...alive: readonly string[]): Promise<string> {
  const log = (line: string): number => printed.push(line);
  await removeAbandoned({ directory, own: clusterKey(join(root, 'own')), log, heldKeys: async () => new Set(alive) });
  return printed.join('\n');
}

describe('what is removed', () => {
  test('is the state of a clone that was deleted, with one line that tells whose it was and how much it took', async () => {
    await stateOf(join(root, 'clone'));
    // How much more than the files themselves the disk gives away is the file system's.
    expect((await remove()).replace(/[345] MB/, 'MANY MB')).toBe(`removed what clusters without a checkout kept (${root}/clone): MANY MB freed`);
    expect(await readdir(directory)).toEqual([]);
  });

  test('is told in one line for several, by the key of one that nobody noted', async () => {
    await stateOf(join(root, 'one'));
    const old = await stateOf(join(root, 'two'), { isNoted: false, agoMs: 8 * day });
    expect(await remove()).toMatch(/^removed what clusters without a checkout kept \(.*\): [6789] MB freed$/);
    expect(printed.join('')).toContain(old);
    expect(printed.join('')).toContain(join(root, 'one'));
    expect(await readdir(directory)).toEqual([]);
  });

  test('is what an earlier removal left that was killed', async () => {
    const key = await stateOf(join(root, 'clone'));
    await rename(join(directory, key), join(directory, `${key}.removed-aB3xYz`));
    expect(await remove()).toMatch(/^removed what an earlier removal left: [345] MB freed$/);
    expect(await readdir(directory)).toEqual([]);
  });
});

describe('what stays, without a word,', () => {
  test('is the state of a checkout that is there, and the own one', async () => {
    await mkdir(join(root, 'clone'));
    const keys = [await stateOf(join(root, 'clone')), await stateOf(join(root, 'own'))];
    expect(await remove()).toBe('');
    expect(await readdir(directory)).toEqual(keys.toSorted());
  });

  test('is that of a cluster which is up, though its checkout was deleted', async () => {
    const key = await stateOf(join(root, 'clone'));
    expect(await remove(key)).toBe('');
    expect(await readdir(directory)).toEqual([key]);
  });

  test('is one whose logs were written a moment ago: its processes may live where nobody here sees them', async () => {
    const key = await stateOf(join(root, 'clone'));
    await writeFile(join(directory, key, 'run', 'logs', 'audit.log'), '{}');
    await utimes(join(directory, key, 'run', 'logs'), 0, 0);
    expect(await remove()).toBe('');
  });

  test('is one that an `up` or `down` has in its hands', async () => {
    const key = await stateOf(join(root, 'clone'));
    await ifUnlocked(key, async () => {
      expect(await remove()).toBe('');
    });
    expect(await remove()).toContain('MB freed');
  });

  test('is everything while another one removes', async () => {
    const key = await stateOf(join(root, 'clone'));
    await ifUnlocked(removalLock(directory), async () => {
      expect(await remove()).toBe('');
    });
    expect(await readdir(directory)).toEqual([key]);
  });

  test.each([
    ['half a note', 'rel'],
    ['an empty note', ''],
    ['the note of another state', '/nowhere/else'],
  ])('is one with %s, which proves nothing', async (_, text) => {
    const key = await stateOf(join(root, 'clone'));
    await writeFile(join(directory, key, 'checkout'), text);
    await age(join(directory, key), day);
    expect(await remove()).toBe('');
    expect(await readdir(directory)).toEqual([key]);
  });

  test('is what a symbolic link leads to, and what a person put there', async () => {
    const key = await stateOf(join(root, 'clone'));
    await rename(join(directory, key), join(root, 'elsewhere'));
    await symlink(join(root, 'elsewhere'), join(directory, key));
    await mkdir(join(directory, 'my-copy'));
    expect(await remove()).toBe('');
    expect(await readdir(join(root, 'elsewhere'))).toContain('checkout');
    expect(await readdir(directory)).toEqual([key, 'my-copy'].toSorted());
  });

  test('is what a symbolic link within a removed state leads to', async () => {
    const key = await stateOf(join(root, 'clone'));
    await mkdir(join(root, 'data', 'kept'), { recursive: true });
    await symlink(join(root, 'data'), join(directory, key, 'run', 'link'));
    await age(join(directory, key), day);
    expect(await remove()).toContain('MB freed');
    expect(await readdir(join(root, 'data'))).toEqual(['kept']);
  });

  test('is nothing where no cluster ever was', async () => {
    await rm(directory, { recursive: true });
    expect(await remove()).toBe('');
  });
});

test('a list of processes that cannot be read removes nothing, fails nothing, and is told', async () => {
  const key = await stateOf(join(root, 'clone'));
  const heldKeys = (): Promise<never> => Promise.reject(new Error('no /proc here'));
  await removeAbandoned({ directory, own: '', log: (line) => printed.push(line), heldKeys });
  expect(printed).toEqual(['what clusters of other checkouts kept could not be looked through: Error: no /proc here']);
  expect(await readdir(directory)).toEqual([key]);
});
