// The program as it is installed: one bundle that needs nothing beside it, and starts without what it does not use.

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { bundle } from '../../scripts/build.ts';

// Real processes on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const config = resolve(import.meta.dirname, '../../config');
let directory: string;
let program: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'changeover-bundle-'));
  ({ program } = await bundle(directory));
}, 60_000);
afterAll(() => rm(directory, { recursive: true }));

test('runs as an executable, away from the checkout', async () => {
  const { stdout } = await execa(program, ['--version'], { cwd: tmpdir() });
  expect(stdout).toMatch(/^\d+\.\d+\.\d+$/);
});

test('checks an environment as the sources do', async () => {
  const { stdout } = await execa(program, ['validate', '-f', join(config, 'demo-base.yaml'), '-f', join(config, 'demo.yaml')], { cwd: tmpdir() });
  expect(stdout).toContain('environment demo is valid');
});

test('reaches for a cluster only when it needs one, and then says that there is none', async () => {
  const { exitCode, stderr } = await execa(program, ['status', '-f', join(config, 'google.yaml')], {
    cwd: tmpdir(),
    env: { KUBECONFIG: '/dev/null', KUBERNETES_SERVICE_HOST: '', HOME: directory, GOOGLE_APPLICATION_CREDENTIALS: '' },
    reject: false,
  });
  expect(stderr).not.toContain('unexpected');
  expect([1, 2, 5]).toContain(exitCode);
});

test('ends with 1 where standard output cannot be written, and with 0 where its reader has left', async () => {
  const validate = (redirection: string) => execa('bash', ['-c', `set -o pipefail; "$0" validate -f "$1" ${redirection}`, program, join(config, 'prod.yaml')], { reject: false });
  const full = await validate('> /dev/full');
  expect([full.exitCode, full.stderr]).toEqual([1, 'standard output could not be written: ENOSPC: no space left on device, write']);
  expect((await validate('| true')).exitCode).toBe(0);
});

test('keeps the Kubernetes client out of the first file', async () => {
  const first = await readFile(program, 'utf8');
  expect(first).not.toContain('KubeConfig');
  expect((await readdir(directory)).length).toBeGreaterThan(3);
});
