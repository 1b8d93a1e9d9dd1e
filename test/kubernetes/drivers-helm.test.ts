// Helm itself, on the embedded cluster: the contract, and what only the real program can prove.

import { execa } from 'execa';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../src/drivers/cluster/cluster.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { DriverError } from '../../src/drivers/failure.ts';
import type { Helm, ReleaseRequest } from '../../src/drivers/helm/helm.ts';
import { helmCli } from '../../src/drivers/helm/helm-cli.ts';
import { runProcess, type RunProcess } from '../../src/drivers/process.ts';
import { helmContract } from '../contracts/helm.ts';
import { writeChart, writeChartArchive, type ChartFiles } from '../drivers/helm-charts.ts';
import { serveFiles } from '../drivers/helm-repository.ts';
import { connect, connection, makeNamespace, removeNamespace } from './support/namespaces.ts';

const { binDir, kubeconfig, context } = connection();
const image = 'changeover.test/pause:1';

const settings = `apiVersion: v1
kind: ConfigMap
metadata: { name: {{ .Release.Name }}-settings }
data: { greeting: {{ .Values.greeting | default "hello" | quote }} }
`;
const test = `apiVersion: v1
kind: ConfigMap
metadata: { name: {{ .Release.Name }}-test, annotations: { helm.sh/hook: test } }
`;
/** Helm waits for its end, which never comes. */
const endless = `apiVersion: v1
kind: Pod
metadata: { name: hook, annotations: { helm.sh/hook: pre-install } }
spec: { restartPolicy: Never, containers: [{ name: hook, image: ${image}, imagePullPolicy: Never }] }
`;
/** It never becomes ready: nobody has its image. */
const stuck = `apiVersion: apps/v1
kind: Deployment
metadata: { name: stuck }
spec:
  selector: { matchLabels: { app: stuck } }
  template:
    metadata: { labels: { app: stuck } }
    spec: { containers: [{ name: stuck, image: nowhere.invalid/nothing:1, imagePullPolicy: Never }] }
`;

let directory: string;
let cluster: Cluster;
const namespaces: string[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'changeover-test-'));
  cluster = await connect();
});
afterAll(async () => {
  await Promise.all(namespaces.map((name) => removeNamespace(cluster, name)));
  await rm(directory, { recursive: true });
});

async function namespace(): Promise<string> {
  const name = await makeNamespace(cluster, 'helm');
  namespaces.push(name);
  return name;
}

function realHelm(options: { readonly run?: RunProcess; readonly context?: string } = {}): Helm {
  return helmCli({ run: runProcess, file: join(binDir, 'helm'), kubeconfig, context, timeoutMs: 60_000, workDirectory: join(directory, 'work'), ...options });
}

function chartAt(name: string, templates: ChartFiles): Promise<string> {
  return writeChart(join(directory, name), { 'Chart.yaml': `apiVersion: v2\nname: ${name}\nversion: 1.2.3\n`, ...templates });
}

async function request(helm: Helm, release: string, options: { readonly path: string; readonly values?: ReleaseRequest['values'] }): Promise<ReleaseRequest> {
  return { name: release, namespace: release, chart: await helm.chart({ path: options.path }), values: options.values ?? [], signal: new AbortController().signal };
}

/** Resolves as soon as there is one: Helm has begun. */
async function firstPod(release: string): Promise<void> {
  await expect.poll(async () => (await cluster.list(kinds.pod, { namespace: release })).items.length, { timeout: 30_000, interval: 50 }).toBeGreaterThan(0);
}

/** Runs Helm so that it can be killed as the system kills: with no time to write anything down. */
function killable(): { readonly run: RunProcess; kill(): void } {
  const death = new AbortController();
  const run: RunProcess = async ({ file, args, input = '', env = {} }) => {
    const { stdout, stderr } = await execa(file, args, { input, env, cancelSignal: death.signal, killSignal: 'SIGKILL' });
    return { stdout, stderr, exitCode: 0 };
  };
  return { run, kill: () => death.abort() };
}

