// What names hold for load balancers of every kind: IPv4, both families, host names, and a change from one to another.

import { expect, test } from 'vitest';
import { production, publicNames, type Production } from '../../sim/production.ts';

async function held({ world }: Production): Promise<readonly string[]> {
  const { drivers } = world.start();
  const zones = [await drivers.dns.zone('example-org'), await drivers.dns.zone('second-org')];
  const sets = await Promise.all(zones.map((zone, index) => drivers.dns.read(zone, publicNames[index] ?? '')));
  return sets.flat().map(({ name, type }) => `${name} ${type}`);
}

test('a load balancer with both address families gets A and AAAA', async () => {
  const made = await production({ cluster: { behaviours: { 'Service/ingress': { dualStack: true } } } });
  expect(await made.command()).toMatchObject({ exitCode: 0 });
  expect(await held(made)).toEqual(['www.example.org. A', 'www.example.org. AAAA', 'search.second.org. A']);
});

test('a load balancer with a host name gets a CNAME', async () => {
  const made = await production({ cluster: { behaviours: { 'Service/ingress': { hostname: 'lb-1.cloud.example' } } } });
  expect(await made.command()).toMatchObject({ exitCode: 0 });
  expect(await held(made)).toEqual(['www.example.org. CNAME', 'search.second.org. A']);
  expect(made.publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
});

test('from addresses to a host name and back, in one atomic change each, without a gap', async () => {
  const made = await production({ cluster: { behaviours: { 'prod-r0002/Service/ingress': { hostname: 'lb-2.cloud.example' } } } });
  for (const kinds of [['A', 'A'], ['CNAME', 'A'], ['A', 'A']]) {
    expect(await made.command()).toMatchObject({ exitCode: 0 });
    expect((await held(made)).map((set) => set.split(' ')[1])).toEqual(kinds);
  }
  expect(made.observer.violations).toEqual([]);
});
