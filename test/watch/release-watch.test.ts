// A release under watch: what has to be known before it may count as ready, and what need not be.

import { afterEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '../../sim/clock.ts';
import { kinds, type Kind } from '../../src/drivers/cluster/objects.ts';
import { ReleaseWatch } from '../../src/watch/release-watch.ts';
import { ScriptedCluster, type ListAct } from './scripted-cluster.ts';

const empty: ListAct = { resourceVersion: '10', items: [] };
const silent: ListAct = { fail: 'unavailable' };

const opened: ReleaseWatch[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((watch) => watch.close()));
});

/** The first kind is answered, the second one never. */
async function staleKinds(...followed: readonly Kind[]): Promise<readonly string[]> {
  const clock = new VirtualClock();
  const cluster = new ScriptedCluster({ lists: [empty, silent] }, clock);
  const expected = { namespace: 'prod-2hpwr', contains: [], mayStayUnready: [] };
  const watch = new ReleaseWatch({ cluster, kinds: followed, expected, clock, signal: new AbortController().signal });
  opened.push(watch);
  await clock.sleep(60_000);
  return (await watch.look()).stale;
}

describe('a release under watch', () => {
  test('must not count as ready while its pods are not known', async () => {
    expect(await staleKinds(kinds.event, kinds.pod)).toEqual(['pods']);
  });

  test('may count as ready while its Events are not known: they only say why something is not ready', async () => {
    expect(await staleKinds(kinds.pod, kinds.event)).toEqual([]);
  });
});
