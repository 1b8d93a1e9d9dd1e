// The API of the simulated cluster where it is easy to be kinder than a real one: versions, uids, watches, deletions.

import { expect, test } from 'vitest';
import type { WatchEvent } from '../../src/drivers/cluster/cluster.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { configMap, deployment, namespace, service, statefulSet } from '../support/objects.ts';
import { testCluster } from './cluster.ts';

const note = configMap('note', { namespace: 'here', data: { text: 'one' } });

test('a name that is taken, a namespace that is not there and a strange name are refused', async () => {
  const { cluster } = await testCluster();
  await cluster.create(kinds.configMap, note);
  await expect(cluster.create(kinds.configMap, note)).rejects.toMatchObject({ reason: 'conflict' });
  await expect(cluster.create(kinds.configMap, configMap('note', { namespace: 'nowhere' }))).rejects.toMatchObject({ reason: 'notFound' });
  await expect(cluster.create(kinds.configMap, configMap('Not A Name', { namespace: 'here' }))).rejects.toMatchObject({ reason: 'invalid' });
});

test('of two writers who read the same version, only the first one writes', async () => {
  const { cluster } = await testCluster();
  const read = await cluster.create(kinds.configMap, note);
  await cluster.replace(kinds.configMap, { ...read, data: { text: 'first' } });
  await expect(cluster.replace(kinds.configMap, { ...read, data: { text: 'second' } })).rejects.toMatchObject({ reason: 'conflict' });
  await expect(cluster.replace(kinds.configMap, note)).rejects.toMatchObject({ reason: 'conflict' });
});

test('a patch for another object of the same name is refused', async () => {
  const { cluster } = await testCluster();
  const created = await cluster.create(kinds.configMap, note);
  const reference = { kind: kinds.configMap, name: 'note', namespace: 'here' };
  await expect(cluster.patch(reference, { metadata: { uid: 'another' }, data: { text: 'two' } })).rejects.toMatchObject({ reason: 'conflict' });
  const patched = await cluster.patch(reference, { metadata: { uid: created.metadata.uid }, data: { text: null, other: 'x' } });
  expect(patched['data']).toEqual({ other: 'x' });
});

test('nobody but the controllers writes a status', async () => {
  const { cluster } = await testCluster();
  const created = await cluster.create(kinds.deployment, { ...deployment('portal', { namespace: 'here' }), status: { readyReplicas: 9 } });
  expect(created['status']).toEqual({});
  const patched = await cluster.patch({ kind: kinds.deployment, name: 'portal', namespace: 'here' }, { status: { readyReplicas: 9 } });
  expect(patched['status']).not.toMatchObject({ readyReplicas: 9 });
});

test('what the server answered cannot be used to change what it remembers', async () => {
  const { cluster } = await testCluster();
  const created = await cluster.create(kinds.configMap, note);
  expect(() => Object.assign(created['data'] as object, { text: 'changed in place' })).toThrow(TypeError);
});

test('a watch tells what happened since the list, then what happens, with bookmarks in between', async () => {
  const { cluster, clock } = await testCluster();
  const { resourceVersion } = await cluster.list(kinds.configMap, { namespace: 'here' });
  await cluster.create(kinds.configMap, note);
  const stop = new AbortController();
  const seen: string[] = [];
  const watching = (async () => {
    for await (const event of cluster.watch(kinds.configMap, { namespace: 'here', resourceVersion, signal: stop.signal })) seen.push(described(event));
  })();
  await clock.sleep(1_000);
  await cluster.patch({ kind: kinds.configMap, name: 'note', namespace: 'here' }, { data: { text: 'two' } });
  await clock.sleep(60_000);
  stop.abort(new Error('enough'));
  await expect(watching).rejects.toThrow('enough');
  expect(seen.filter((line) => !line.includes('kube-root-ca'))).toEqual(['ADDED note', 'MODIFIED note', 'BOOKMARK']);
});

