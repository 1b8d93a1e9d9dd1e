// Helm as the account of a release: where its token goes, and where it never does.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ApiEndpoint } from '../../src/drivers/cluster/cluster.ts';
import { DriverError } from '../../src/drivers/failure.ts';
import { installerAccount } from '../../src/drivers/helm/account.ts';
import { helmCli } from '../../src/drivers/helm/helm-cli.ts';
import { runProcess, type Command } from '../../src/drivers/process.ts';

const endpoint: ApiEndpoint = { server: 'https://192.0.2.1:6443', authority: { file: '/pod/ca.crt' }, tlsServerName: undefined, skipTlsVerify: false, proxyUrl: undefined };
const token = 'planted-token-of-the-installer';

interface Asked {
  readonly account: object;
  readonly expiresAfterMs: number;
}

/** Tokens that can be told apart: each has the number of the request in it. */
function tokens(asked: Asked[] = []) {
  return {
    token: async (account: object, expiresAfterMs: number): Promise<string> => {
      asked.push({ account, expiresAfterMs });
      return `${token}-${asked.length}`;
    },
  };
}

async function directory(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'changeover-test-'));
  onTestFinished(() => rm(made, { recursive: true }));
  return made;
}

function noted(more: Partial<ApiEndpoint> = {}, workDirectory?: string) {
  const commands: Command[] = [];
  const asked: Asked[] = [];
  const run = async (command: Command) => {
    commands.push(command);
    return { stdout: '[]', stderr: '', exitCode: 0 };
  };
  const account = installerAccount({ cluster: tokens(asked), endpoint: { ...endpoint, ...more }, name: 'changeover-installer', workDirectory });
  return { helm: helmCli({ run, timeoutMs: 60_000, account }), commands, asked };
}

describe('what Helm is given', () => {
  test('is the server and the token, by the environment of that one process, and no kubeconfig', async () => {
    const { helm, commands, asked } = noted();
    await helm.find('prod-2hpwr', 'prod-2hpwr');
    expect(asked).toEqual([{ account: { namespace: 'prod-2hpwr', name: 'changeover-installer' }, expiresAfterMs: 3_600_000 }]);
    expect(commands[0]?.args.join(' ')).not.toMatch(/planted|kube/);
    expect(commands[0]?.secrets).toEqual([`${token}-1`]);
    expect(commands[0]?.env).toMatchObject({
      KUBECONFIG: '/dev/null',
      HELM_KUBEAPISERVER: 'https://192.0.2.1:6443',
      HELM_KUBETOKEN: `${token}-1`,
      HELM_KUBECAFILE: '/pod/ca.crt',
      HELM_KUBECONTEXT: '',
      HELM_KUBEASUSER: '',
      HELM_DEBUG: 'false',
    });
  });

  test('is a new token for every process, good for at least as long as the process may run', async () => {
    const { helm, commands, asked } = noted();
    const { signal } = new AbortController();
    await helm.find('prod-2hpwr', 'prod-2hpwr');
    await helm.uninstall('prod-2hpwr', 'prod-2hpwr', { signal });
    await helm.test('prod-2hpwr', 'prod-2hpwr', { timeoutMs: 7_200_000, signal });
    expect(commands.map(({ env }) => env?.['HELM_KUBETOKEN'])).toEqual([1, 2, 3].map((number) => `${token}-${number}`));
    expect(asked.map(({ expiresAfterMs }) => expiresAfterMs)).toEqual([3_600_000, 3_600_000, 7_230_000]);
  });

  test('is nothing at all where Helm does not talk to the cluster', async () => {
    const { helm, commands, asked } = noted();
    const chart = { directory: '/charts/portal', name: 'portal', version: '1.2.3', origin: './chart', identity: 'sha256:0' };
    await helm.render({ name: 'prod-2hpwr', namespace: 'prod-2hpwr', chart, values: [], signal: new AbortController().signal }).catch(() => undefined);
    expect(asked).toEqual([]);
    expect(commands[0]?.env).toMatchObject({ HELM_KUBETOKEN: '' });
  });

  test('of a server’s certificate that is part of a kubeconfig is a file that holds no secret, once', async () => {
    const workDirectory = await directory();
    const { helm, commands } = noted({ authority: { pem: '-----BEGIN CERTIFICATE-----' } }, workDirectory);
    await helm.find('prod-2hpwr', 'prod-2hpwr');
    await helm.find('prod-2hpwr', 'prod-2hpwr');
    const files = commands.map(({ env }) => env?.['HELM_KUBECAFILE'] ?? '');
    expect(new Set(files)).toEqual(new Set([join(workDirectory, 'authority.crt')]));
    expect(await readFile(files[0] ?? '', 'utf8')).toBe('-----BEGIN CERTIFICATE-----');
  });

  test('is how the kubeconfig reaches the server: by another name, unverified, or through a proxy', async () => {
    const { helm, commands } = noted({ tlsServerName: 'kubernetes', skipTlsVerify: true, proxyUrl: 'http://192.0.2.9:3128' });
    await helm.find('prod-2hpwr', 'prod-2hpwr');
    expect(commands[0]?.env).toMatchObject({ HELM_KUBETLS_SERVER_NAME: 'kubernetes', HELM_KUBEINSECURE_SKIP_TLS_VERIFY: 'true', HTTPS_PROXY: 'http://192.0.2.9:3128' });
  });
});

describe('when it fails', () => {
  test('a token that is refused is the error, and Helm is not started', async () => {
    const commands: Command[] = [];
    const refusal = new DriverError({ reason: 'forbidden', attempted: 'POST …/token', detail: '403' });
    const account = installerAccount({ cluster: { token: () => Promise.reject(refusal) }, endpoint, name: 'changeover-installer' });
    const run = async (command: Command) => {
      commands.push(command);
      return { stdout: '[]', stderr: '', exitCode: 0 };
    };
    await expect(helmCli({ run, timeoutMs: 60_000, account }).find('prod-2hpwr', 'prod-2hpwr')).rejects.toBe(refusal);
    expect(commands).toEqual([]);
  });

  test('an error of Helm that repeats its token is told without it', async () => {
    const account = installerAccount({ cluster: tokens(), endpoint, name: 'changeover-installer' });
    const run = (command: Command) => runProcess({ ...command, file: process.execPath, args: ['-e', 'console.error(`Error: bad ${process.env.HELM_KUBETOKEN}`); process.exit(1)'] });
    const error: unknown = await helmCli({ run, timeoutMs: 60_000, account }).find('prod-2hpwr', 'prod-2hpwr').catch((thrown: unknown) => thrown);
    expect(inspect(error, { depth: null })).toContain('bad [secret]');
    expect(inspect(error, { depth: null })).not.toContain(token);
  });
});
