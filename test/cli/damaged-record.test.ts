// What an operator sees, and does, when the record of a run is damaged: every command says which it is and how to get out of it, and the
// command that is printed does get out of it.

import { afterEach, expect, test } from 'vitest';
import { kinds, type KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { terminal, type Terminal } from './terminal.ts';

const configMaps = { kind: kinds.configMap, namespace: 'changeover' };
const opened: Terminal[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((shell) => shell.close()));
});

/** The second rebuild was stopped while it loaded; then somebody has laid hands on its record. */
async function damaged(change: (body: string) => string): Promise<{ readonly shell: Terminal; readonly name: string }> {
  const shell = await terminal();
  opened.push(shell);
  await shell.type('rebuild -f prod.yaml');
  const stop = new AbortController();
  await shell.type('rebuild -f prod.yaml', { stop, onTalk: (text) => text.includes('Load the data') && stop.abort(new Error('SIGTERM')) });
  const { metadata: { name }, data } = recordsOf(shell).at(-1) as KubernetesObject & { readonly data: { readonly record: string } };
  await shell.world.cluster.patch({ ...configMaps, name }, { data: { record: change(data.record) } });
  return { shell, name };
}

function recordsOf({ world }: Terminal): readonly KubernetesObject[] {
  return world.cluster.inside.store.all(kinds.configMap, 'changeover').filter(({ metadata }) => metadata.labels?.['changeover.dev/record'] === 'run');
}

/** Does what the last line of advice says, word by word. */
async function obey({ world }: Terminal, printed: string): Promise<void> {
  const [, name = '', namespace] = /^ *kubectl delete configmap (\S+) -n (\S+)$/m.exec(printed) ?? [];
  expect(namespace).toBe('changeover');
  const found = await world.cluster.get({ ...configMaps, name });
  await world.cluster.delete({ ...configMaps, name }, found?.metadata.uid ?? '');
}

const damages: readonly (readonly [string, (body: string) => string, string])[] = [
  ['was cut short', (body) => body.slice(0, 700), 'it is no JSON: it may have been cut short after 700 characters'],
  ['comes from a later version', (body) => body.replace('"version":1', '"version":2'), 'written by a later version of changeover (format 2; this one knows 1)'],
  ['has an epoch that somebody typed in', (body) => body.replace(/"epoch":\d+/, '"epoch":2000000000'), 'epoch: is not a count that any run can have reached'],
];

test.each(damages)('a record that %s: rebuild names it once, prints the command to give the run up, and after that command goes well', async (_title, change, reason) => {
  const { shell, name } = await damaged(change);
  const refused = await shell.type('rebuild -f prod.yaml');
  expect(refused.exitCode).toBe(4);
  expect(refused.stderr.replaceAll(/\s+/g, ' ').split(reason)).toHaveLength(2);
  expect(refused.stderr).toContain(`ConfigMap changeover/${name}`);
  await obey(shell, refused.stderr);
  expect(await shell.type('rebuild -f prod.yaml')).toMatchObject({ exitCode: 0 });
  expect(shell.releases()).not.toContain('prod-r0002');
  expect(shell.observer.violations).toEqual([]);
});

test('status tells what the public has all the same, in text and JSON, and ends with exit code 4', async () => {
  const { shell, name } = await damaged((body) => body.slice(0, 700));
  const { exitCode, stdout } = await shell.type('status -f prod.yaml');
  expect(exitCode).toBe(4);
  expect(stdout).toMatch(/www\.example\.org\. +198\.18\.0\.1 +prod-r0001/);
  expect(stdout).toContain('it may have been cut short after 700 characters');
  expect(stdout).toContain(`kubectl delete configmap ${name} -n changeover`);
  expect(stdout).not.toContain('none yet');
  expect(JSON.parse((await shell.type('status -f prod.yaml -o json')).stdout)).toMatchObject({ unfinished: false, unreadable: { object: `ConfigMap changeover/${name}` } });
});

test('a record whose epoch somebody has raised is gone on with above it', async () => {
  const { shell } = await damaged((body) => body.replace(/"epoch":\d+/, '"epoch":100'));
  expect(await shell.type('rebuild -f prod.yaml')).toMatchObject({ exitCode: 0 });
  expect((await shell.records()).at(-1)).toMatchObject({ epoch: 101, outcome: 'succeeded' });
});
