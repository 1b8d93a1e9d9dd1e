// The mirror of a namespace, against an API server that behaves badly in every way that real ones do.

import { afterEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '../../sim/clock.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import type { FailureReason } from '../../src/drivers/failure.ts';
import { openMirror, type Mirror } from '../../src/watch/mirror.ts';
import { added, bookmark, deleted, pod, ScriptedCluster, type ListAct, type Script } from './scripted-cluster.ts';

const list = (resourceVersion: string, ...names: readonly string[]): ListAct => ({ resourceVersion, items: names.map((name) => pod(name, resourceVersion)) });

const opened: Mirror[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((mirror) => mirror.close()));
});

function watching(script: Script) {
  const clock = new VirtualClock();
  const cluster = new ScriptedCluster(script, clock);
  const stop = new AbortController();
  const mirror = openMirror({ cluster, namespace: 'prod-2hpwr', kinds: [kinds.pod], clock, signal: stop.signal });
  opened.push(mirror);
  const names = (): readonly string[] => mirror.snapshot().objects.map(({ metadata }) => metadata.name);
  const isStale = (): boolean => mirror.snapshot().stale.length > 0;
  /** Follows the changes until it looks as expected; the test's own timeout ends what never does. */
  async function until(reached: () => boolean): Promise<void> {
    while (!reached()) await mirror.changed(mirror.snapshot().version, stop.signal);
  }
  return { clock, cluster, stop, mirror, names, isStale, until };
}

describe('a mirror', () => {
  test('knows nothing before the first list, and says so', async () => {
    const { mirror, names, until } = watching({ lists: [list('10', 'portal')] });
    expect(mirror.snapshot()).toEqual({ objects: [], stale: ['pods'], version: 0 });
    await until(() => names().length > 0);
    expect(mirror.snapshot()).toMatchObject({ stale: [], version: 1 });
  });

  test('lists first, and watches from exactly there', async () => {
    const { cluster, clock, names, until } = watching({ lists: [list('10', 'portal')] });
    await until(() => names().length > 0);
    await clock.sleep(1);
    expect(cluster.asked).toEqual(['list pods', 'watch pods from 10']);
  });

  test('follows what is added, changed and deleted', async () => {
    const watches = [[added(pod('database', '11')), { event: { type: 'MODIFIED', object: pod('portal', '12') } } as const, deleted(pod('database', '13')), { silenceMs: 1e8 }]];
    const { mirror, names, until } = watching({ lists: [list('10', 'portal')], watches });
    await until(() => names().length === 2);
    await until(() => names().length === 1);
    expect(mirror.snapshot().objects[0]?.metadata).toEqual({ name: 'portal', resourceVersion: '12' });
  });

  test('costs two requests, however long nothing happens', async () => {
    const { cluster, clock } = watching({ lists: [list('10')] });
    await clock.sleep(12 * 3_600_000);
    expect(cluster.asked).toHaveLength(2);
  });

  test('tells at once of a change that came between two looks', async () => {
    const { mirror, stop, until, names } = watching({ lists: [list('10')], watches: [[added(pod('portal', '11')), { silenceMs: 1e8 }]] });
    const { version } = mirror.snapshot();
    await until(() => names().length === 1);
    await expect(mirror.changed(version, stop.signal)).resolves.toBeUndefined();
  });

  test('stops waiting for a change with the reason of whoever asked', async () => {
    const { mirror, until, isStale } = watching({ lists: [list('10')] });
    await until(() => !isStale());
    const asked = new AbortController();
    const changed = mirror.changed(mirror.snapshot().version, asked.signal);
    asked.abort(new Error('SIGTERM'));
    await expect(changed).rejects.toThrow('SIGTERM');
  });

  test('leaves no watch open when it is closed, or when the run stops', async () => {
    const closed = watching({ lists: [list('10')] });
    await closed.until(() => !closed.isStale());
    await closed.clock.sleep(1);
    expect(closed.cluster.openWatches).toBe(1);
    await closed.mirror.close();
    expect(closed.cluster.openWatches).toBe(0);

    const stopped = watching({ lists: [list('10')] });
    await stopped.clock.sleep(1);
    stopped.stop.abort(new Error('stopped'));
    await stopped.clock.sleep(1);
    expect(stopped.cluster.openWatches).toBe(0);
  });
});

