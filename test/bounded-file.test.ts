// What happens to a path that leads to anything but a small file.

import { execFileSync } from 'node:child_process';
import { closeSync, fstatSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBoundedFile } from '../src/bounded-file.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'changeover-bounded-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function path(name: string): string {
  return join(folder, name);
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}

describe('a file', () => {
  it('is read whole, up to the limit and no byte further', async () => {
    writeFileSync(path('ten'), '0123456789');
    expect(text(await readBoundedFile(path('ten'), { mostBytes: 10 }))).toBe('0123456789');
    await expect(readBoundedFile(path('ten'), { mostBytes: 9 })).rejects.toMatchObject({ code: 'EFBIG' });
  });

  it('of the kernel is read although it says that it is empty', async () => {
    expect(text(await readBoundedFile('/proc/self/status', { mostBytes: 100_000 }))).toContain('VmRSS');
  });

  it('that is not there, or is a folder, is told by the usual codes', async () => {
    await expect(readBoundedFile(path('none'), { mostBytes: 1 })).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(readBoundedFile(folder, { mostBytes: 1 })).rejects.toMatchObject({ code: 'EISDIR' });
  });
});

describe('what never ends', () => {
  it.each(['/dev/zero', '/dev/urandom', '/dev/null'])('%s is no file', async (device) => {
    await expect(readBoundedFile(device, { mostBytes: 1_000 })).rejects.toMatchObject({ code: 'ENOTSUP' });
  });

  it('a pipe that nobody writes to does not block, whether pipes are allowed or not', async () => {
    execFileSync('mkfifo', [path('pipe')]);
    await expect(readBoundedFile(path('pipe'), { mostBytes: 1_000 })).rejects.toMatchObject({ code: 'ENOTSUP' });
    expect(text(await readBoundedFile(path('pipe'), { mostBytes: 1_000, isPipeAllowed: true }))).toBe('');
  });
});

describe('a pipe that the shell has made', () => {
  it('is read until its writer has ended, also when that takes its time', async () => {
    execFileSync('mkfifo', [path('slow')]);
    const both = openSync(path('slow'), 'r+');
    const reading = readBoundedFile(path('slow'), { mostBytes: 1_000, isPipeAllowed: true });
    // What nobody has opened is gone with its writer.
    while (timesOpen(path('slow')) < 2) await turn();
    writeSync(both, 'environment: ');
    writeSync(both, 'prod\n');
    await turn();
    closeSync(both);
    expect(text(await reading)).toBe('environment: prod\n');
  });

  /** Of the event loop. */
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  /** By this process. */
  function timesOpen(file: string): number {
    const { ino } = statSync(file);
    return Array.from({ length: 1_024 }, (_, fd) => fd).filter((fd) => inodeOf(fd) === ino).length;
  }

  function inodeOf(fd: number): number | undefined {
    try {
      return fstatSync(fd).ino;
    } catch {
      return undefined;
    }
  }

  it('is not read beyond the limit', async () => {
    execFileSync('mkfifo', [path('much')]);
    const both = openSync(path('much'), 'r+');
    writeSync(both, 'x'.repeat(2_000));
    await expect(readBoundedFile(path('much'), { mostBytes: 1_000, isPipeAllowed: true })).rejects.toMatchObject({ code: 'EFBIG' });
    closeSync(both);
  });
});
