// The demo on a cluster of the user's own: `--context` and a layer of theirs, as the README says; it brings up nothing and takes down nothing.

import { delimiter, join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KubernetesWorld } from './support/world.ts';

const root = resolve(import.meta.dirname, '../..');
let world: KubernetesWorld;
let layer: string;
let exitCode: number | undefined;
let printed: string;

beforeAll(async () => {
  world = await KubernetesWorld.create('t-demo');
  // The small chart of the tests instead of the example with its database: what is looked at here is the demo.
  const verify = { http: [{ url: 'http://t-demo-www.example.test/', bodyContains: 'release' }], helmTest: false, timeout: '20s' };
  layer = await world.writeLayer({ verify, notify: null });
  const { context, kubeconfig, binDir } = world.connection;
  const env = { KUBECONFIG: kubeconfig, PATH: `${binDir}${delimiter}${process.env['PATH'] ?? ''}`, NO_COLOR: '1' };
  const ended = await execa(process.execPath, [join(root, 'examples/demo.ts'), '--context', context, '-f', layer], { cwd: root, env, reject: false, all: true });
  ({ exitCode } = ended);
  printed = ended.all;
});
afterAll(() => world.end());

describe('the demo with --context', () => {
  test('rebuilds twice, and nobody notices', () => {
    expect(exitCode, printed).toBe(0);
    expect(printed).toContain('First release: the names do not exist yet, so nobody asks for them');
    // The old one and the new one, and no other.
    expect(printed.match(/^Answered by +t-demo-[a-z0-9]{5}: [1-9]\d*$/gm)).toHaveLength(2);
    expect(printed).toMatch(/^Failed +0$/m);
    expect(printed.trimEnd().split('\n')).toContain('Done: nobody noticed.');
  });

  test('leaves the second release, which all names lead to', async () => {
    const releases = await world.releases();
    expect(releases).toHaveLength(1);
    const answers = await Promise.all(world.names.map((name) => world.dig(name)));
    expect(answers.map((answer) => answer.length)).toEqual([1, 1]);
    for (const [address] of answers) expect(printed).toContain(address);
    expect(printed).toContain(releases[0]);
  });

  test('ends with the command that shows more, and does not touch the cluster itself', () => {
    expect(printed.trimEnd().split('\n').at(-1)).toMatch(new RegExp(`^Look around: .* status .*-f ${layer} --context ${world.connection.context}$`));
    expect(printed).not.toContain('The cluster stays up');
    expect(printed).not.toMatch(/^down after/m);
  });
});