async function killedInstall(release: string): Promise<void> {
  const { run, kill } = killable();
  const helm = realHelm({ run });
  const installing = helm.install(await request(helm, release, { path: await chartAt('killed', { 'templates/settings.yaml': settings, 'templates/hook.yaml': endless }) }));
  await Promise.all([expect(installing).rejects.toThrow('helm'), firstPod(release).then(kill)]);
}

/** The hook of a removal, which stays as long as somebody holds it. */
const held = `apiVersion: v1
kind: Pod
metadata: { name: farewell, annotations: { helm.sh/hook: pre-delete } }
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 0
  containers:
    - name: farewell
      image: changeover.local/example:dev
      imagePullPolicy: Never
      env: [{ name: HELD, valueFrom: { configMapKeyRef: { name: hold, key: held, optional: true } } }]
      command: [node, -e, "if (process.env.HELD) setInterval(() => undefined, 1000)"]
`;

async function killedUninstall(release: string): Promise<void> {
  const hold = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'hold', namespace: release }, data: { held: 'yes' } };
  const { uid = '' } = (await cluster.create(kinds.configMap, hold)).metadata;
  const { run, kill } = killable();
  const helm = realHelm({ run });
  await helm.install(await request(helm, release, { path: await chartAt('leaving', { 'templates/settings.yaml': settings, 'templates/farewell.yaml': held }) }));
  const removing = helm.uninstall(release, release, { signal: new AbortController().signal });
  await Promise.all([expect(removing).rejects.toThrow('helm'), firstPod(release).then(kill)]);
  await cluster.delete({ kind: kinds.configMap, name: 'hold', namespace: release }, uid);
}

helmContract('Helm', async () => {
  const made = await mkdtemp(join(tmpdir(), 'changeover-test-'));
  const [helm, own] = [realHelm(), await connect()];
  const installed = async (name: string) => {
    const { items } = await own.list(kinds.configMap, { namespace: name });
    return items.filter(({ metadata }) => metadata.name.startsWith(name)).map(({ metadata }) => `ConfigMap/${metadata.name}`);
  };
  const files = { 'Chart.yaml': 'apiVersion: v2\nname: contract\nversion: 1.2.3\n', 'templates/settings.yaml': settings };
  return {
    helm,
    chart: { path: await writeChart(join(made, 'good'), { ...files, 'templates/test.yaml': test }) },
    brokenChart: { path: await writeChart(join(made, 'broken'), { ...files, 'templates/broken.yaml': '{{ fail "this cannot be" }}' }) },
    absentChart: { path: join(made, 'absent') },
    rendered: (release) => [`ConfigMap/${release}-settings`, `ConfigMap/${release}-test`],
    namespace,
    killedInstall,
    killedUninstall,
    installed,
    end: () => rm(made, { recursive: true }),
  };
});

