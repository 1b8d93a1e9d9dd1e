// The public behind caching resolvers: who is let down when a release goes, by how long it holds an answer.

import { describe, expect, test } from 'vitest';
import { ignoring, keepingAlive, obeying, stretching, watchClients, type ClientKind, type Trouble } from '../../sim/clients.ts';
import { breakPods } from '../../sim/cluster/pods.ts';
import { AddressBook } from '../../sim/invariants/addresses.ts';
import { environmentWith, production } from '../../sim/production.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { address, install, livePortal, names } from './portal.ts';

const everybody = [obeying, stretching(3), keepingAlive(30_000), ignoring(900_000)];

/** The names move from one release to another; the old one goes so long after. */
async function moved({ goneAfterMs, clients = everybody }: { readonly goneAfterMs: number; readonly clients?: readonly ClientKind[] }): Promise<readonly Trouble[]> {
  const { world } = await livePortal();
  const troubles: Trouble[] = [];
  watchClients(world, { names: [names.www], clients, addresses: new AddressBook(world.cluster.inside.store), onTrouble: (trouble) => troubles.push(trouble) });
  const { www } = await install(world, 'prod-2next');
  world.dns.edit('example-org', names.www, [address(names.www, www)]);
  await world.clock.sleep(goneAfterMs);
  breakPods(world.cluster.inside, 'prod-1live');
  await world.clock.sleep(10_000);
  return troubles;
}

async function letDown(goneAfterMs: number): Promise<readonly string[]> {
  return (await moved({ goneAfterMs })).map(({ client }) => client);
}

describe('when the old release goes', () => {
  test('at once, everybody is let down who had asked before', async () => {
    expect(await letDown(2_000)).toEqual(everybody.map(({ name }) => name));
  });

  test('one TTL after the last server has followed, those who obey it are not', async () => {
    expect(await letDown(60_500)).toContain(obeying.name);
    expect(await letDown(61_500)).not.toContain(obeying.name);
  });

  test('later, those remain who hold an answer for longer', async () => {
    expect(await letDown(100_000)).toEqual([stretching(3).name, ignoring(900_000).name]);
    expect(await letDown(200_000)).toEqual([ignoring(900_000).name]);
    expect(await letDown(902_000)).toEqual([]);
  });

  test('each kind of client is told once for each answer, with what it holds', async () => {
    const [trouble, ...others] = await moved({ goneAfterMs: 2_000, clients: [obeying] });
    expect(others).toEqual([]);
    expect(trouble).toMatchObject({ name: names.www, client: obeying.name, problem: expect.stringMatching(/^198\.18\.\d+\.\d+ does not answer any more$/) as string });
  });
});

describe('nobody is let down', () => {
  test('by an address that never answered', async () => {
    const { world } = await livePortal();
    const troubles: Trouble[] = [];
    world.dns.edit('example-org', names.search, [address(names.search, '203.0.113.9')]);
    await world.clock.sleep(5_000);
    watchClients(world, { names: [names.search], clients: everybody, addresses: new AddressBook(world.cluster.inside.store), onTrouble: (trouble) => troubles.push(trouble) });
    breakPods(world.cluster.inside, 'prod-1live');
    expect(troubles).toEqual([]);
  });

  test('who is excused', async () => {
    const { world } = await livePortal();
    const troubles: Trouble[] = [];
    watchClients(world, { names: [names.www], clients: [obeying], addresses: new AddressBook(world.cluster.inside.store), isExcused: () => true, onTrouble: (trouble) => troubles.push(trouble) });
    breakPods(world.cluster.inside, 'prod-1live');
    expect(troubles).toEqual([]);
  });
});

test('a rebuild lets down nobody who obeys the TTL, and those who ignore it as soon as the previous release is deleted', async () => {
  const { world, command, names: managed, addresses } = await production({}, { environment: environmentWith() });
  await command();
  const troubles: Trouble[] = [];
  watchClients(world, { names: managed, clients: [obeying, ignoring(900_000)], addresses, onTrouble: (trouble) => troubles.push(trouble) });
  await command();
  expect(troubles.map(({ client }) => client)).not.toContain(obeying.name);
  expect(troubles.map(({ client }) => client)).toContain(ignoring(900_000).name);
  expect(world.cluster.inside.store.get(kinds.namespace, undefined, 'prod-r0001')).toBeUndefined();
});
