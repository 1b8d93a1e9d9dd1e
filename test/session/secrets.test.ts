// Secrets stay secret: planted ones are looked for in all that a run prints, logs, records, hands to other programs and leaves, over many
// ways to end.

import { readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { notificationEvents } from '../../src/config/sections/runner.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { googleCloudProvider } from '../../src/drivers/dns/google-cloud.ts';
import type { Drivers } from '../../src/drivers/drivers.ts';
import { DriverError } from '../../src/drivers/failure.ts';
import { webhookNotifier } from '../../src/drivers/notify/webhook.ts';
import { failing } from '../../sim/faults.ts';
import { terminal, type Printed, type RunOptions, type Terminal } from '../cli/terminal.ts';
import { object } from '../support/objects.ts';
import { chart } from '../../sim/production.ts';
import { playedPrograms, type Programs } from './programs.ts';

const planted = {
  password: 'planted-password-of-the-harvester',
  inline: many('inline'),
  values: many('value'),
  dataConfig: many('source'),
  chart: many('chart'),
  tsig: Buffer.from('planted-key-of-the-zones').toString('base64'),
  google: 'planted-key-of-google-cloud',
  webhook: 'planted-path-of-the-webhook',
};

function many(what: string): readonly string[] {
  return Array.from({ length: 13 }, (_, index) => `planted-${what}-${index}-${'xq7'.repeat(1 + (index % 5))}`);
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const all = [planted.password, ...planted.inline, ...planted.values, ...planted.dataConfig, ...planted.chart, planted.tsig, planted.google, planted.webhook];

/** Every form in which they might come out. */
function formsOf(secrets: readonly string[]): readonly string[] {
  return secrets.flatMap((secret) => [secret, base64(secret), base64(`loader:${secret}`), encodeURIComponent(secret), Buffer.from(secret).toString('hex')]);
}

const forms = formsOf(all);

/** In mappings, in lists, within longer texts, in keys that nobody would take for a secret's. */
function scattered(texts: readonly string[]): object {
  const [first = '', second = '', third = '', ...rest] = texts;
  return { database: { password: first, url: `postgresql://portal:${second}@database/portal` }, tls: { key: `-----BEGIN KEY-----\n${third}\n-----END KEY-----\n` }, more: rest.map((text, index) => ({ [`setting${index}`]: text })) };
}

const configuration = {
  release: { chart: { path: '/chart' }, values: [{ inline: { portal: scattered(planted.inline) } }, { secret: { name: 'values', key: 'values.yaml' } }] },
  load: [{ name: 'harvest', timeout: '10m', jobList: { dataConfig: 'data.json', credentials: { username: 'loader', password: { secret: { name: 'harvester', key: 'password' } } } } }],
};

/** What the runner's own namespace holds, by the Secret's name. */
const own = {
  values: { 'values.yaml': stringify(scattered(planted.values)) },
  tsig: { key: `key "mover" { algorithm hmac-sha256; secret "${planted.tsig}"; };` },
  google: { key: JSON.stringify({ type: 'service_account', project_id: 'portal', client_email: 'mover@portal.example.org', private_key: `-----BEGIN PRIVATE KEY-----\n${planted.google}\n-----END PRIVATE KEY-----\n` }) },
  webhook: { url: `https://hooks.example.org/services/${planted.webhook}` },
};

let shell: Terminal;
let programs: Programs;
/** Addresses that were posted to. */
let posted: string[];
beforeEach(async () => {
  shell = await terminal({ installed: 'pod' });
  programs = await playedPrograms();
  posted = [];
  vi.stubGlobal('fetch', async (url: URL) => {
    posted.push(url.href);
    throw new TypeError(`fetch failed: ${url.href}`, { cause: new Error(`connect ECONNREFUSED ${url.href}`) });
  });
  const secret = object('v1 Secret', 'harvester', { data: { password: base64(planted.password) } });
  const further = planted.chart.map((text, index) => object('v1 Secret', `own-${index}`, { stringData: { text } }));
  shell.world.charts.set('/chart', { ...chart, objects: [...chart.objects, secret, ...further] });
  shell.world.harvester.scenario = { password: planted.password };
  for (const [name, texts] of Object.entries(own)) await shell.world.cluster.create(kinds.secret, object('v1 Secret', name, { namespace: 'changeover', data: encoded(texts) }));
  await writeFile(join(shell.cwd, 'data.json'), JSON.stringify({ source: scattered(planted.dataConfig), jobConfigurations: [{ description: 'Cities' }] }));
  await shell.write('prod.yaml', configuration);
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await programs.close();
  await shell.close();
});

function encoded(texts: Readonly<Record<string, string>>): object {
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, base64(text)]));
}