describe('the real Helm', () => {
  it('installs with values from several layers, none of which stands in an argument', async () => {
    const lines: string[] = [];
    const helm = realHelm({ run: (command) => (lines.push(JSON.stringify(command.args)), runProcess(command)) });
    const release = await namespace();
    const values = [{ greeting: 'first', other: 1 }, { greeting: 'planted-second' }];
    await helm.install(await request(helm, release, { path: await chartAt('layers', { 'templates/settings.yaml': settings }), values }));
    const stored = await cluster.get({ kind: kinds.configMap, name: `${release}-settings`, namespace: release });
    expect(stored?.['data']).toEqual({ greeting: 'planted-second' });
    expect(lines.join('\n')).not.toContain('planted');
  });

  it('does not wait for what it installs', async () => {
    const helm = realHelm();
    const release = await namespace();
    await helm.install(await request(helm, release, { path: await chartAt('stuck', { 'templates/stuck.yaml': stuck }) }));
    const deployment = await cluster.get({ kind: kinds.deployment, name: 'stuck', namespace: release });
    expect((deployment?.['status'] as { readyReplicas?: number } | undefined)?.readyReplicas).toBeUndefined();
    expect(await helm.find(release, release)).toMatchObject({ status: 'deployed' });
  });

  it('quotes a value that does not fit in its message; the error does not', async () => {
    const helm = realHelm();
    const schema = '{"properties":{"password":{"type":"string","pattern":"^[0-9]+$"}}}';
    const path = await chartAt('schema', { 'values.schema.json': schema, 'templates/settings.yaml': settings });
    const error: unknown = await helm.render(await request(helm, 'schema-try', { path, values: [{ password: 'planted-secret' }] })).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ reason: 'invalid', detail: expect.stringContaining("at '/password': '[secret]' does not match") });
    expect(error).toBeInstanceOf(DriverError);
    expect(JSON.stringify([(error as Error).message, (error as Error).stack])).not.toContain('planted-secret');
  });

  it('names the failed test of a chart', async () => {
    const helm = realHelm();
    const release = await namespace();
    const pod = `apiVersion: v1
kind: Pod
metadata: { name: rows, annotations: { helm.sh/hook: test } }
spec: { restartPolicy: Never, containers: [{ name: rows, image: ${image}, imagePullPolicy: Never, command: [/no-such-program] }] }
`;
    await helm.install(await request(helm, release, { path: await chartAt('tested', { 'templates/settings.yaml': settings, 'templates/rows.yaml': pod }) }));
    const failing = helm.test(release, release, { timeoutMs: 60_000, signal: new AbortController().signal });
    await expect(failing).rejects.toMatchObject({ reason: 'invalid', detail: expect.stringMatching(/^rows failed/) });
  });

  it('is ended by a stop in the middle of an install, and what it left can be removed', async () => {
    const helm = realHelm();
    const release = await namespace();
    const stop = new AbortController();
    const wanted = await request(helm, release, { path: await chartAt('hooked', { 'templates/settings.yaml': settings, 'templates/hook.yaml': endless }) });
    const installing = helm.install({ ...wanted, signal: stop.signal });
    await firstPod(release);
    stop.abort(new Error('stopped'));
    await expect(installing).rejects.toThrow('stopped');
    expect((await helm.find(release, release))?.status).toMatch(/^(failed|pending-install)$/);
    await helm.uninstall(release, release, { signal: new AbortController().signal });
    expect(await helm.find(release, release)).toBeUndefined();
  });

  it('cannot reach a cluster that is not there, which is not the same as no release', async () => {
    await expect(realHelm({ context: 'no-such-context' }).find('any', 'default')).rejects.toMatchObject({ reason: expect.stringMatching(/unavailable|invalid/) });
  });

  it('pulls a chart from a repository, and its archive is checked and unpacked without it', async () => {
    const source = await chartAt('pulled', { 'templates/settings.yaml': settings });
    const archive = await writeChartArchive(source, join(directory, 'pulled-1.2.3.tgz'));
    const index = 'apiVersion: v1\nentries: { pulled: [{ apiVersion: v2, name: pulled, version: 1.2.3, urls: [pulled-1.2.3.tgz] }] }\n';
    const repository = await serveFiles({ '/index.yaml': index, '/pulled-1.2.3.tgz': archive });
    const helm = realHelm();
    const chart = await helm.chart({ repository: repository.url, name: 'pulled', version: '1.2.3' });
    expect(chart).toMatchObject({ name: 'pulled', version: '1.2.3', origin: `pulled 1.2.3 from ${repository.url}` });
    expect(await helm.render({ name: 'any', namespace: 'any', chart, values: [], signal: new AbortController().signal })).toHaveLength(1);
    await expect(helm.chart({ repository: repository.url, name: 'pulled', version: '9.9.9' })).rejects.toMatchObject({ reason: 'notFound' });
    await repository.close();
    await expect(helm.chart({ repository: repository.url, name: 'pulled', version: '1.2.4' })).rejects.toMatchObject({ reason: 'unavailable' });
  });

  it('leaves no process behind', async () => {
    const { stdout } = await execa('ps', ['-eo', 'args']);
    expect(stdout.split('\n').filter((line) => line.includes(directory))).toEqual([]);
  });
});
