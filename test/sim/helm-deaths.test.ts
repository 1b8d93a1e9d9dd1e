// Helm killed half-way, alone or with the runner: what it leaves is what the real one leaves.

import { describe, expect, test } from 'vitest';
import { failing } from '../../sim/faults.ts';
import type { Disturbance } from '../../sim/requests.ts';
import { simulate, type SimulatedWorld } from '../../sim/world.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import type { Helm } from '../../src/drivers/helm/helm.ts';
import { deployment, namespace, service } from '../support/objects.ts';

const release = 'prod-2hpwr';
const objects = [deployment('web'), service('ingress'), service('search')];

async function worldWith(text: RegExp, fault: Disturbance): Promise<SimulatedWorld> {
  return simulate({ objects: [namespace(release)], charts: { './web': { name: 'web', version: '1.0.0', objects } }, faults: failing(text, fault) });
}

async function install(helm: Helm): Promise<void> {
  await helm.install({ name: release, namespace: release, chart: await helm.chart({ path: './web' }), values: [], signal: new AbortController().signal });
}

async function left({ cluster, start }: SimulatedWorld): Promise<{ readonly status: string | undefined; readonly objects: number }> {
  const { store } = cluster.inside;
  const found = [kinds.deployment, kinds.service].flatMap((kind) => store.all(kind, release)).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return { status: (await start().drivers.helm.find(release, release))?.status, objects: found.length };
}

describe('an install', () => {
  test.each([0, 1, 2, 3])('that dies with the runner after %i objects leaves them, and a lock that never expires', async (count) => {
    const world = await worldWith(/helm.install/, { fault: 'killAtObject', objects: count });
    const process = world.start();
    void install(process.drivers.helm);
    await process.died;
    await world.clock.sleep(60_000);
    expect(await left(world)).toEqual({ status: 'pending-install', objects: count });
  });

  test('that dies alone leaves the same, and the runner hears of it', async () => {
    const world = await worldWith(/helm.install/, { fault: 'helmKilledAtObject', objects: 2 });
    await expect(install(world.start().drivers.helm)).rejects.toMatchObject({ reason: 'unavailable', detail: expect.stringContaining('SIGKILL') as string });
    expect(await left(world)).toEqual({ status: 'pending-install', objects: 2 });
  });

  test('that shall die after more objects than it has ends well', async () => {
    const world = await worldWith(/helm.install/, { fault: 'killAtObject', objects: 4 });
    await install(world.start().drivers.helm);
    expect(await left(world)).toEqual({ status: 'deployed', objects: 3 });
  });
});

describe('an uninstall', () => {
  test.each([0, 1, 2, 3])('that dies with the runner after %i objects leaves the others, and a release that says so', async (count) => {
    const world = await worldWith(/helm.uninstall/, { fault: 'killAtObject', objects: count });
    await install(world.start().drivers.helm);
    const process = world.start();
    void process.drivers.helm.uninstall(release, release, { signal: new AbortController().signal });
    await process.died;
    await world.clock.sleep(60_000);
    expect(await left(world)).toEqual({ status: 'uninstalling', objects: 3 - count });
  });

  test('is completed by another one', async () => {
    const world = await worldWith(/helm.uninstall/, { fault: 'helmKilledAtObject', objects: 1 });
    await install(world.start().drivers.helm);
    const { helm } = world.start().drivers;
    const options = { signal: new AbortController().signal };
    await expect(helm.uninstall(release, release, options)).rejects.toMatchObject({ reason: 'unavailable' });
    await helm.uninstall(release, release, options);
    await world.clock.sleep(1_000);
    expect(await left(world)).toEqual({ status: undefined, objects: 0 });
  });
});
