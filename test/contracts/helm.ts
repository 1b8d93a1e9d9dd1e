// What every Helm must do, real or simulated. Charts and namespaces come from the maker; each test has its own namespace.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DriverError } from '../../src/drivers/failure.ts';
import type { ChartSource, Helm, LocalChart, ReleaseRequest } from '../../src/drivers/helm/helm.ts';

export interface HelmUnderTest {
  readonly helm: Helm;
  /** A chart that renders and installs without values, and whose tests pass. */
  readonly chart: ChartSource;
  /** `Kind/name` of objects that `chart` renders for a release, hooks included; at least one. */
  rendered(release: string): readonly string[];
  /** A chart that is there but does not render. */
  readonly brokenChart: ChartSource;
  /** A chart that is not there at all. */
  readonly absentChart: ChartSource;
  /** Makes a fresh namespace and gives its name, which also serves as the release's. */
  namespace(): Promise<string>;
  /** Begins to install `chart` as a release, and ends Helm with SIGKILL in the middle; resolves when it is dead. */
  killedInstall(release: string): Promise<void>;
  /** Installs a release and begins to remove it, ends Helm with SIGKILL in the middle; resolves when it is dead, and nothing keeps a next removal. */
  killedUninstall(release: string): Promise<void>;
  /** `Kind/name` of the objects of the chart that the cluster holds. */
  installed(namespace: string): Promise<readonly string[]>;
  end(): Promise<void>;
}

/** `make` is called once. */
export function helmContract(name: string, make: () => Promise<HelmUnderTest>): void {
  describe(`${name} keeps the contract of Helm`, () => {
    let made: HelmUnderTest;
    beforeAll(async () => {
      made = await make();
    });
    afterAll(() => made?.end());
    rendering(() => made);
    installing(() => made);
    removing(() => made);
    dying(() => made);
  });
}

type Given = () => HelmUnderTest;

function request(release: string, chart: LocalChart): ReleaseRequest {
  return { name: release, namespace: release, chart, values: [], signal: new AbortController().signal };
}

async function reasonOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(() => new Error('resolved'), (thrown: unknown) => thrown);
  return error instanceof DriverError ? error.reason : String(error);
}

