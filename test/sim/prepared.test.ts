// A settled world that many runs begin with: it is the same for each of them, and none sees what another one did.

import { beforeAll, describe, expect, test } from 'vitest';
import { failing, killAt } from '../../sim/faults.ts';
import { prepared, type PreparedWorld } from '../../sim/prepared.ts';
import { production, type Production } from '../../sim/production.ts';
import type { Scenario } from '../../sim/world.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';

let from: PreparedWorld;

beforeAll(async () => {
  const first = await production();
  await first.command();
  from = await prepared(first.world);
});

async function rebuilt(more: Scenario = {}): Promise<Production> {
  const made = await production({ from, ...more });
  await made.command();
  return made;
}

/** All that can be seen of a world from outside. */
function everything({ world }: Production): unknown {
  const { store } = world.cluster.inside;
  return { at: world.clock.now(), requests: world.requests, zones: world.dns.contents(), objects: Object.values(kinds).map((kind) => store.all(kind)) };
}

describe('a world that begins with a settled one', () => {
  test('has its release, its records and its names, and the first request is number 0', async () => {
    const { world, releases, records, publicReleases } = await production({ from });
    expect(releases()).toEqual(['prod-r0001']);
    expect(await records()).toMatchObject([{ operation: 'rebuild', outcome: 'succeeded' }]);
    expect(publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
    expect(world.clock.now()).toBe(from.at);
    expect(world.requests).toEqual([]);
  });

  test('goes on as if nothing had been copied: a rebuild makes the same requests and ends the same', async () => {
    const whole = await production();
    await whole.command();
    await whole.world.clock.sleep(3_600_000);
    const before = whole.world.requests.length;
    await whole.command();
    const endedAt = whole.world.clock.now();
    const copied = await production({ from });
    await copied.command();
    expect(copied.world.clock.now()).toBe(endedAt);
    expect(copied.world.requests.map(({ text }) => text)).toEqual(whole.world.requests.slice(before).map(({ text }) => text));
    expect([copied.releases(), copied.publicReleases()]).toEqual([whole.releases(), whole.publicReleases()]);
    expect(copied.observer.violations).toEqual([]);
  });

  test('is not touched by what runs do that begin with it', async () => {
    const before = JSON.stringify([from, [...from.zones], [...from.readySince]]);
    await rebuilt();
    await rebuilt({ faults: killAt(200) });
    expect(JSON.stringify([from, [...from.zones], [...from.readySince]])).toBe(before);
  });

  test('repeats to the byte, and differs by its seed', async () => {
    expect(everything(await rebuilt({ seed: 7 }))).toEqual(everything(await rebuilt({ seed: 7 })));
    expect(everything(await rebuilt({ seed: 7 }))).not.toEqual(everything(await rebuilt({ seed: 8 })));
  });

  test.each([1, 2, 3])('gives nothing a uid or an address that was given before (seed %i)', async (seed) => {
    const { world } = await rebuilt({ seed });
    const { store } = world.cluster.inside;
    const uids = Object.values(kinds).flatMap((kind) => store.all(kind)).map(({ metadata }) => metadata.uid);
    expect(new Set(uids).size).toBe(uids.length);
    const before = from.store.objects.filter(({ kind }) => kind.kind === 'Service').map(({ object }) => JSON.stringify(object['status']));
    const after = store.all(kinds.service, 'prod-r0002').map((service) => JSON.stringify(service['status']));
    expect(after.filter((status) => before.includes(status))).toEqual([]);
  });

  test('can lose what it has by faults as any other', async () => {
    const made = await production({ from, faults: failing(/helm.uninstall/, 'lostAnswer') });
    expect(await made.command()).toMatchObject({ exitCode: 0 });
    expect(made.releases()).toEqual(['prod-r0002']);
  });

  test('knows nothing of the changes before it: a watch from then is told that they are gone', async () => {
    const { world } = await production({ from });
    const watching = world.cluster.watch(kinds.pod, { namespace: 'prod-r0001', resourceVersion: '1001', signal: new AbortController().signal });
    await expect(watching[Symbol.asyncIterator]().next()).rejects.toMatchObject({ reason: 'gone' });
  });
});

test('a world in which a namespace never goes is not taken for settled', async () => {
  const first = await production({ cluster: { behaviours: { 'Namespace/prod-r0001': { outcome: 'never' } } } });
  await first.command();
  await first.world.cluster.delete({ kind: kinds.namespace, name: 'prod-r0001' }, first.world.cluster.inside.store.get(kinds.namespace, undefined, 'prod-r0001')?.metadata.uid ?? '');
  await expect(prepared(first.world)).rejects.toThrow('this world does not settle');
});
