// What the bundle leaves out: enough to start fast, and nothing that anybody calls.

import { readdir, readFile, rm, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { bundle, type Bundle } from '../../scripts/build.ts';
import { lazyBuiltins } from '../../scripts/build/builtins.ts';
import { loadOnDemand } from '../../scripts/build/on-demand.ts';
import { leaveOutUnused } from '../../scripts/build/unused.ts';

let directory: string;
let bundled: Bundle;
let texts: readonly string[];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'changeover-parts-'));
  bundled = await bundle(directory);
  const names = (await readdir(directory)).filter((name) => name.endsWith('.mjs'));
  texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')));
}, 60_000);
afterAll(() => rm(directory, { recursive: true }));

/** A bundle of this text, as if it lay in the checkout. */
async function bundleOf(text: string): Promise<string> {
  const stdin = { contents: text, resolveDir: join(import.meta.dirname, '../..'), loader: 'js' } as const;
  const { outputFiles } = await build({ stdin, bundle: true, write: false, platform: 'node', format: 'esm', plugins: [leaveOutUnused, loadOnDemand, lazyBuiltins], logLevel: 'silent' });
  // As that of a real bundle: packages still `require` what Node has.
  return `import { createRequire } from 'node:module'; const require = createRequire(${JSON.stringify(import.meta.url)});\n${outputFiles[0]?.text ?? ''}`;
}

/** What it prints or throws. */
async function resultOf(text: string): Promise<unknown> {
  const source = Buffer.from(await bundleOf(text)).toString('base64');
  const { result } = (await import(`data:text/javascript;base64,${source}`)) as { readonly result: unknown };
  return result;
}

test('no class of the generated Kubernetes API is in it, nor a second HTTP client', () => {
  const inputs = Object.keys(bundled.inputs);
  expect(inputs.filter((path) => path.includes('client-node/dist/gen/'))).toEqual(['node_modules/@kubernetes/client-node/dist/gen/rxjsStub.js']);
  expect(inputs.filter((path) => path.includes('node_modules/undici/'))).toEqual([]);
});

test('it is at most 2 MB', () => {
  expect(texts.reduce((sum, text) => sum + text.length, 0)).toBeLessThan(2_000_000);
});

