// Secrets stay secret: planted ones are looked for in all that a run prints, logs, records and leaves, over many ways to end.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { DriverError } from '../../src/drivers/failure.ts';
import { failing } from '../../sim/faults.ts';
import { terminal, type Printed, type RunOptions, type Terminal } from '../cli/terminal.ts';
import { object } from '../support/objects.ts';
import { chart } from '../../sim/production.ts';

const planted = {
  password: 'planted-password-of-the-harvester',
  inline: many('inline'),
  values: many('value'),
  dataConfig: many('source'),
  chart: many('chart'),
};

function many(what: string): readonly string[] {
  return Array.from({ length: 13 }, (_, index) => `planted-${what}-${index}-${'xq7'.repeat(1 + (index % 5))}`);
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const all = [planted.password, ...planted.inline, ...planted.values, ...planted.dataConfig, ...planted.chart];

/** Every form in which they might come out. */
const forms = all.flatMap((secret) => [secret, base64(secret), base64(`loader:${secret}`), encodeURIComponent(secret), Buffer.from(secret).toString('hex')]);

/** In mappings, in lists, within longer texts, in keys that nobody would take for a secret's. */
function scattered(texts: readonly string[]): object {
  const [first = '', second = '', third = '', ...rest] = texts;
  return { database: { password: first, url: `postgresql://portal:${second}@database/portal` }, tls: { key: `-----BEGIN KEY-----\n${third}\n-----END KEY-----\n` }, more: rest.map((text, index) => ({ [`setting${index}`]: text })) };
}

const configuration = {
  release: { chart: { path: '/chart' }, values: [{ inline: scattered(planted.inline) }, { secret: { name: 'values', key: 'values.yaml' } }] },
  load: [{ name: 'harvest', timeout: '10m', jobList: { dataConfig: 'data.json', credentials: { username: 'loader', password: { secret: { name: 'harvester', key: 'password' } } } } }],
};

let shell: Terminal;
beforeEach(async () => {
  shell = await terminal();
  const secret = object('v1 Secret', 'harvester', { data: { password: base64(planted.password) } });
  const own = planted.chart.map((text, index) => object('v1 Secret', `own-${index}`, { stringData: { text } }));
  shell.world.charts.set('/chart', { ...chart, objects: [...chart.objects, secret, ...own] });
  shell.world.harvester.scenario = { password: planted.password };
  const { cluster } = shell.world.start().drivers;
  await cluster.create(kinds.namespace, object('v1 Namespace', 'changeover'));
  await cluster.create(kinds.secret, object('v1 Secret', 'values', { namespace: 'changeover', data: { 'values.yaml': base64(stringify(scattered(planted.values))) } }));
  await writeFile(join(shell.cwd, 'data.json'), JSON.stringify({ source: scattered(planted.dataConfig), jobConfigurations: [{ description: 'Cities' }] }));
  await shell.write('prod.yaml', configuration);
});
afterEach(() => shell.close());

/** All objects but Secrets, which are where secrets belong. */
function leftInTheCluster(): unknown {
  const { store } = shell.world.cluster.inside;
  return Object.values(kinds).filter((kind) => kind !== kinds.secret).map((kind) => store.all(kind));
}

function expectNoSecret(...printed: readonly Printed[]): void {
  const { requests, notifications } = shell.world;
  const everything = JSON.stringify([printed, requests, notifications, leftInTheCluster()]);
  for (const form of forms) expect(everything).not.toContain(form);
}

/** Runs, lists what is recorded in every format, and looks through all of it. */
async function runAndSearch(options: RunOptions = {}): Promise<Printed> {
  const run = await shell.type('rebuild -f prod.yaml --debug', options);
  shell.world.faults = () => undefined;
  const lines = ['plan -f prod.yaml --debug', 'plan -f prod.yaml -o json', 'status -f prod.yaml -o yaml', 'history -f prod.yaml -o json'];
  const looks: Printed[] = [];
  for (const line of lines) looks.push(await shell.type(line));
  expectNoSecret(run, ...looks);
  return run;
}

it('the secrets are in use, fifty and more: with them the run goes well, and nothing shows them', async () => {
  expect(new Set(all).size).toBeGreaterThanOrEqual(50);
  const { exitCode, stderr } = await runAndSearch();
  expect(exitCode).toBe(0);
  expect(shell.world.harvester.started).toBe(1);
  expect(stderr).toMatch(/debug: secrets\.read: done in \d+ ms/);
  const installed = JSON.stringify(shell.world.cluster.inside.store.all(kinds.secret));
  for (const text of planted.chart) expect(installed).toContain(text);
});

it('they would be found: a record that holds one is noticed', async () => {
  const { cluster } = shell.world.start().drivers;
  await cluster.create(kinds.configMap, object('v1 ConfigMap', 'leak', { namespace: 'changeover', data: { record: planted.inline[4] } }));
  expect(() => expectNoSecret()).toThrow(planted.inline[4]);
});

const echo = new DriverError({ reason: 'invalid', attempted: 'helm install', detail: 'exit code 1: [secret] is not allowed' });

/** Each sets the stage for one way to fail. */
const failures: Readonly<Record<string, () => unknown>> = {
  'the harvester refuses the password': () => (shell.world.harvester.scenario = { password: 'another' }),
  'the harvester answers 500': () => (shell.world.harvester.scenario = { password: planted.password, mode: 'error500' }),
  'the harvester answers a login page': () => (shell.world.harvester.scenario = { password: planted.password, mode: 'html' }),
  'the harvester tells of another run': () => (shell.world.harvester.scenario = { password: planted.password, mode: 'foreign' }),
  'a job of the list fails': () => (shell.world.harvester.scenario = { password: planted.password, failingJobs: ['Cities'] }),
  'the harvester sends everything back in its error': () => (shell.world.harvester.scenario = { password: planted.password, mode: 'echo' }),
  'the password is not there': () => shell.world.charts.set('/chart', chart),
  'the data configuration is not JSON': () => writeFile(join(shell.cwd, 'data.json'), `{ "password": "${planted.dataConfig[0]}" oops`),
  'helm fails': () => (shell.world.faults = failing(/^helm\.install/, echo, 9)),
  'the chart does not render': () => shell.world.charts.set('/chart', { ...chart, broken: 'Error: parse error' }),
  'a pod crashes': () => shell.world.cluster.behaviours.set('Deployment/web', { outcome: 'crashLoop', log: 'no such table' }),
  'verification fails': () => shell.world.sites.set('ingress', { status: 503 }),
  'an image cannot be pulled': () => shell.world.cluster.behaviours.set('Deployment/web', { outcome: 'imagePull' }),
  'a pod is too big': () => shell.world.cluster.behaviours.set('Deployment/web', { outcome: 'unschedulable' }),
  'the quota is used up': () => shell.world.cluster.behaviours.set('Deployment/web', { outcome: 'quota' }),
  'no address comes': () => shell.world.cluster.behaviours.set('Service/ingress', { outcome: 'never' }),
  'the Secret with values may not be read': () => (shell.world.faults = failing(/^cluster\.get secret/i, new DriverError({ reason: 'forbidden', attempted: 'get Secret', detail: 'forbidden' }), 99)),
  'the cluster is away': () => (shell.world.faults = failing(/^cluster\./, new DriverError({ reason: 'unavailable', attempted: 'GET /version', detail: 'connection refused' }), 9_999)),
  'the name servers are away': () => (shell.world.faults = failing(/^resolver\./, new DriverError({ reason: 'timeout', attempted: 'ask 192.0.2.53', detail: 'no answer' }), 9_999)),
  'the record cannot be written': () => (shell.world.faults = failing(/^cluster\.(create|replace) configmaps/, new DriverError({ reason: 'forbidden', attempted: 'create ConfigMap', detail: 'forbidden' }), 99)),
  'the zone refuses the change': () => (shell.world.faults = failing(/^dns\.change/, new DriverError({ reason: 'forbidden', attempted: 'update', detail: 'REFUSED' }), 9)),
};

it.each(Object.keys(failures))('nothing shows them when %s, in lines, on a terminal, or in JSON', async (name) => {
  await failures[name]?.();
  const { exitCode } = await runAndSearch();
  await failures[name]?.();
  const drawn = await runAndSearch({ isTerminal: true });
  await failures[name]?.();
  const logged = await runAndSearch({ inCluster: true });
  expect([exitCode, drawn.exitCode, logged.exitCode]).not.toContain(0);
});

it('nor when the Secret with values is no mapping, or the password stands in the file itself', async () => {
  const stored = await shell.world.cluster.get({ kind: kinds.secret, name: 'values', namespace: 'changeover' });
  const { cluster } = shell.world.start().drivers;
  if (stored !== undefined) await cluster.replace(kinds.secret, { ...stored, data: { 'values.yaml': base64(`token: [${planted.values[3]}`) } });
  expect((await runAndSearch()).exitCode).not.toBe(0);
  const [harvest] = configuration.load;
  await shell.write('prod.yaml', { ...configuration, load: [{ ...harvest, jobList: { base: `http://loader:${planted.password}@ingress/api`, credentials: { username: 'loader', password: planted.password } } }] });
  expect((await runAndSearch()).exitCode).toBe(2);
});

it('nor when the run is stopped in the middle and goes on', async () => {
  const stop = new AbortController();
  const onTalk = (text: string): void => {
    if (text.includes('harvest: ')) stop.abort(new Error('SIGTERM'));
  };
  expect((await runAndSearch({ stop, onTalk })).exitCode).toBe(143);
  expect((await runAndSearch()).exitCode).toBe(0);
});
