// The cache of built binaries, and what the builder says meanwhile.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { progressLine, sourceHash } from '../../cluster/build.ts';
import { isGoNewEnough } from '../../cluster/packages.ts';
import { clusterKey, goDir } from '../../cluster/paths.ts';

function copyOfSources(): string {
  const directory = mkdtempSync(join(tmpdir(), 'changeover-sources-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  cpSync(goDir, directory, { recursive: true });
  return directory;
}

describe('the key of the build cache', () => {
  test('is the same for the same sources in another place', async () => {
    expect(await sourceHash(copyOfSources())).toBe(await sourceHash(goDir));
  });

  test.each(['go.mod', 'go.sum', 'main.go', 'pause/main.go'])('changes with %s', async (name) => {
    const directory = copyOfSources();
    writeFileSync(join(directory, name), '// changed\n', { flag: 'a' });
    expect(await sourceHash(directory)).not.toBe(await sourceHash(goDir));
  });

  test('does not change with a file that is not compiled', async () => {
    const directory = copyOfSources();
    writeFileSync(join(directory, 'notes.txt'), 'x');
    expect(await sourceHash(directory)).toBe(await sourceHash(goDir));
  });
});

test('two checkouts have two clusters, and one checkout always the same', () => {
  expect(clusterKey('/home/a/changeover')).toBe(clusterKey('/home/a/changeover'));
  expect(clusterKey('/home/a/changeover')).not.toBe(clusterKey('/home/b/changeover'));
  expect(clusterKey('/home/a/changeover')).toMatch(/^[0-9a-f]{8}$/);
});

test('progress says what is done and what is left at the pace so far, with the link at the end', () => {
  expect(progressLine({ done: 500, total: 1500, elapsedSeconds: 60 })).toBe(
    '  500 of 1500 packages after 60 s, about 130 s to go',
  );
  expect(progressLine({ done: 1600, total: 1500, elapsedSeconds: 200 })).toBe(
    '  1600 of 1500 packages after 200 s, about 10 s to go',
  );
});

test.each([
  ['go version go1.26.8 linux/amd64', true],
  ['go version go1.25rc1 linux/amd64', true],
  ['go version go1.24.13 linux/amd64', false],
  ['go version go1.19.8 linux/amd64', false],
  ['go version go2.0 linux/amd64', true],
  ['gccgo (Debian 12.2.0)', false],
])('%s is new enough: %s', (printed, expected) => {
  expect(isGoNewEnough(printed)).toBe(expected);
});
