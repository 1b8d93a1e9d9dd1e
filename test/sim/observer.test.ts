// The observer of the simulated public finds what must never happen, and does not cry wolf.

import { expect, test } from 'vitest';
import { breakPods } from '../../sim/cluster/pods.ts';
import { observe } from '../../sim/observer.ts';
import { simulate } from '../../sim/world.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { address, install, livePortal, names, portalScenario } from './portal.ts';

const watched = { names: Object.values(names) };

test('a swap to a release that answers is no violation, though the secondary is a second behind', async () => {
  const { world, live } = await livePortal();
  const observer = observe(world, watched);
  const next = await install(world, 'prod-2hpwr');
  const { drivers } = world.start();
  const zone = await drivers.dns.zone('example-org');
  const expected = [address(names.www, live.www), address(names.search, live.search)];
  await drivers.dns.change(zone, { expected, desired: [address(names.www, next.www), address(names.search, next.search)] });
  await world.clock.sleep(60_000);
  expect(observer.violations).toEqual([]);
});

test('deleting the old release while a secondary still names it is found, with the story', async () => {
  const { world, live } = await livePortal({ zones: [{ id: 'example-org', origin: 'example.org.', lagsMs: [0, 60_000] }] });
  await world.clock.sleep(60_000);
  const next = await install(world, 'prod-2hpwr');
  const observer = observe(world, watched);
  const { drivers } = world.start();
  const zone = await drivers.dns.zone('example-org');
  await drivers.dns.change(zone, { expected: [address(names.www, live.www)], desired: [address(names.www, next.www)] });
  const old = await drivers.cluster.get({ kind: kinds.namespace, name: 'prod-1live' });
  await drivers.cluster.delete({ kind: kinds.namespace, name: 'prod-1live' }, old?.metadata.uid ?? '');
  await world.clock.sleep(30_000);
  const found = observer.violations.find(({ name }) => name === names.www);
  expect(found).toMatchObject({ server: 'ns2.example.org.', problem: expect.stringContaining('prod-1live') });
  expect(found?.story.at(-1)).toContain('cluster.delete Namespace prod-1live');
});

test('a name that is deleted and created again is found, however short it takes', async () => {
  const { world, live } = await livePortal();
  const observer = observe(world, watched);
  const { drivers } = world.start();
  const zone = await drivers.dns.zone('example-org');
  await drivers.dns.change(zone, { expected: [address(names.www, live.www)], desired: [] });
  await drivers.dns.change(zone, { expected: [], desired: [address(names.www, live.www)] });
  expect(observer.violations).toMatchObject([{ name: names.www, problem: 'there is no such name' }]);
});

test('addresses of two releases in one answer are found', async () => {
  const { world, live } = await livePortal();
  const next = await install(world, 'prod-2hpwr');
  const observer = observe(world, watched);
  world.dns.edit('example-org', names.www, [address(names.www, live.www, next.www)]);
  expect(observer.violations).toMatchObject([{ problem: 'it points to prod-1live and prod-2hpwr at once' }]);
});

test('a swap to a release that is not ready, or not fit, is found', async () => {
  const { world, live } = await livePortal();
  const next = await install(world, 'prod-2hpwr');
  const observer = observe(world, { ...watched, isFit: (release) => release !== 'prod-2hpwr' });
  world.dns.edit('example-org', names.www, [address(names.www, next.www)]);
  expect(observer.violations).toMatchObject([{ problem: 'prod-2hpwr is not fit for the public' }]);
  world.dns.edit('example-org', names.www, [address(names.www, live.www)]);
  breakPods(world.cluster.inside, 'prod-1live');
  expect(observer.violations.at(-1)).toMatchObject({ problem: expect.stringContaining('does not answer') });
});

test('before a first rebuild there is no public, so there is nothing to violate', async () => {
  const world = await simulate(portalScenario);
  const observer = observe(world, watched);
  await install(world, 'prod-2hpwr');
  expect(observer.violations).toEqual([]);
});

test('one thing that goes wrong is told once, however long it lasts', async () => {
  const { world } = await livePortal();
  const observer = observe(world, watched);
  world.dns.edit('example-org', names.www, [address(names.www, '203.0.113.1')]);
  await install(world, 'prod-2hpwr');
  expect(observer.violations.filter(({ server }) => server === 'ns1.example.org.')).toHaveLength(1);
});
