// Charts from real places, fetched by the real Helm through the driver: a registry behind TLS, and a chart repository as Helm makes
// it. Elsewhere Helm's answers are played; here is seen that they are these.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { DriverError } from '../../src/drivers/failure.ts';
import type { ChartSource, Helm, LocalChart } from '../../src/drivers/helm/helm.ts';
import { helmCli } from '../../src/drivers/helm/helm-cli.ts';
import { runProcess } from '../../src/drivers/process.ts';
import { makeCertificate, type Certificate } from '../support/certificate.ts';
import { serveFiles } from '../drivers/helm-repository.ts';
import { connection } from './support/namespaces.ts';
import { login, startRegistry, type Registry } from './support/registry.ts';
import { KubernetesWorld } from './support/world.ts';

const path = resolve(import.meta.dirname, '../../examples/portal/chart');
const version = '1.0.0';
let directory: string;
let certificate: Certificate;
let registry: Registry;
let oci: string;
let digest: string;
let archive: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'changeover-test-'));
  certificate = await makeCertificate(directory);
  registry = await startRegistry({ directory: join(directory, 'registry'), certificate });
  archive = join(directory, 'repository', `portal-${version}.tgz`);
  await helmItself('package', path, '--destination', dirname(archive));
  const pushed = await helmItself('push', archive, `oci://${registry.host}/charts`);
  digest = digestIn(pushed);
  oci = `oci://${registry.host}/charts/portal`;
});
afterAll(async () => {
  await registry.close();
  await rm(directory, { recursive: true });
});
// As an operator gives Helm the authority of a registry of the house; the driver passes its own environment on.
beforeEach(() => vi.stubEnv('SSL_CERT_FILE', certificate.file));
afterEach(() => vi.unstubAllEnvs());

async function helmItself(...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await execa(join(connection().binDir, 'helm'), args, { env: { SSL_CERT_FILE: certificate.file } });
  return `${stdout}\n${stderr}`;
}

function digestIn(printed: string): string {
  return /Digest: (sha256:[0-9a-f]{64})/.exec(printed)?.[1] ?? 'none was told';
}

function helm(): Helm {
  const { binDir, kubeconfig, context } = connection();
  return helmCli({ run: runProcess, file: join(binDir, 'helm'), kubeconfig, context, timeoutMs: 30_000, workDirectory: join(directory, 'work') });
}

async function refusal(source: ChartSource): Promise<DriverError> {
  const error: unknown = await helm().chart(source).catch((thrown: unknown) => thrown);
  if (error instanceof DriverError) return error;
  throw new Error(`expected a DriverError, got ${JSON.stringify(error)}`);
}

function rendered(chart: LocalChart): Promise<readonly unknown[]> {
  // Given, because the chart makes up new ones each time.
  const values = [{ database: { password: 'any' }, harvester: { password: 'any' } }];
  return helm().render({ name: 'shop-1', namespace: 'shop-1', chart, values, signal: new AbortController().signal });
}

describe('a chart in a registry', () => {
  it('is fetched by its version and proven by its digest, and renders what the folder that it was made of does', async () => {
    const chart = await helm().chart({ oci, version, digest });
    expect(chart).toMatchObject({ name: 'portal', version, origin: `${oci} ${version}@${digest}` });
    expect(await rendered(chart)).toEqual(await rendered(await helm().chart({ path })));
  });

  it('tells the digest where none is demanded, for whoever wants to pin it', async () => {
    expect((await helm().chart({ oci, version })).origin).toBe(`${oci} ${version}@${digest}`);
  });

  it('is refused when it is not the one that was pinned', async () => {
    const pinned = `sha256:${'0'.repeat(64)}`;
    const error = await refusal({ oci, version, digest: pinned });
    expect(error).toMatchObject({ reason: 'invalid', detail: `its digest is ${digest}, the configuration demands ${pinned}` });
  });

  it('is named when the registry does not have this version, or no such chart', async () => {
    const missing = await refusal({ oci, version: '9.9.9' });
    expect(missing.reason).toBe('notFound');
    expect(missing.message).toContain('9.9.9');
    const stranger = await refusal({ oci: `${oci}-of-nobody`, version });
    expect(stranger.reason).toBe('notFound');
    expect(stranger.message).toContain('portal-of-nobody');
  });

  it('is not fetched from a server that nobody vouches for', async () => {
    vi.unstubAllEnvs();
    const error = await refusal({ oci, version, digest });
    expect(error.reason).toBe('invalid');
    expect(error.message).toContain('certificate');
  });

  it('needs a login where the registry demands one, which Helm keeps; without it, or when the registry is gone, it is out of reach', async () => {
    vi.stubEnv('HELM_REGISTRY_CONFIG', join(directory, 'logins.json'));
    const closed = await startRegistry({ directory: join(directory, 'closed'), certificate, login: 'required' });
    const source = { oci: `oci://${closed.host}/charts/portal`, version };
    expect((await refusal(source)).reason).toBe('forbidden');
    await helmItself('registry', 'login', closed.host, '--username', login.username, '--password', login.password);
    // Let in, and told what is not there: nobody has pushed anything here.
    expect((await refusal(source)).reason).toBe('notFound');
    await helmItself('push', archive, `oci://${closed.host}/charts`);
    expect((await helm().chart(source)).origin).toBe(`${source.oci} ${version}@${digest}`);
    await closed.close();
    expect((await refusal(source)).reason).toBe('unavailable');
  });
});

describe('a run of a chart in a registry', () => {
  it('is planned with the digest that was pinned, and not at all with another', async () => {
    await helmItself('package', resolve(import.meta.dirname, 'chart'), '--destination', directory);
    const pushed = digestIn(await helmItself('push', join(directory, 'small-1.0.0.tgz'), `oci://${registry.host}/charts`));
    const world = await KubernetesWorld.create('oci-chart');
    const plan = (pinned: string) => world.run('plan', { release: { chart: { oci: `oci://${registry.host}/charts/small`, version: '1.0.0', digest: pinned } } });
    const [right, wrong] = await Promise.all([plan(pushed), plan(digest)]);
    await world.end();
    expect(right.stdout).toMatch(new RegExp(`create release oci-chart-\\w{5} from oci://${registry.host}/charts/small 1.0.0@${pushed}`));
    expect(right.exitCode).toBe(0);
    expect(wrong.exitCode).toBe(1);
    expect(wrong.stderr).toContain(`its digest is ${pushed}, the configuration demands ${digest}`);
  });
});

describe('a chart in a repository that Helm has indexed', () => {
  it('is fetched by name and version, and is named when it is not there', async () => {
    await helmItself('repo', 'index', dirname(archive));
    const files = [basename(archive), 'index.yaml'].map(async (name) => [`/${name}`, await readFile(join(dirname(archive), name))] as const);
    const repository = await serveFiles(Object.fromEntries(await Promise.all(files)));
    const chart = await helm().chart({ repository: repository.url, name: 'portal', version });
    expect(chart).toMatchObject({ name: 'portal', version, origin: `portal ${version} from ${repository.url}` });
    expect(await rendered(chart)).toEqual(await rendered(await helm().chart({ path })));
    expect(await refusal({ repository: repository.url, name: 'portal', version: '9.9.9' })).toMatchObject({ reason: 'notFound', detail: expect.stringContaining('9.9.9') });
    expect((await refusal({ repository: repository.url, name: 'harbour', version })).reason).toBe('notFound');
    await repository.close();
  });
});