describe('when the server closes a watch, as it does every half hour', () => {
  test('the next one goes on from the last event, without a new list and without going stale', async () => {
    const watches = [[added(pod('database', '17'))], [added(pod('worker', '21')), { silenceMs: 1e8 }]];
    const { cluster, clock, names, isStale } = watching({ lists: [list('10', 'portal')], watches });
    await clock.sleep(100);
    expect(isStale()).toBe(false);
    await clock.sleep(1_000);
    expect(cluster.asked).toEqual(['list pods', 'watch pods from 10', 'watch pods from 17']);
    expect(names()).toEqual(['portal', 'database', 'worker']);
  });

  test('a bookmark is where the next one goes on', async () => {
    const { cluster, clock } = watching({ lists: [list('10')], watches: [[bookmark('99')]] });
    await clock.sleep(1_000);
    expect(cluster.asked).toEqual(['list pods', 'watch pods from 10', 'watch pods from 99']);
  });
});

describe('when the thread is lost', () => {
  test.each<FailureReason>(['gone', 'timeout', 'unavailable', 'unreadable'])('(%s) it lists again, and what vanished meanwhile is gone', async (fail) => {
    const watches = [[bookmark('11'), { fail }]];
    const { cluster, clock, names } = watching({ lists: [list('10', 'portal', 'database'), list('30', 'portal')], watches });
    await clock.sleep(1_000);
    expect(names()).toEqual(['portal']);
    expect(cluster.asked).toEqual(['list pods', 'watch pods from 10', 'list pods', 'watch pods from 30']);
  });

  test('the last known state stays, marked stale, until a list has come', async () => {
    const lists = [list('10', 'portal'), { fail: 'unavailable' } as const, { fail: 'timeout' } as const, list('30', 'portal')];
    const { names, isStale, until } = watching({ lists, watches: [[bookmark('11'), { fail: 'unavailable' }]] });
    await until(() => !isStale());
    await until(isStale);
    expect(names()).toEqual(['portal']);
    await until(() => !isStale());
    expect(names()).toEqual(['portal']);
  });

  test('a server that is away is asked ever more rarely, ten seconds at most', async () => {
    const { cluster, clock, isStale } = watching({ lists: [{ fail: 'unavailable' }] });
    await clock.sleep(600_000);
    expect(cluster.asked.length).toBeGreaterThan(55);
    expect(cluster.asked.length).toBeLessThan(70);
    expect(isStale()).toBe(true);
  });

  test('watches that break at once do not become a storm', async () => {
    const broken = Array.from({ length: 1_000 }, () => [{ fail: 'unavailable' } as const]);
    const { cluster, clock } = watching({ lists: [list('10')], watches: broken });
    await clock.sleep(60_000);
    expect(cluster.asked.length).toBeLessThan(30);
  });

  test('nor do watches that the server closes without a word', async () => {
    const mute = Array.from({ length: 1_000 }, () => []);
    const { cluster, clock } = watching({ lists: [list('10')], watches: mute });
    await clock.sleep(60_000);
    expect(cluster.asked.length).toBeLessThan(30);
  });

  test('after a good while, the first try comes quickly again', async () => {
    const watches = [[{ fail: 'unavailable' }], [{ fail: 'unavailable' }], [bookmark('40'), { silenceMs: 600_000 }, { fail: 'timeout' }]] as const;
    const { cluster, clock } = watching({ lists: [list('10')], watches });
    await clock.sleep(602_000);
    expect(cluster.asked.at(-1)).toBe('watch pods from 10');
    expect(cluster.asked).toHaveLength(8);
  });
});

describe('a kind of which the server sends no bookmarks, as it does of Events', () => {
  test('is listed anew at once after each silence, after hours as in the first minute', async () => {
    const quiet = Array.from({ length: 100 }, () => [{ silenceMs: 80_000 }, { fail: 'timeout' }] as const);
    const { cluster, clock } = watching({ lists: [list('10')], watches: quiet });
    await clock.sleep(50 * 80_250 + 100);
    expect(cluster.asked.filter((question) => question === 'list pods')).toHaveLength(51);
  });
});

describe('what does not pass by itself', () => {
  test.each<FailureReason>(['forbidden', 'invalid', 'notFound'])('(%s on the list) is handed to whoever waits', async (fail) => {
    const { mirror, stop, isStale } = watching({ lists: [{ fail }] });
    await expect(mirror.changed(0, stop.signal).then(() => mirror.changed(0, stop.signal))).rejects.toMatchObject({ reason: fail });
    expect(isStale()).toBe(true);
  });

  test('on the watch leaves the state stale, and is handed also to those who ask later', async () => {
    const { mirror, clock, stop, isStale } = watching({ lists: [list('10', 'portal')], watches: [[{ fail: 'forbidden' }]] });
    await clock.sleep(1_000);
    expect(isStale()).toBe(true);
    await expect(mirror.changed(0, stop.signal)).rejects.toMatchObject({ reason: 'forbidden' });
  });
});
