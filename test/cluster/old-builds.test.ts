// Which builds go once a new one is made: never one that is used.
import { chmod, copyFile, mkdir, mkdtemp, readdir, realpath, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startInBackground } from '../../cluster/command.ts';
import { noteUse, removeOldBuilds, supersededBuilds } from '../../cluster/old-builds.ts';

const hour = 3_600_000;

/** Builds by the hours since each was used; those with a `*` are running. */
function superseded(builds: Readonly<Record<string, number>>): readonly string[] {
  const all = Object.entries(builds).map(([name, hours]) => ({ name: name.replace('*', ''), ageMs: hours * hour, isRunning: name.endsWith('*') }));
  return supersededBuilds(all);
}

function hash(digit: number): string {
  return String(digit).repeat(16);
}

test('the three that were used last stay', () => {
  expect(superseded({ [hash(1)]: 9, [hash(2)]: 8, [hash(3)]: 2, [hash(4)]: 7, [hash(5)]: 6 })).toEqual([hash(2), hash(1)]);
});

test('one that runs stays, however old it is, and one that was used within the hour', () => {
  expect(superseded({ [hash(1)]: 0.1, [hash(2)]: 0.2, [hash(3)]: 0.3, [hash(4)]: 0.4, [`${hash(5)}*`]: 99, [hash(6)]: 98 })).toEqual([hash(6)]);
});

test('each tool counts for itself', () => {
  const builds = ['', 'chart-', 'kube-score-'].flatMap((kind) => [1, 2, 3].map((digit) => [`${kind}${hash(digit)}`, digit + 1] as const));
  expect(superseded(Object.fromEntries(builds))).toEqual([]);
  expect(superseded({ ...Object.fromEntries(builds), [`chart-${hash(4)}`]: 9 })).toEqual([`chart-${hash(4)}`]);
});

test('what a killed build left goes and takes no place; what somebody is building stays', () => {
  expect(superseded({ [hash(1)]: 4, [hash(2)]: 5, [hash(3)]: 6, [`${hash(4)}.aB3xYz`]: 2, [`chart-${hash(4)}.aB3xYz`]: 2, [`${hash(5)}.aB3xYz`]: 0.5 })).toEqual([
    `${hash(4)}.aB3xYz`,
    `chart-${hash(4)}.aB3xYz`,
  ]);
});

test('directories of other names stay, as many as there are', () => {
  expect(superseded({ mine: 9, 'my-copy': 9, other: 9, more: 9, [`${hash(1)}.old.copy`]: 9 })).toEqual([]);
});

test('on the disk: of the builds before those go that nobody uses and no process runs from', async () => {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'changeover-builds-')));
  for (const digit of [1, 2, 3, 4, 5, 6]) {
    await mkdir(join(directory, hash(digit)));
    if (digit === 6) await copyFile('/bin/sleep', join(directory, hash(digit), 'kubernetes'));
    const then = new Date(Date.now() - (digit + 1) * hour);
    await utimes(join(directory, hash(digit)), then, then);
  }
  await chmod(join(directory, hash(6), 'kubernetes'), 0o755);
  await noteUse(join(directory, hash(5)));
  const running = startInBackground([join(directory, hash(6), 'kubernetes'), 'infinity'], '/dev/null', {});
  try {
    await removeOldBuilds(join(directory, hash(1)));
    expect(await readdir(directory)).toEqual([1, 2, 5, 6].map(hash));
  } finally {
    process.kill(running.pid);
    await running.exited;
    await rm(directory, { recursive: true });
  }
});
