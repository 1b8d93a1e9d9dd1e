// Watches with which something goes wrong: what whoever follows them gets to hear, and when.

import { describe, expect, test } from 'vitest';
import { failing } from '../../sim/faults.ts';
import type { WatchDisturbance } from '../../sim/requests.ts';
import { simulate } from '../../sim/world.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { failedWith } from '../../src/drivers/failure.ts';
import { configMap, namespace } from '../support/objects.ts';

interface Heard {
  readonly names: readonly string[];
  readonly end: string;
  readonly afterMs: number;
}

/** Four objects are made while a watch is open, one a second. */
async function watch(fault: WatchDisturbance['fault'], afterEvents: number): Promise<Heard> {
  const world = await simulate({ objects: [namespace('here')], faults: failing(/cluster.watch/, { fault, afterEvents }) });
  await world.clock.sleep(1_000);
  const startedAt = world.clock.now();
  for (const [index, name] of ['a', 'b', 'c', 'd'].entries()) world.clock.after(1_000 * (index + 1), () => void world.cluster.create(kinds.configMap, configMap(name, { namespace: 'here' })));
  const stop = new AbortController();
  world.clock.after(600_000, () => stop.abort(new Error('stopped')));
  const names: string[] = [];
  const events = world.start().drivers.cluster.watch(kinds.configMap, { namespace: 'here', resourceVersion: String(world.cluster.inside.store.version), signal: stop.signal });
  try {
    for await (const event of events) if (event.type !== 'BOOKMARK') names.push(event.object.metadata.name);
    return { names, end: 'closed', afterMs: world.clock.now() - startedAt };
  } catch (error) {
    const end = ['gone', 'timeout', 'unavailable'].find((reason) => failedWith(error, reason as 'gone')) ?? (error as Error).message;
    return { names, end, afterMs: world.clock.now() - startedAt };
  }
}

describe('a watch', () => {
  test('that goes silent is given up when the driver has heard nothing for too long', async () => {
    const { names, end, afterMs } = await watch('watchSilent', 2);
    expect({ names, end }).toEqual({ names: ['a', 'b'], end: 'timeout' });
    expect(afterMs).toBe(72_000);
  });

  test('that was silent from the beginning brings nothing at all', async () => {
    expect(await watch('watchSilent', 0)).toMatchObject({ names: [], end: 'timeout' });
  });

  test.each([
    ['watchCut', 'unavailable'],
    ['watchGone', 'gone'],
    ['watchClosed', 'closed'],
  ] as const)('that ends (%s) after an event ends at once', async (fault, end) => {
    expect(await watch(fault, 1)).toEqual({ names: ['a'], end, afterMs: 1_000 });
  });

  test('that skips one event goes on with the next', async () => {
    expect(await watch('watchSkips', 1)).toMatchObject({ names: ['a', 'c', 'd'], end: 'stopped' });
  });

  test('that repeats one event brings it twice', async () => {
    expect(await watch('watchRepeats', 1)).toMatchObject({ names: ['a', 'b', 'b', 'c', 'd'], end: 'stopped' });
  });
});

test('a disturbance of watches does nothing to other requests', async () => {
  const { drivers } = (await simulate({ objects: [namespace('here')], faults: () => ({ fault: 'watchGone', afterEvents: 0 }) })).start();
  expect((await drivers.cluster.list(kinds.namespace, {})).items.map(({ metadata }) => metadata.name)).toContain('here');
});
