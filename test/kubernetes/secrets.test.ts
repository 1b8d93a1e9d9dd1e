// Secrets stay secret in real runs at debug level that fail: with real Helm, nsupdate and an API server, and whoever is told one repeats it.

import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { Cluster } from '../../src/drivers/cluster/cluster.ts';
import { kinds, type KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { installChart, uninstallChart } from './support/narrow.ts';
import { connect } from './support/namespaces.ts';
import { programFile } from './support/program.ts';
import { KubernetesWorld } from './support/world.ts';

const root = resolve(import.meta.dirname, '../..');
const environment = 't-secrets';
const namespace = `changeover-${environment}`;

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const planted = {
  inline: 'planted-in-the-environment-file',
  value: 'planted-in-a-secret-of-values',
  password: 'planted-password-of-the-harvester',
  source: 'planted-in-the-data-configuration',
  webhook: 'planted-path-of-the-webhook',
  tsig: base64('planted-key-of-nobody'),
};

let world: KubernetesWorld;
let cluster: Cluster;
/** For temporary files of the run, and for what is kept of the programs that it starts. */
let temporary: string;
let kept: string;
let realKey: string;

beforeAll(async () => {
  [world, cluster] = await Promise.all([KubernetesWorld.create(environment), connect()]);
  await installChart(world, { release: { chart: { path: join(root, 'test/kubernetes/telling') } }, load: [] });
  realKey = await readFile(world.connection.dns.tsigKeyFile, 'utf8');
  const texts = {
    values: stringify({ database: { password: planted.value }, harvester: { password: planted.password } }),
    webhook: `http://127.0.0.1:9/services/${planted.webhook}`,
    key: realKey,
    otherKey: `key "changeover" { algorithm hmac-sha256; secret "${planted.tsig}"; };`,
  };
  await cluster.create(kinds.secret, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'planted', namespace }, stringData: texts });
  await writeFile(join(world.directory, 'data.json'), JSON.stringify({ password: planted.source, jobConfigurations: [{ description: 'Cities' }] }));
});
afterAll(async () => {
  await uninstallChart(world);
  await world.end();
});

beforeEach(async ({ task }) => {
  [temporary, kept] = [join(world.directory, `temporary-${task.id}`), join(world.directory, `kept-${task.id}`)];
  await mkdir(temporary);
  await mkdir(kept);
  for (const file of ['arguments', 'tokens', 'readable']) await writeFile(join(kept, file), '');
  await keepOf('helm', join(world.connection.binDir, 'helm'));
  await keepOf('nsupdate', '/usr/bin/nsupdate');
});

/** A program of this name that notes what others can see of it, and then becomes the real one. */
async function keepOf(name: string, real: string): Promise<void> {
  const lines = [
    '#!/bin/sh',
    `tr '\\0' ' ' < /proc/$$/cmdline >> ${kept}/arguments`,
    `echo >> ${kept}/arguments`,
    `printf '%s\\n' "$HELM_KUBETOKEN" >> ${kept}/tokens`,
    `find ${temporary} -type f -perm /077 -exec cat {} + >> ${kept}/readable`,
    `exec ${real} "$@"`,
  ];
  await writeFile(join(kept, name), `${lines.join('\n')}\n`);
  await chmod(join(kept, name), 0o700);
}

interface Way {
  readonly tell?: boolean;
  readonly key?: 'key' | 'otherKey';
}

/** Every secret in its place. What fails is kept, so that there is something to search. */
function configuration({ tell = false, key = 'key' }: Way): Readonly<Record<string, unknown>> {
  const from = (text: string): object => ({ secret: { name: 'planted', key: text } });
  const { address, port } = world.connection.dns.primary;
  const credentials = { username: 'loader', password: { secret: { name: 'harvester', key: 'password' } } };
  const base = 'http://ingress.{namespace}.svc.cluster.local/harvester/api/1';
  return {
    dnsProvider: { rfc2136: { server: `${address}:${port}`, key: from(key) } },
    notify: { webhooks: [{ url: from('webhook'), events: ['started', 'failed'] }] },
    release: { chart: { path: join(root, 'test/kubernetes/telling') }, values: [{ inline: { tell, smtp: { password: planted.inline } } }, from('values')], onFailure: 'keep' },
    load: [{ name: 'harvest', jobList: { base, dataConfig: join(world.directory, 'data.json'), credentials }, timeout: '30s' }],
  };
}

