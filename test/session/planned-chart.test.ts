// What is installed is what was planned: a chart that changes before, while, or after it is installed, and runs that die in between.

import { describe, expect, test } from 'vitest';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import type { Environment } from '../../src/config/environment.ts';
import { chart, environmentWith, production, type Production } from '../../sim/production.ts';

const url = 'https://git.example.org/app.git';
const changed = { ...chart, version: '2.0.0', objects: [...chart.objects, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'second' } }] };
const folder = { key: '/chart', environment: environmentWith() };
const branch = { key: url, environment: environmentWith({ release: { chart: { git: url, ref: 'main', path: 'chart' } } }) };

interface Case {
  readonly key: string;
  readonly environment: Environment;
}

/** A production with one release, and a second rebuild whose process dies so long after this step has begun. */
async function died({ key, environment }: Case, step: string, afterMs = 0): Promise<Production> {
  const made = await production({ charts: { [key]: chart } });
  await made.command({ operation: 'rebuild' }, { environment });
  const performed = await made.command({ operation: 'rebuild' }, {
    environment,
    onEvent: (event, process) => {
      if (event.type === 'stepStarted' && event.step === step) made.world.clock.after(afterMs, () => process.kill());
    },
  });
  expect(performed).toBeUndefined();
  return made;
}

/** The only release, and whether it is of the changed chart, as far as its objects tell. */
function result({ world, releases, publicReleases, observer }: Production) {
  const [name = '', ...others] = releases();
  expect(others).toEqual([]);
  expect(publicReleases()).toEqual([name, name]);
  expect(observer.violations).toEqual([]);
  return { name, isChanged: world.cluster.inside.store.all(kinds.configMap, name).some(({ metadata }) => metadata.name === 'second') };
}

const outcomes = async ({ records }: Production) => (await records()).slice(1).map(({ outcome }) => outcome);

describe('a folder that changes', () => {
  test.each([
    ['before anything is installed', 0],
    ['while it is installed', 110],
  ])('and a run that died %s: it is unwound, with the reason, and a new run begins with what is there', async (_, afterMs) => {
    const made = await died(folder, 'installRelease', afterMs);
    made.world.charts.set('/chart', changed);
    expect(await made.command()).toMatchObject({ outcome: 'succeeded', exitCode: 0 });
    expect(result(made)).toEqual({ name: 'prod-r0003', isChanged: true });
    expect(await outcomes(made)).toEqual(['failed', 'succeeded']);
    expect(made.said.join('\n')).toMatch(/the chart was sha256:\w+ when it was planned and is sha256:\w+ now; it is unwound/);
  });

  test('after it was installed is of no account: the run that died is resumed with what it has installed', async () => {
    const made = await died(folder, 'loadData');
    made.world.charts.set('/chart', changed);
    expect(await made.command()).toMatchObject({ outcome: 'succeeded' });
    expect(result(made)).toEqual({ name: 'prod-r0002', isChanged: false });
  });

  test('not at all is resumed under the same name', async () => {
    const made = await died(folder, 'installRelease', 110);
    expect(await made.command()).toMatchObject({ outcome: 'succeeded' });
    expect(result(made)).toEqual({ name: 'prod-r0002', isChanged: false });
  });

  test.each(['checkPreconditions', 'installRelease'])('between plan and %s is refused, and nothing is left of the candidate', async (step) => {
    const made = await production();
    await made.command();
    const performed = await made.command({ operation: 'rebuild' }, {
      onEvent: (event) => {
        if (event.type === 'stepStarted' && event.step === step) made.world.charts.set('/chart', changed);
      },
    });
    expect(performed).toMatchObject({ outcome: 'failed', exitCode: 5, failure: { code: 'PlanOutdated' } });
    expect(performed?.failure?.facts.summary).toMatch(/^the chart from \/chart was sha256:\w+ when the plan was made and is sha256:\w+ now$/);
    expect(result(made)).toEqual({ name: 'prod-r0001', isChanged: false });
  });

  test('or is gone when a run is resumed: what was begun is unwound, and the new run cannot begin', async () => {
    const made = await died(folder, 'installRelease', 110);
    made.world.charts.delete('/chart');
    await expect(made.command()).rejects.toThrow(/chart not found/);
    expect(result(made)).toEqual({ name: 'prod-r0001', isChanged: false });
  });

  test('or cannot be read at the moment, when a run is resumed: it is not taken for another one', async () => {
    const made = await died(folder, 'installRelease', 110);
    let refusals = 0;
    made.world.faults = ({ text }) => (text.startsWith('helm.chart') && (refusals += 1) <= 2 ? 'errorBefore' : undefined);
    expect(await made.command()).toMatchObject({ outcome: 'succeeded' });
    expect(refusals).toBe(3);
    expect(result(made)).toEqual({ name: 'prod-r0002', isChanged: false });
  });
});

describe('a branch that moves on', () => {
  test.each([
    ['before anything is installed', 0],
    ['while it is installed', 110],
  ])('and a run that died %s: it is resumed with the very commit that was planned', async (_, afterMs) => {
    const made = await died(branch, 'installRelease', afterMs);
    made.world.charts.set(url, changed);
    expect(await made.command({ operation: 'rebuild' }, { environment: branch.environment })).toMatchObject({ outcome: 'succeeded' });
    expect(result(made)).toEqual({ name: 'prod-r0002', isChanged: false });
    expect(await outcomes(made)).toEqual(['succeeded']);
  });

  test('and loses the commit that was planned: the run that died is unwound, and a new one begins with what is there', async () => {
    const made = await died(branch, 'installRelease');
    for (const key of [...made.world.charts.keys()].filter((known) => known.startsWith(`${url}@`))) made.world.charts.delete(key);
    made.world.charts.set(url, changed);
    expect(await made.command({ operation: 'rebuild' }, { environment: branch.environment })).toMatchObject({ outcome: 'succeeded' });
    expect(result(made)).toEqual({ name: 'prod-r0003', isChanged: true });
    expect(made.said.join('\n')).toMatch(/the chart was commit \w+ when it was planned and is not there now/);
  });
});

test('a record of a version that knew no identity is resumed as before', async () => {
  const made = await died(folder, 'loadData');
  const { store } = made.world.cluster.inside;
  const [record] = (await made.records()).slice(1);
  const map = store.all(kinds.configMap, 'changeover').find(({ metadata }) => metadata.name.endsWith(record?.id ?? ''));
  const { chartIdentity, ...old } = (record?.plan ?? {}) as Record<string, unknown>;
  expect(chartIdentity).toMatch(/^sha256:/);
  await made.world.cluster.patch({ kind: kinds.configMap, name: map?.metadata.name ?? '', namespace: 'changeover' }, { data: { record: JSON.stringify({ ...record, plan: old }) } });
  expect(await made.command()).toMatchObject({ outcome: 'succeeded' });
  expect(result(made).name).toBe('prod-r0002');
});

test('a chart that nobody serves does not keep a stopped process waiting', async () => {
  const made = await died(folder, 'installRelease');
  const stop = new AbortController();
  const asked = made.command({ operation: 'rebuild' }, { stop: stop.signal });
  made.world.faults = ({ text }) => {
    if (text.startsWith('helm.chart')) stop.abort(new Error('SIGTERM'));
    return undefined;
  };
  await expect(asked).rejects.toThrow('SIGTERM');
  expect(made.releases()).toEqual(['prod-r0001']);
});