function rendering(given: Given): void {
  it('tells its version', async () => {
    expect(await given().helm.version()).toMatch(/^v\d+\.\d+\.\d+/);
  });

  it('fetches a chart and says what it is and where it came from', async () => {
    const { helm, chart } = given();
    expect(await helm.chart(chart)).toMatchObject({ name: expect.stringMatching(/./), version: expect.stringMatching(/^\d/), origin: expect.stringMatching(/./) });
  });

  it('renders what an install would create, hooks included, and creates nothing', async () => {
    const { helm, chart, rendered, namespace, installed } = given();
    const release = await namespace();
    const objects = await helm.render(request(release, await helm.chart(chart)));
    expect(objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toEqual(expect.arrayContaining([...rendered(release)]));
    expect(await installed(release)).toEqual([]);
    expect(await helm.find(release, release)).toBeUndefined();
  });

  it('rejects a chart that is not there, and one that does not render', async () => {
    const { helm, brokenChart, absentChart, namespace } = given();
    const release = await namespace();
    expect(['invalid', 'notFound']).toContain(await reasonOf(helm.chart(absentChart)));
    const broken = await helm.chart(brokenChart);
    expect(await reasonOf(helm.render(request(release, broken)))).toBe('invalid');
    expect(await reasonOf(helm.install(request(release, broken)))).toBe('invalid');
    expect(await helm.find(release, release)).toBeUndefined();
  });
}

function installing(given: Given): void {
  it('installs a release that is then found as deployed, in its own namespace only', async () => {
    const { helm, chart, namespace, installed } = given();
    const [release, other] = [await namespace(), await namespace()];
    await helm.install(request(release, await helm.chart(chart)));
    expect(await helm.find(release, release)).toEqual({ name: release, namespace: release, status: 'deployed', revision: 1 });
    expect(await helm.find(release, other)).toBeUndefined();
    expect(await helm.list(release)).toEqual([{ name: release, namespace: release, status: 'deployed', revision: 1 }]);
    expect(await helm.list(other)).toEqual([]);
    expect(await installed(release)).not.toEqual([]);
  });

  it('tells what an installed release contains, and of one that is not there that it is not found', async () => {
    const { helm, chart, namespace, installed } = given();
    const release = await namespace();
    expect(await reasonOf(helm.manifest(release, release))).toBe('notFound');
    await helm.install(request(release, await helm.chart(chart)));
    const objects = await helm.manifest(release, release);
    expect(objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toEqual(expect.arrayContaining([...(await installed(release))]));
    expect(objects.filter(({ metadata }) => metadata.annotations?.['helm.sh/hook'] !== undefined)).toEqual([]);
  });

  it('finds no release by the beginning of its name', async () => {
    const { helm, chart, namespace } = given();
    const release = await namespace();
    await helm.install(request(release, await helm.chart(chart)));
    expect(await helm.find(release.slice(0, -1), release)).toBeUndefined();
  });

  it('refuses to install over a release of the same name', async () => {
    const { helm, chart, namespace } = given();
    const release = await namespace();
    const wanted = request(release, await helm.chart(chart));
    await helm.install(wanted);
    expect(await reasonOf(helm.install(wanted))).toBe('conflict');
    expect(await helm.find(release, release)).toMatchObject({ revision: 1 });
  });

  it('does nothing for a run that was stopped already', async () => {
    const { helm, chart, namespace } = given();
    const release = await namespace();
    const stopped = new Error('stopped');
    const wanted = { ...request(release, await helm.chart(chart)), signal: AbortSignal.abort(stopped) };
    await expect(helm.install(wanted)).rejects.toBe(stopped);
    expect(await helm.find(release, release)).toBeUndefined();
  });

  it('runs the tests of a chart', async () => {
    const { helm, chart, namespace } = given();
    const release = await namespace();
    await helm.install(request(release, await helm.chart(chart)));
    await helm.test(release, release, { timeoutMs: 60_000, signal: new AbortController().signal });
  });
}

function removing(given: Given): void {
  it('uninstalls a release, and again without complaint', async () => {
    const { helm, chart, namespace } = given();
    const release = await namespace();
    const signal = new AbortController().signal;
    await helm.install(request(release, await helm.chart(chart)));
    await helm.uninstall(release, release, { signal });
    expect(await helm.find(release, release)).toBeUndefined();
    await helm.uninstall(release, release, { signal });
  });

  it('resolves when asked to uninstall what was never there', async () => {
    const { helm, namespace } = given();
    const release = await namespace();
    await helm.uninstall(release, release, { signal: new AbortController().signal });
  });
}

function dying(given: Given): void {
  it('leaves, killed half-way, a release that is being installed for ever: it cannot be installed again, and can be removed', async () => {
    const { helm, chart, namespace, killedInstall } = given();
    const release = await namespace();
    await killedInstall(release);
    expect(await helm.find(release, release)).toMatchObject({ name: release, status: 'pending-install', revision: 1 });
    expect(await reasonOf(helm.install(request(release, await helm.chart(chart))))).toBe('conflict');
    expect(await helm.find(release, release)).toMatchObject({ status: 'pending-install' });
    await helm.uninstall(release, release, { signal: new AbortController().signal });
    expect(await helm.find(release, release)).toBeUndefined();
  });

  it('leaves, killed half-way through a removal, a release that is being removed for ever: it cannot be installed, and can be removed', async () => {
    const { helm, chart, namespace, killedUninstall, installed } = given();
    const release = await namespace();
    await killedUninstall(release);
    expect(await helm.find(release, release)).toMatchObject({ name: release, status: 'uninstalling', revision: 1 });
    expect(await reasonOf(helm.install(request(release, await helm.chart(chart))))).toBe('conflict');
    expect(await helm.find(release, release)).toMatchObject({ status: 'uninstalling' });
    await helm.uninstall(release, release, { signal: new AbortController().signal });
    expect(await helm.find(release, release)).toBeUndefined();
    expect(await installed(release)).toEqual([]);
  });
}
