// What every watch must do, real or simulated. Part of the cluster contract.

import { describe, expect, it } from 'vitest';
import type { WatchEvent } from '../../src/drivers/cluster/cluster.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { configMap, rejection } from './cluster-objects.ts';
import type { ClusterUnderTest } from './cluster.ts';

export function clusterWatchContract(given: () => ClusterUnderTest): void {
  describe('watching', () => {
    it('tells every change after the version it starts from, in order, and nothing before', async () => {
      const { cluster, namespace } = given();
      const before = await cluster.create(kinds.configMap, configMap('before-the-watch', namespace));
      const { resourceVersion } = await cluster.list(kinds.configMap, { namespace });

      const created = await cluster.create(kinds.configMap, configMap('watched', namespace, { key: '1' }));
      await cluster.patch({ kind: kinds.configMap, name: 'watched', namespace }, { data: { key: '2' } });
      await cluster.delete({ kind: kinds.configMap, name: 'watched', namespace }, created.metadata.uid ?? '');

      const seen = await firstChanges(3, given(), resourceVersion);
      expect(seen).toMatchObject([
        { type: 'ADDED', object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'watched' }, data: { key: '1' } } },
        { type: 'MODIFIED', object: { metadata: { name: 'watched' }, data: { key: '2' } } },
        { type: 'DELETED', object: { metadata: { name: 'watched' } } },
      ]);
      expect(before.metadata.name).toBe('before-the-watch');
    });

    it('tells a change that happens while it waits', async () => {
      const { cluster, namespace } = given();
      const { resourceVersion } = await cluster.list(kinds.configMap, { namespace });
      const changes = firstChanges(1, given(), resourceVersion);
      await cluster.create(kinds.configMap, configMap('during-the-watch', namespace));
      expect(await changes).toMatchObject([{ type: 'ADDED', object: { metadata: { name: 'during-the-watch' } } }]);
    });

    it('sees its own namespace only', async () => {
      const { cluster, namespace, otherNamespace } = given();
      const { resourceVersion } = await cluster.list(kinds.configMap, { namespace });
      await cluster.create(kinds.configMap, configMap('foreign', otherNamespace));
      await cluster.create(kinds.configMap, configMap('own', namespace));
      expect(await firstChanges(1, given(), resourceVersion)).toMatchObject([{ object: { metadata: { name: 'own', namespace } } }]);
    });

    it('goes on from the version of the last event it told', async () => {
      const { cluster, namespace } = given();
      const { resourceVersion } = await cluster.list(kinds.configMap, { namespace });
      await cluster.create(kinds.configMap, configMap('first-half', namespace));
      await cluster.create(kinds.configMap, configMap('second-half', namespace));
      const [first] = await firstChanges(1, given(), resourceVersion);
      const [second] = await firstChanges(1, given(), first?.object.metadata.resourceVersion ?? '');
      expect([first, second].map((change) => change?.object.metadata.name)).toEqual(['first-half', 'second-half']);
    });

    it('says that the changes are gone when it would have to begin before all that is remembered', async () => {
      const { cluster, namespace, forgotten } = given();
      const { signal } = new AbortController();
      const events = cluster.watch(forgotten, { namespace, resourceVersion: '1', signal })[Symbol.asyncIterator]();
      expect(await rejection(events.next())).toBe('gone');
    });

    it('tells a deletion with the object as it was, in a newer version', async () => {
      const { cluster, namespace } = given();
      const made = await cluster.create(kinds.configMap, configMap('watched-end', namespace, { text: 'last' }));
      await cluster.delete({ kind: kinds.configMap, name: 'watched-end', namespace }, made.metadata.uid ?? '');
      const [change] = await firstChanges(1, given(), made.metadata.resourceVersion ?? '');
      expect(change).toMatchObject({ type: 'DELETED', object: { metadata: { name: 'watched-end', uid: made.metadata.uid }, data: { text: 'last' } } });
      expect(change?.object.metadata.resourceVersion).not.toBe(made.metadata.resourceVersion);
    });

    it('rejects with the reason of the abort, also when it was aborted before it began', async () => {
      const { cluster, namespace } = given();
      const { resourceVersion } = await cluster.list(kinds.configMap, { namespace });
      const reason = new Error('enough');
      const abort = new AbortController();
      const watching = drain(cluster.watch(kinds.configMap, { namespace, resourceVersion, signal: abort.signal }));
      abort.abort(reason);
      await expect(watching).rejects.toBe(reason);
      await expect(drain(cluster.watch(kinds.configMap, { namespace, resourceVersion, signal: abort.signal }))).rejects.toBe(reason);
    });
  });
}

type Change = Extract<WatchEvent, { readonly object: unknown }>;

async function firstChanges(count: number, { cluster, namespace }: ClusterUnderTest, resourceVersion: string): Promise<readonly Change[]> {
  const changes: Change[] = [];
  const { signal } = new AbortController();
  for await (const event of cluster.watch(kinds.configMap, { namespace, resourceVersion, signal })) {
    if (event.type !== 'BOOKMARK') changes.push(event);
    if (changes.length === count) break;
  }
  return changes;
}

async function drain(events: AsyncIterable<WatchEvent>): Promise<void> {
  for await (const event of events) void event;
}
