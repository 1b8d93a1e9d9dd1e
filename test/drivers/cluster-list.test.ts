// Lists: all of it or an error, never a part that looks like the whole.

import { describe, expect, it } from 'vitest';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { configMap, rejection } from '../contracts/cluster-objects.ts';
import type { Reply } from './cluster-server.ts';
import { apiDouble, inTurn, json, refusal } from './cluster-server.ts';

function page(names: readonly string[], token?: string): Reply {
  const items = names.map((name) => ({ metadata: { name, namespace: 'prod' } }));
  return json({ kind: 'ConfigMapList', apiVersion: 'v1', metadata: { resourceVersion: '42', ...(token === undefined ? {} : { continue: token }) }, items });
}

describe('a list', () => {
  it('follows its pages to the end, and watches can go on from its version', async () => {
    const { cluster, received } = await apiDouble(inTurn(page(['a', 'b'], 'more'), page(['c'], 'even-more'), page(['d'])));
    const { items, resourceVersion } = await cluster.list(kinds.configMap, { namespace: 'prod', labelSelector: 'app=portal' });
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b', 'c', 'd']);
    expect(resourceVersion).toBe('42');
    expect(received.map(({ query }) => query['continue'])).toEqual([undefined, 'more', 'even-more']);
    expect(received.map(({ query }) => query['labelSelector'])).toEqual(['app=portal', 'app=portal', 'app=portal']);
  });

  it('gives every item the apiVersion and kind that the server leaves out', async () => {
    const { cluster } = await apiDouble(page(['a']));
    expect((await cluster.list(kinds.configMap, { namespace: 'prod' })).items).toMatchObject([{ apiVersion: 'v1', kind: 'ConfigMap' }]);
  });

  it('over all namespaces asks for just that', async () => {
    const { cluster, received } = await apiDouble(page([]));
    await cluster.list(kinds.deployment, {});
    expect(received[0]?.path).toBe('/apis/apps/v1/deployments');
  });

  it('fails when a later page fails', async () => {
    const { cluster } = await apiDouble(inTurn(page(['a'], 'more'), refusal(500, 'InternalError', 'etcd is slow')));
    expect(await rejection(cluster.list(kinds.configMap, { namespace: 'prod' }))).toBe('unavailable');
  });

  const expired = refusal(410, 'Expired', 'the continue parameter is too old');

  it('is asked for in one piece when its pages took too long to fetch', async () => {
    const { cluster, received } = await apiDouble(inTurn(page(['a'], 'more'), expired, page(['a', 'b'])));
    const { items } = await cluster.list(kinds.configMap, { namespace: 'prod' });
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
    expect(received.map(({ query }) => query['limit'])).toEqual(['500', '500', undefined]);
  });

  it('is asked for anew when that is refused as well', async () => {
    const { cluster } = await apiDouble(inTurn(page(['a'], 'more'), expired, expired));
    expect(await rejection(cluster.list(kinds.configMap, { namespace: 'prod' }))).toBe('unavailable');
  });

  it('fails when the server sends the same page for ever', async () => {
    const { cluster, received } = await apiDouble(page(['a'], 'more'));
    expect(await rejection(cluster.list(kinds.configMap, { namespace: 'prod' }))).toBe('unreadable');
    expect(received).toHaveLength(2);
  });

  it('is empty when the server says so, also in the way an old one writes it', async () => {
    const { cluster } = await apiDouble(json({ kind: 'PodList', metadata: { resourceVersion: '7' }, items: null }));
    expect(await cluster.list(kinds.pod, { namespace: 'prod' })).toEqual({ items: [], resourceVersion: '7' });
  });

  it.each([
    ['an object of another kind', configMap('a', 'prod')],
    ['a list without items', { kind: 'PodList', metadata: { resourceVersion: '7' } }],
    ['a list without a version', { kind: 'PodList', metadata: {}, items: [] }],
    ['a list with something that is no object', { kind: 'PodList', metadata: { resourceVersion: '7' }, items: [{ metadata: { name: 'a' } }, null] }],
  ])('is not empty but unreadable when the answer is %s', async (_title, answer) => {
    const { cluster } = await apiDouble(json(answer));
    expect(await rejection(cluster.list(kinds.pod, { namespace: 'prod' }))).toBe('unreadable');
  });
});