test('a watch from a version that is forgotten is refused as gone', async () => {
  const { cluster } = await testCluster();
  const { resourceVersion } = await cluster.list(kinds.configMap, { namespace: 'here' });
  await cluster.create(kinds.configMap, note);
  cluster.inside.store.compact();
  const watch = cluster.watch(kinds.configMap, { namespace: 'here', resourceVersion, signal: new AbortController().signal });
  await expect(watch[Symbol.asyncIterator]().next()).rejects.toMatchObject({ reason: 'gone' });
});

test('the server closes a watch within an hour', async () => {
  const { cluster, clock } = await testCluster();
  const startedAt = clock.now();
  for await (const event of cluster.watch(kinds.secret, { namespace: 'here', resourceVersion: '9999', signal: new AbortController().signal })) expect(event.type).toBe('BOOKMARK');
  expect(clock.now() - startedAt).toBeLessThanOrEqual(3_600_000);
});

test('a namespace goes last: its pods end first, and nothing new is let in', async () => {
  const { cluster, clock, all } = await testCluster();
  await cluster.create(kinds.deployment, deployment('portal', { namespace: 'here' }));
  await cluster.create(kinds.statefulSet, statefulSet('database', { namespace: 'here' }));
  await cluster.create(kinds.service, service('portal', { namespace: 'here' }));
  await clock.sleep(5_000);
  const here = await cluster.get({ kind: kinds.namespace, name: 'here' });
  await cluster.delete({ kind: kinds.namespace, name: 'here' }, here?.metadata.uid ?? '');
  await expect(cluster.create(kinds.configMap, note)).rejects.toMatchObject({ reason: 'forbidden' });
  expect(await cluster.get({ kind: kinds.namespace, name: 'here' })).toMatchObject({ status: { phase: 'Terminating' } });
  await clock.sleep(30_000);
  expect(await cluster.get({ kind: kinds.namespace, name: 'here' })).toBeUndefined();
  expect(await all(kinds.pod)).toEqual([]);
});

test('a namespace of the same name that came later is not deleted in its place', async () => {
  const { cluster } = await testCluster();
  await expect(cluster.delete({ kind: kinds.namespace, name: 'here' }, 'an-earlier-one')).rejects.toMatchObject({ reason: 'conflict' });
  expect(await cluster.get({ kind: kinds.namespace, name: 'here' })).toBeDefined();
});

test('a Deployment takes its ReplicaSets and pods along', async () => {
  const { cluster, clock, find, all } = await testCluster();
  await cluster.create(kinds.deployment, deployment('portal', { namespace: 'here' }));
  await clock.sleep(5_000);
  await cluster.delete({ kind: kinds.deployment, name: 'portal', namespace: 'here' }, (await find(kinds.deployment, 'portal')).metadata.uid ?? '');
  await clock.sleep(10_000);
  expect([...(await all(kinds.replicaSet)), ...(await all(kinds.pod))]).toEqual([]);
});

test('selectors select, and those that cannot be understood are refused', async () => {
  const { cluster } = await testCluster();
  await cluster.create(kinds.namespace, namespace('prod-2hpwr', { labels: { environment: 'prod' } }));
  await cluster.create(kinds.namespace, namespace('production-x', { labels: { environment: 'production' } }));
  const names = async (labelSelector: string): Promise<readonly string[]> => (await cluster.list(kinds.namespace, { labelSelector })).items.map(({ metadata }) => metadata.name);
  expect(await names('environment=prod')).toEqual(['prod-2hpwr']);
  expect(await names('environment in (prod, production),environment!=prod')).toEqual(['production-x']);
  expect(await names('environment')).toHaveLength(2);
  await expect(names('environment ~ prod')).rejects.toMatchObject({ reason: 'invalid' });
});

test('what the account may not do is refused, and it can find that out beforehand', async () => {
  const { cluster } = await testCluster({ forbidden: [{ verb: 'list', resource: 'secrets' }] });
  await expect(cluster.list(kinds.secret, {})).rejects.toMatchObject({ reason: 'forbidden' });
  const questions = [{ verb: 'list', group: '', resource: 'secrets' }, { verb: 'get', group: '', resource: 'secrets' }];
  expect(await cluster.allowed(questions)).toEqual([false, true]);
});

function described(event: WatchEvent): string {
  return event.type === 'BOOKMARK' ? event.type : `${event.type} ${event.object.metadata.name}`;
}
