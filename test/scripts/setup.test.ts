// What installs the packages: only when needed, and with a clear word when it cannot.

import { once } from 'node:events';
import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
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
  const { exitCode, stdout, stderr } = await setup.run();
  expect(exitCode).toBe(0);
  expect(stderr).toContain('npm was called: ci');
  // What is run after it may print data.
  expect(stdout).toBe('');
});

test('packages older than the lock file are installed again, and then they are not', async () => {
  await installed('2026-01-01', '2026-02-01');
  expect((await setup.run()).stderr).toContain('npm was called: ci');
  expect(await setup.run()).toEqual({ exitCode: 0, stdout: '', stderr: '' });
});

test('packages that are up to date are left alone, without a word', async () => {
  await installed('2026-02-01', '2026-01-01');
  expect(await setup.run()).toEqual({ exitCode: 0, stdout: '', stderr: '' });
});

test('packages that are up to date cost no look at any program', async () => {
  await installed('2026-02-01', '2026-01-01');
  await setup.program('node', 'echo "node was called" >&2; exit 1');
  expect(await setup.run()).toEqual({ exitCode: 0, stdout: '', stderr: '' });
});

test('an installation that was cut short is repeated', async () => {
  await setup.write('node_modules/zod/package.json', '{}');
  expect((await setup.run()).stderr).toContain('npm was called: ci');
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
  expect((await setup.run()).stderr).toContain('npm was called: ci');
});

describe('what a newcomer runs first', () => {
  const forNewcomers = ['demo', 'test', 'check', 'cluster', 'changeover', 'bench', 'image', 'simulate', 'build', 'chart:check', 'test:chaos'] as const;

  test.each(forNewcomers)('npm run %s installs what is missing', (name) => {
    expect(packageJson.scripts[name]).toMatch(/^sh scripts\/setup\.sh && /);
  });

  /** As npm runs it: the script as the text of a shell, in the folder of the package, with the words behind it. */
  async function begun() {
    await setup.program('node', '[ "$1" = --version ] && { echo v24.1.0; exit; }\nexec "$REAL_NODE" "$@"');
    await setup.program('npm', 'echo "npm was called: $*"; mkdir -p node_modules');
    const program = "process.on('SIGTERM', () => process.exit(7)); setInterval(() => undefined, 1_000); console.log(JSON.stringify({ pid: process.pid, words: process.argv.slice(2) }));";
    await setup.write('src/main.ts', program);
    const env = { PATH: `${setup.folder}/programs:/usr/bin:/bin`, REAL_NODE: process.execPath };
    const running = execa('sh', ['-c', `${packageJson.scripts.changeover} 'status' '-o' 'json'`], { cwd: setup.folder, extendEnv: false, env, reject: false });
    onTestFinished(() => void running.kill('SIGKILL'));
    return { process: running, said: once(running.stdout, 'data').then(([chunk]) => String(chunk)) };
  }

  test('the program takes the place of the shell: signals reach it, its exit code comes back, and its output is all there is', async () => {
    const { process: running, said } = await begun();
    const { pid, words } = JSON.parse(await said) as { readonly pid: number; readonly words: readonly string[] };
    expect([pid, words]).toEqual([running.pid, ['status', '-o', 'json']]);
    running.kill('SIGTERM');
    const { exitCode, stdout, stderr } = await running;
    expect(exitCode).toBe(7);
    expect(JSON.parse(String(stdout))).toEqual({ pid, words });
    expect(stderr).toContain('npm was called: ci');
  });

  test('an installation that fails is the end of it, with an exit code', async () => {
    await setup.program('npm', 'exit 1');
    await setup.program('node', 'echo v24.1.0');
    const ended = await execa('sh', ['-c', packageJson.scripts.changeover], { cwd: setup.folder, extendEnv: false, env: { PATH: `${setup.folder}/programs:/usr/bin:/bin` }, reject: false });
    expect(ended).toMatchObject({ exitCode: 1, stdout: '' });
  });
});