test('none of its files imports a module of Node, which would load all of its exports', () => {
  const imports = texts.flatMap((text) => [...text.matchAll(/^(?:import|export)\b[^;]*?\bfrom\s*["']([^"'.][^"']*)["']/gm)].map(([, target]) => target));
  expect(imports.filter((target) => target !== 'node:module')).toEqual([]);
});

/** The packages in what is loaded together with this module. */
function packagesWith(module: string): ReadonlySet<string> {
  const { outputs } = bundled;
  const start = Object.keys(outputs).find((path) => outputs[path]?.entryPoint === module) ?? '';
  const loaded = new Set([start]);
  for (const path of loaded) for (const { path: other, kind } of outputs[path]?.imports ?? []) if (kind === 'import-statement') loaded.add(other);
  const inputs = [...loaded].flatMap((path) => Object.keys(outputs[path]?.inputs ?? {}));
  return new Set(inputs.flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []));
}

test('what a command loads before its first request has no package in it that is for later', () => {
  expect([...packagesWith('src/main.ts')]).toEqual(['commander']);
  const modules = ['src/cli/reading.ts', 'src/drivers/registry.ts', 'src/drivers/cluster/client.ts', 'src/drivers/dns/rfc2136.ts'];
  const packages = new Set(modules.flatMap((module) => [...packagesWith(module)]));
  expect([...packages]).toEqual(expect.arrayContaining(['zod', 'yaml', '@kubernetes/client-node']));
  // Programs that are started, port-forwarding, Cloud DNS, words for a schedule.
  expect([...packages].filter((name) => ['execa', 'ws', '@google-cloud/dns', 'cronstrue', 'pino'].includes(name))).toEqual([]);
});

test('what was left out and is called after all says what is missing, and where it is listed', async () => {
  const called = resultOf(`
    import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
    import { PortForward } from '@kubernetes/client-node/dist/portforward.js';
    const config = new KubeConfig();
    config.loadFromClusterAndUser({ name: 'c', server: 'https://127.0.0.1:1' }, { name: 'u' });
    export const result = await new PortForward(config).portForwardService('n', 's', [80]);
  `);
  await expect(called).rejects.toThrow('ServerConfiguration of ./gen/index.js is not in this bundle (scripts/build/unused.ts)');
});

test('functions and classes have the names of the sources, in packages as well, and nothing has to give them back', () => {
  const text = texts.join('\n');
  const named = ['Failure=class extends Error', 'DriverError=class extends Error', 'YAMLParseError=class extends YAMLError', 'function runCommand(', 'function parseDocument('];
  expect(named.filter((words) => !text.includes(words))).toEqual([]);
  // What esbuild writes where names are kept beside shorter ones.
  expect(/defineProperty\(\w+,"name",\{value:\w+,configurable:/.exec(text)?.[0]).toBeUndefined();
});

/** What leads to a cluster behind this proxy, by the name of its class. */
function connecting(proxyUrl: string | undefined): string {
  return `
    import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
    const config = new KubeConfig();
    config.loadFromClusterAndUser({ name: 'c', server: 'https://127.0.0.1:1', proxyUrl: ${JSON.stringify(proxyUrl)} }, { name: 'u' });
    const options = {};
    await config.applyToHTTPSOptions(options);
    export const result = options.agent.constructor.name;
  `;
}

test('what leads to a cluster behind a proxy is loaded where there is one, and is that of its package', async () => {
  const asked = vi.spyOn(process, 'getBuiltinModule');
  try {
    // Of all that is in there, only the package for SOCKS asks for it.
    const isSocksLoaded = () => asked.mock.calls.some(([name]) => name === 'node:dns');
    expect(await resultOf(connecting(undefined))).toBe('Agent');
    expect(await resultOf(connecting('http://127.0.0.1:3128'))).toMatch(/^HttpsProxyAgent/);
    expect(isSocksLoaded()).toBe(false);
    expect(await resultOf(connecting('socks5://127.0.0.1:1080'))).toMatch(/^SocksProxyAgent/);
    expect(isSocksLoaded()).toBe(true);
  } finally {
    asked.mockRestore();
  }
});

test('Node’s modules are the real ones, by name, as a whole and by default', async () => {
  const result = await resultOf(`
    import path, { join } from 'node:path';
    import * as os from 'os';
    import { readFile } from 'node:fs/promises';
    export const result = [join('a', 'b'), path.basename('/a/b'), os.EOL, typeof readFile];
  `);
  expect(result).toEqual(['a/b', 'b', '\n', 'function']);
});

test('of Node’s modules only what is named is read: some exports load as much again', async () => {
  const text = await bundleOf("import util, { inspect } from 'node:util'; export const result = [inspect, util.format];");
  expect(text).toContain('"inspect"');
  expect(text).not.toContain('"diff"');
});

test('it is the same whatever the process that builds it has loaded or changed', async () => {
  const again = await mkdtemp(join(tmpdir(), 'changeover-parts-'));
  // As a test runner does, and a process that was forked. What is counted for short names is every name.
  const added = ['zzzzqqqqxxxx', 'wwwwjjjjkkkk', 'QQQQZZZZXXXX'].map((name) => name.repeat(40));
  for (const name of added) Object.defineProperty(process, name, { value: 1, enumerable: true, configurable: true });
  try {
    const { outputs } = await bundle(again);
    expect(Object.keys(outputs).toSorted()).toEqual(Object.keys(bundled.outputs).map((path) => path.replace(basename(directory), basename(again))).toSorted());
  } finally {
    for (const name of added) Reflect.deleteProperty(process, name);
    await rm(again, { recursive: true });
  }
});
