// An installed runner that is killed at any request that writes: with its narrow rights alone, the next one ends well.

import { describe, expect, test } from 'vitest';
import { killAt } from '../../sim/faults.ts';
import type { SimulatedRequest } from '../../sim/requests.ts';
import { namespaceOf } from '../../src/plan/ownership.ts';
import { installerName, runnerBindingName } from '../../src/plan/runner-names.ts';
import { expectMovedFrom } from './settled.ts';
import { production, type Production } from '../../sim/production.ts';

async function withOneRelease(): Promise<Production> {
  const made = await production({ installed: 'pod' });
  await made.command();
  return made;
}

/** The requests of an undisturbed second rebuild that may change something, or that ask for what changes with a kill: rights. */
async function undisturbed(): Promise<readonly SimulatedRequest[]> {
  const { command, world } = await withOneRelease();
  const from = world.requests.length;
  await command();
  return world.requests.slice(from).filter(({ writes, text }) => writes || text.startsWith('cluster.token') || text.startsWith('cluster.allowed'));
}

const requests = await undisturbed();
const boundaries = requests.flatMap(({ index, text, writes }) => (writes ? (['kill', 'killAfter'] as const) : (['kill'] as const)).map((fault) => ({ index, text, fault })));

test('there are boundaries to die at, among them every object that gives a right', () => {
  const texts = boundaries.map(({ text }) => text);
  for (const object of [`rolebindings prod-r0002/${installerName}`, `rolebindings prod-r0002/${runnerBindingName}`, `serviceaccounts prod-r0002/${installerName}`]) {
    expect(texts.filter((text) => text === `cluster.create ${object}`)).toHaveLength(2);
  }
  expect(texts.some((text) => text.startsWith('cluster.token'))).toBe(true);
});

describe('killed', () => {
  test.each(boundaries)('$fault at request $index ($text)', async ({ index, fault }) => {
    const production = await withOneRelease();
    production.world.faults = killAt(index, fault);
    await production.command();
    expect(await production.command()).toMatchObject({ outcome: 'succeeded', exitCode: 0 });
    expectMovedFrom('prod-r0001', production);
  });
});

describe('killed, and begun anew', () => {
  const access = boundaries.filter(({ text }) => /rolebindings|serviceaccounts|token|create namespaces/.test(text));
  test.each(access)('$fault at request $index ($text): what was begun goes away by the rights it has', async ({ index, fault }) => {
    const { command, world, releases, publicReleases, observer } = await withOneRelease();
    world.faults = killAt(index, fault);
    await command();
    expect(await command({ operation: 'rebuild' }, { fresh: true })).toMatchObject({ outcome: 'succeeded', exitCode: 0 });
    expect(releases()).toHaveLength(1);
    expect(publicReleases()).toEqual([releases()[0], releases()[0]]);
    expect(observer.violations).toEqual([]);
  });
});

test.each(['cluster.create rolebindings', 'cluster.create serviceaccounts', 'cluster.token'])('an answer that is lost (%s) is found out by looking, and the run goes on', async (text) => {
  const { command, world, publicReleases } = await withOneRelease();
  const place = requests.find((request) => request.text.startsWith(text));
  world.faults = (request) => (request.index === place?.index ? 'lostAnswer' : undefined);
  expect(await command()).toMatchObject({ exitCode: 0 });
  expect(publicReleases()).toEqual(['prod-r0002', 'prod-r0002']);
});

describe('killed while it binds itself in a release that was made without it', () => {
  const unbound = (): Promise<Production> => production({ installed: 'pod', objects: [namespaceOf('prod-old00', { environment: 'prod', run: 'earlier' })] });

  test.each(['rolebindings prod-old00/changeover-installer', 'rolebindings prod-old00/changeover-runner', 'serviceaccounts prod-old00/changeover-installer'].flatMap((object) => [
    { object, fault: 'kill' as const },
    { object, fault: 'killAfter' as const },
  ]))('$fault at $object: no run has begun, and the next one binds what is missing', async ({ object, fault }) => {
    const { command, world, records, releases, publicReleases } = await unbound();
    world.faults = ({ text }) => (text === `cluster.create ${object}` ? fault : undefined);
    expect(await command()).toBeUndefined();
    expect(await records()).toEqual([]);
    world.faults = () => undefined;
    expect(await command()).toMatchObject({ outcome: 'succeeded' });
    // The old one was a candidate that nobody finished.
    expect(releases()).toHaveLength(1);
    expect(publicReleases()).toEqual([releases()[0], releases()[0]]);
  });
});