async function rebuild(way: Way) {
  const { kubeconfig, binDir } = world.connection;
  const env = { KUBECONFIG: kubeconfig, PATH: [kept, binDir, process.env['PATH']].join(delimiter), TMPDIR: temporary, NO_COLOR: '1' };
  const words = ['rebuild', '--log', 'json', '--debug', '-f', await world.writeLayer(configuration(way))];
  const { exitCode, stdout, stderr } = await execa(process.execPath, [programFile(), ...words], { cwd: root, env, reject: false });
  return { exitCode, stdout, stderr };
}

/** All objects of this environment: Secrets, which are where secrets belong, without what they hold. */
async function objects(): Promise<readonly KubernetesObject[]> {
  const places = [namespace, ...(await world.releases())];
  const namespaced = Object.values(kinds).filter((kind) => kind.namespaced);
  const lists = await Promise.all(places.flatMap((place) => namespaced.map((kind) => cluster.list(kind, { namespace: place }))));
  const found = lists.flatMap(({ items }) => items.map(({ data, ...object }) => (object.kind === 'Secret' ? object : { ...object, data })));
  const own = await Promise.all(places.map((name) => cluster.get({ kind: kinds.namespace, name })));
  return [...found, ...own.filter((object) => object !== undefined)];
}

const read = (file: string): Promise<string> => readFile(join(kept, file), 'utf8');

/** Those that Helm was given as the installer. */
const tokensGiven = async (): Promise<readonly string[]> => (await read('tokens')).split('\n').filter((token) => token !== '');

/** Every form in which they might come out. */
function formsOf(tokens: readonly string[]): readonly string[] {
  const [, tsig = ''] = /secret "([^"]+)"/.exec(realKey) ?? [];
  return [...Object.values(planted), tsig, ...tokens].flatMap((secret) => [secret, base64(secret), base64(`loader:${secret}`), encodeURIComponent(secret)]);
}

test.each([
  { what: 'the chart does not render, and tells its values', way: { tell: true }, words: /no good: \[secret\]/, programs: ['helm template'] },
  { what: 'the harvester refuses the load, and repeats what it was sent', way: {}, words: /harvest.*not understood/, programs: ['helm template', 'helm install', 'nsupdate'] },
  { what: 'the name server refuses the key', way: { key: 'otherKey' } as const, words: /NOTAUTH|BADSIG|BADKEY/, programs: ['nsupdate'] },
])('$what: nobody else is told', async ({ way, words, programs }) => {
  const { exitCode, stdout, stderr } = await rebuild(way);
  expect(exitCode, stderr).toBeGreaterThan(0);
  expect(stderr).toMatch(words);
  expect(stderr).toMatch(/"debug".*cluster\./);
  const [commandLines, readable, tokens, stored] = await Promise.all([read('arguments'), read('readable'), tokensGiven(), objects()]);
  for (const program of programs) expect(commandLines).toContain(`/${program} `);
  const seen = JSON.stringify([stdout, stderr, commandLines, readable, stored]);
  expect(formsOf(tokens).filter((form) => seen.includes(form))).toEqual([]);
  expect(tokens.length > 0).toBe(programs.includes('helm install'));
  expect(await readdir(temporary)).toEqual([]);
});

test('all of it was in use: the release has every value, and there were records and Events to be searched', async () => {
  const [release = '', ...others] = await world.releases();
  expect(others).toEqual([]);
  const held = await cluster.get({ kind: kinds.secret, name: 'harvester', namespace: release });
  const texts = Object.values((held?.['data'] ?? {}) as Readonly<Record<string, string>>).map((text) => Buffer.from(text, 'base64').toString());
  for (const secret of [planted.inline, planted.value, planted.password]) expect(texts.join('\n')).toContain(secret);
  const found = await objects();
  expect(found.filter(({ kind, metadata }) => kind === 'ConfigMap' && metadata.labels?.['changeover.dev/record'] !== undefined).length).toBeGreaterThan(0);
  expect(found.filter(({ kind, metadata }) => kind === 'Event' && metadata.namespace === namespace).length).toBeGreaterThan(0);
});
