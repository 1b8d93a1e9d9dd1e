// The real process: exit codes, streams, signals and environment variables; and what it does not load.

import { once } from 'node:events';
import { symlink, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { kubeconfigFor as doubleKubeconfig } from './drivers/cluster-server.ts';
import { temporaryFolder } from './support/temporary.ts';

// Real processes on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const node = process.execPath;
const root = new URL('..', import.meta.url).pathname;

async function changeover(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { exitCode, stdout, stderr } = await execa(process.execPath, ['src/main.ts', ...words], { cwd: root, env, reject: false });
  return { exitCode, stdout, stderr };
}

async function kubeconfigFor(port: number): Promise<string> {
  const file = join(await temporaryFolder(), 'kubeconfig');
  const named = { clusters: [{ name: 'silent', cluster: { server: `https://127.0.0.1:${port}` } }], users: [{ name: 'me', user: {} }] };
  const contexts = [{ name: 'silent', context: { cluster: 'silent', user: 'me' } }];
  await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'Config', ...named, contexts, 'current-context': 'silent' }));
  return file;
}

/** Answers that there is nothing, and never answers a write. */
async function clusterThatSwallowsWrites(): Promise<{ readonly kubeconfig: string; readonly written: Promise<string> }> {
  const writing = Promise.withResolvers<string>();
  const server = createHttpServer((request, response) => {
    if (request.method !== 'GET') return writing.resolve('written');
    const body = request.url === '/version' ? { major: '1', minor: '35', gitVersion: 'v1.35.4' } : request.url?.includes('/configmaps') === true ? { items: [] } : { kind: 'Status', code: 404, reason: 'NotFound' };
    response.writeHead('code' in body ? 404 : 200, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => server.close().closeAllConnections());
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const kubeconfig = join(await temporaryFolder(), 'kubeconfig');
  await writeFile(kubeconfig, doubleKubeconfig(address));
  return { kubeconfig, written: writing.promise };
}

/** Every module that is loaded while the command runs. */
async function loadedBy(words: readonly string[]): Promise<readonly string[]> {
  const script = `
    import { registerHooks } from 'node:module';
    const seen = new Set();
    registerHooks({ load: (url, context, next) => (seen.add(url), next(url, context)) });
    process.on('exit', () => process.stderr.write('\\nLOADED' + JSON.stringify([...seen])));
    await import(${JSON.stringify(`${root}src/main.ts`)});`;
  const { stderr } = await execa(process.execPath, ['--input-type=module', '--eval', script, 'main.ts', ...words], { cwd: root, reject: false });
  return JSON.parse(stderr.slice(stderr.indexOf('LOADED') + 6)) as readonly string[];
}

describe('the process', () => {
  it('prints help on standard output and ends with 0', async () => {
    const { exitCode, stdout, stderr } = await changeover(['--help']);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Usage: changeover');
  });

  it('is a plugin of kubectl, and completes its command lines, where it is installed under those names', async () => {
    const folder = await temporaryFolder();
    const called = async (name: string, ...words: readonly string[]) => {
      await symlink(`${root}src/main.ts`, join(folder, name));
      return (await execa(process.execPath, [join(folder, name), ...words])).stdout;
    };
    expect(await called('kubectl-changeover', '--help')).toContain('Usage: kubectl changeover');
    expect(await called('kubectl_complete-changeover', 'st')).toMatch(/^status\t.*\n:4$/);
  });

  it('ends with 2 for wrong usage and for a wrong configuration', async () => {
    expect((await changeover(['rebild'])).exitCode).toBe(2);
    expect((await changeover(['validate', '-f', 'no-such-file.yaml'])).exitCode).toBe(2);
  });

  it('prints data on standard output, complete even when it is long and goes through a pipe', async () => {
    const { exitCode, stdout } = await changeover(['validate', '-f', 'config/demo-base.yaml', '-f', 'config/demo.yaml', '-o', 'json']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ environment: 'demo' });
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('ends with 128 and the number of the signal that stopped it: %s', async (signal, exitCode) => {
    // A listener that never answers: asked for its version, the cluster keeps silent.
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const asked = once(silent, 'connection');
    const kubeconfig = await kubeconfigFor((silent.address() as AddressInfo).port);
    const process = execa(node, ['src/main.ts', 'rebuild', '-f', 'config/google.yaml'], { cwd: root, env: { KUBECONFIG: kubeconfig }, reject: false });
    await asked;
    process.kill(signal);
    const ended = await process;
    silent.close();
    expect([ended.exitCode, ended.signal]).toEqual([exitCode, undefined]);
    expect(ended.stderr).toContain(`it was asked to stop (${signal})`);
  });

  it('ends in order at the first Ctrl-C, which waits for an answer to what it wrote, and at once at the second', async () => {
    const { kubeconfig, written } = await clusterThatSwallowsWrites();
    const folder = await temporaryFolder();
    const file = join(folder, 'prod.yaml');
    await writeFile(join(folder, 'key'), 'key "a" { algorithm hmac-sha256; secret "c2VjcmV0"; };');
    await writeFile(file, 'cluster: here\nenvironment: prod\ndns: [{ zone: example.org, name: www.example.org, service: web }]\ndnsProvider: { rfc2136: { server: "127.0.0.1:1", key: { file: key } } }\nrelease: { chart: { path: chart } }\n');
    const process = execa(node, ['src/main.ts', 'rebuild', '-f', file], { cwd: root, env: { KUBECONFIG: kubeconfig }, reject: false });
    expect(await Promise.race([written, process])).toBe('written');
    process.kill('SIGINT');
    // Only a process that is there can be sent the second one; the answer never comes.
    for await (const line of process.iterable({ from: 'stderr' })) if (line.includes('asked once more it ends at once')) expect(process.kill('SIGINT')).toBe(true);
    expect(await process).toMatchObject({ exitCode: 130, stderr: expect.not.stringContaining('FAILED') as string });
  });

  it('survives a reader that leaves early', async () => {
    const { exitCode, stderr } = await execa('sh', ['-c', `'${process.execPath}' src/main.ts validate -f config/google.yaml -o json | head -c 10`], { cwd: root, reject: false });
    expect([exitCode, stderr]).toEqual([0, '']);
  });

  it.each([
    { what: 'in colour on a terminal', env: {}, colour: true },
    { what: 'without colour where NO_COLOR is set, to whatever', env: { NO_COLOR: '0' }, colour: false },
    { what: 'in colour where NO_COLOR is empty, as https://no-color.org wants it', env: { NO_COLOR: '' }, colour: true },
    { what: 'without colour on a terminal that can do nothing', env: { TERM: 'dumb' }, colour: false },
  ])('talks $what', async ({ env, colour }) => {
    const { NO_COLOR: _, KUBERNETES_SERVICE_HOST: __, ...outside } = process.env;
    const asTerminal = ['--import', 'data:text/javascript,process.stderr.isTTY=true'];
    const words = [...asTerminal, 'src/main.ts', 'validate', '-f', 'no-such-file.yaml'];
    const { stderr } = await execa(node, words, { cwd: root, env: { ...outside, TERM: 'xterm', ...env }, extendEnv: false, reject: false });
    expect(stderr).toContain('FAILED');
    expect(stderr.includes('\u001b[')).toBe(colour);
  });

  it('writes JSON lines in a pod, and plain lines elsewhere', async () => {
    const words = ['rebuild', '-f', 'no-such-file.yaml'];
    const inPod = await changeover(words, { KUBERNETES_SERVICE_HOST: '192.0.2.1' });
    expect(inPod.exitCode).toBe(2);
    expect(JSON.parse(inPod.stderr)).toMatchObject({ level: 'error', type: 'summary', failure: { code: 'ConfigurationInvalid' } });
    const { KUBERNETES_SERVICE_HOST: _, ...outside } = process.env;
    const { stderr } = await execa(process.execPath, ['src/main.ts', ...words], { cwd: root, env: outside, extendEnv: false, reject: false });
    expect(stderr).toContain('no-such-file.yaml:1:1: there is no such file; check the path');
  });
});

describe('what a command does not need, it does not load:', () => {
  const heavy = ['@kubernetes/client-node', '@google-cloud', '/zod/', '/yaml/', '/pino/', '/execa/'];
  const heavyIn = (modules: readonly string[]): readonly string[] => heavy.filter((part) => modules.some((url) => url.includes(part)));

  it('help loads the command line only', async () => {
    const modules = await loadedBy(['rebuild', '--help']);
    expect(modules.some((url) => url.includes('commander'))).toBe(true);
    expect(heavyIn(modules)).toEqual([]);
  });

  it('validate loads no Kubernetes and no DNS client', async () => {
    expect(heavyIn(await loadedBy(['validate', '-f', 'config/google.yaml']))).toEqual(['/zod/', '/yaml/']);
  });
});