/** Other texts in one of the Secrets of the runner's own namespace. */
async function store(name: keyof typeof own, texts: Readonly<Record<string, string>>): Promise<void> {
  const { cluster } = shell.world;
  const stored = await cluster.get({ kind: kinds.secret, name, namespace: 'changeover' });
  if (stored !== undefined) await cluster.replace(kinds.secret, { ...stored, data: encoded(texts) });
}

/** With the real drivers for all that is given a secret of the runner's own. */
function connect(drivers: Drivers): Drivers {
  const read = (name: keyof typeof own, key: string): Promise<string> => drivers.secrets.read({ secret: { name, key } }, 'changeover');
  const notifier = webhookNotifier({ readUrl: () => read('webhook', 'url') });
  return { ...programs.connect(drivers, () => read('tsig', 'key')), notifiers: [...drivers.notifiers, { on: notificationEvents, notifier }] };
}

function connectGoogleCloud(drivers: Drivers): Drivers {
  const readCredentials = (): Promise<string> => drivers.secrets.read({ secret: { name: 'google', key: 'key' } }, 'changeover');
  return { ...connect(drivers), dns: googleCloudProvider({ project: undefined, readCredentials, endpoint: undefined, dnsServers: { 'example-org': ['192.0.2.1'] } }) };
}

/** All objects but Secrets, which are where secrets belong. */
function leftInTheCluster(): unknown {
  const { store } = shell.world.cluster.inside;
  return Object.values(kinds).filter((kind) => kind !== kinds.secret).map((kind) => store.all(kind));
}

function expectNoSecret(...printed: readonly Printed[]): void {
  const { requests, notifications } = shell.world;
  const commandLines = programs.started.map(({ file, args, cwd }) => [file, ...args, cwd]);
  const everything = JSON.stringify([printed, requests.map(({ text }) => text), notifications, leftInTheCluster(), commandLines, programs.readable]);
  for (const form of [...forms, ...formsOf(programs.tokens)]) expect(everything).not.toContain(form);
}

/** Runs, lists what is recorded in every format, and looks through all of it. */
async function runAndSearch(options: RunOptions = {}): Promise<Printed> {
  const run = await shell.type('rebuild -f prod.yaml --debug', { connect, ...options });
  shell.world.faults = () => undefined;
  const lines = ['plan -f prod.yaml --debug', 'plan -f prod.yaml -o json', 'status -f prod.yaml -o yaml', 'history -f prod.yaml -o json'];
  const looks: Printed[] = [];
  for (const line of lines) looks.push(await shell.type(line, { connect, ...options }));
  expectNoSecret(run, ...looks);
  expect([await programs.left(), await readdir(shell.cwd)]).toEqual([[], ['data.json', 'prod.yaml']]);
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
  const given = programs.started.map(({ file, args, input = '' }) => `${file} ${args[0]} ${input}`);
  for (const text of planted.inline) expect(given).toContainEqual(expect.stringMatching(new RegExp(`^helm install .*${text}`)));
  expect(given).toContainEqual(expect.stringMatching(new RegExp(`^nsupdate [^]*${planted.tsig}`)));
  expect(programs.started.map(({ env }) => env?.['HELM_KUBETOKEN']).filter((token) => (token ?? '') !== '')).toEqual(programs.tokens);
  expect(programs.tokens.length).toBeGreaterThan(0);
  expect(posted).toContain(own.webhook.url);
});

it('they would be found: a record that holds one is noticed', async () => {
  await shell.world.cluster.create(kinds.configMap, object('v1 ConfigMap', 'leak', { namespace: 'changeover', data: { record: planted.inline[4] } }));
  expect(() => expectNoSecret()).toThrow(planted.inline[4]);
});

it.each([
  ['an argument', (helm: Drivers['helm']) => helm.list(planted.inline[4] ?? '').catch(() => undefined)],
  ['a file that others may read', async (helm: Drivers['helm']) => {
    await writeFile(join(tmpdir(), 'values.yaml'), planted.inline[4] ?? '', { mode: 0o640 });
    await helm.version();
    expect(await programs.left()).toEqual(['values.yaml']);
  }],
])('they would be found: %s that holds one is noticed', async (_, leak) => {
  await leak(connect(shell.world.start().drivers).helm);
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
  'the key of the zones is none': () => store('tsig', { key: `secret ${planted.tsig}` }),
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
  await store('values', { 'values.yaml': `token: [${planted.values[3]}` });
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

it.each([
  ['does not sign', own.google.key],
  ['is no key file', `{ "private_key": "${planted.google}" oops`],
])('nor when the key of Google Cloud %s', async (_, key) => {
  await store('google', { key });
  expect((await runAndSearch({ connect: connectGoogleCloud })).exitCode).not.toBe(0);
});

it('nor when the address of the webhook is none: then the run goes well', async () => {
  await store('webhook', { url: planted.webhook });
  const { exitCode, stderr } = await runAndSearch();
  expect(exitCode).toBe(0);
  expect(stderr).toContain('its address is not an http or https URL');
});
