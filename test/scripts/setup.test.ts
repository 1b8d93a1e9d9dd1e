// What installs the packages: only when needed, and with a clear word when it cannot.

import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { scriptFolder, type ScriptFolder } from './folders.ts';

let setup: ScriptFolder;

beforeEach(async () => {
  setup = await scriptFolder('scripts/setup.sh');
  await setup.write('package-lock.json', '{}');
  await setup.program('node', 'echo v24.1.0');
  await setup.program('npm', 'echo "npm was called: $*"; mkdir -p node_modules');
});
afterEach(() => setup.end());

async function installed(at: string, locked: string): Promise<void> {
  await setup.write('node_modules/.package-lock.json', '{}');
  await utimes(join(setup.folder, 'node_modules/.package-lock.json'), new Date(at), new Date(at));
  await utimes(join(setup.folder, 'package-lock.json'), new Date(locked), new Date(locked));
}

test('packages that are missing are installed from the lock file', async () => {
  const { exitCode, stdout } = await setup.run();
  expect(exitCode).toBe(0);
  expect(stdout).toContain('npm was called: ci');
});

test('packages older than the lock file are installed again, and then they are not', async () => {
  await installed('2026-01-01', '2026-02-01');
  expect((await setup.run()).stdout).toContain('npm was called: ci');
  expect(await setup.run()).toEqual({ exitCode: 0, stdout: '', stderr: '' });
});

test('packages that are up to date are left alone, without a word', async () => {
  await installed('2026-02-01', '2026-01-01');
  expect(await setup.run()).toEqual({ exitCode: 0, stdout: '', stderr: '' });
});

test('an installation that was cut short is repeated', async () => {
  await setup.write('node_modules/zod/package.json', '{}');
  expect((await setup.run()).stdout).toContain('npm was called: ci');
});

test('a Node.js that is too old is named, with what is needed', async () => {
  await setup.program('node', 'echo v18.19.0');
  const { exitCode, stderr } = await setup.run();
  expect(exitCode).toBe(1);
  expect(stderr).toBe('setup: Node.js v18.19.0 is too old; 20 or later is needed');
});

test('an installation that fails is a failure, and is not taken for done the next time', async () => {
  await setup.program('npm', 'echo "npm was called: $*"; exit 1');
  expect(await setup.run()).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('npm ci failed') });
  expect((await setup.run()).stdout).toContain('npm was called: ci');
});
