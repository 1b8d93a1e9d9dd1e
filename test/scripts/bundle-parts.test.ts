// What the bundle leaves out: enough to start fast, and nothing that anybody calls.

import { readdir, readFile, rm, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundle, type Bundle } from '../../scripts/build.ts';
import { lazyBuiltins } from '../../scripts/build/builtins.ts';
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

/** What a bundle of this text, as if it lay in the checkout, prints or throws. */
async function resultOf(text: string): Promise<unknown> {
  const stdin = { contents: text, resolveDir: join(import.meta.dirname, '../..'), loader: 'js' } as const;
  const { outputFiles } = await build({ stdin, bundle: true, write: false, platform: 'node', format: 'esm', plugins: [leaveOutUnused, lazyBuiltins], logLevel: 'silent' });
  const source = Buffer.from(outputFiles[0]?.contents ?? []).toString('base64');
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

test('Node’s modules are the real ones, by name, as a whole and by default', async () => {
  const result = await resultOf(`
    import path, { join } from 'node:path';
    import * as os from 'os';
    import { readFile } from 'node:fs/promises';
    export const result = [join('a', 'b'), path.basename('/a/b'), os.EOL, typeof readFile];
  `);
  expect(result).toEqual(['a/b', 'b', '\n', 'function']);
});
