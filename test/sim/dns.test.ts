// The simulated DNS beyond the contract: secondaries that follow late, servers that are silent, other people's edits.

import { expect, test } from 'vitest';
import { VirtualClock } from '../../sim/clock.ts';
import { SimulatedDns } from '../../sim/dns.ts';
import type { Server } from '../../src/drivers/dns/dns.ts';
import { address } from './portal.ts';

const www = 'www.example.org.';
const before = address(www, '192.0.2.1');
const after = address(www, '192.0.2.2');

async function example(): Promise<{ readonly clock: VirtualClock; readonly dns: SimulatedDns; readonly servers: readonly Server[] }> {
  const clock = new VirtualClock();
  const dns = new SimulatedDns(clock, [{ id: 'example-org', origin: 'example.org.', lagsMs: [0, 5_000], records: [before] }]);
  return { clock, dns, servers: (await dns.provider.zone('example-org')).servers };
}

test('a secondary gives the old answer until it has caught up', async () => {
  const { clock, dns, servers } = await example();
  const answers = async (): Promise<readonly unknown[]> => Promise.all(servers.map((server) => dns.resolver.query(server, www, 'A')));
  await dns.provider.change(await dns.provider.zone('example-org'), { expected: [before], desired: [after] });
  expect(await answers()).toEqual([{ kind: 'answer', records: [after] }, { kind: 'answer', records: [before] }]);
  await clock.sleep(6_000);
  expect(await answers()).toEqual([{ kind: 'answer', records: [after] }, { kind: 'answer', records: [after] }]);
});

test('a silent server is a time-out, not an empty answer; it can come back', async () => {
  const { dns, servers: [server] } = await example();
  if (server === undefined) throw new Error('the zone has no server');
  dns.silence(server.name);
  await expect(dns.resolver.query(server, www, 'A')).rejects.toMatchObject({ reason: 'timeout' });
  dns.silence(server.name, { silent: false });
  expect(await dns.resolver.query(server, www, 'A')).toMatchObject({ kind: 'answer' });
});

test('a server refuses names it has no authority for', async () => {
  const { dns, servers: [server] } = await example();
  if (server === undefined) throw new Error('the zone has no server');
  await expect(dns.resolver.query(server, 'www.example.com.', 'A')).rejects.toMatchObject({ reason: 'forbidden' });
});

test('somebody else’s edit makes our change a conflict', async () => {
  const { dns } = await example();
  dns.edit('example-org', www, [address(www, '203.0.113.7')]);
  const change = dns.provider.change(await dns.provider.zone('example-org'), { expected: [before], desired: [after] });
  await expect(change).rejects.toMatchObject({ reason: 'conflict', detail: expect.stringContaining(www) });
});

test('a name with something below it exists, though it has no data', async () => {
  const { dns, servers: [server] } = await example();
  if (server === undefined) throw new Error('the zone has no server');
  expect(await dns.resolver.query(server, 'example.org.', 'A')).toEqual({ kind: 'noData' });
  expect(await dns.resolver.query(server, 'absent.example.org.', 'A')).toEqual({ kind: 'noSuchName' });
});

test('an alias is answered to whoever asks for addresses', async () => {
  const { dns, servers: [server] } = await example();
  if (server === undefined) throw new Error('the zone has no server');
  const alias = { name: 'lb.example.org.', type: 'CNAME' as const, ttl: 60, values: ['lb.example.net.'] };
  dns.edit('example-org', alias.name, [alias]);
  expect(await dns.resolver.query(server, alias.name, 'A')).toEqual({ kind: 'answer', records: [alias] });
});
