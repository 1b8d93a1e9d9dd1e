// Discovery: "there is no such kind" is said only when the server certainly has none.

import { describe, expect, it } from 'vitest';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { rejection } from '../contracts/cluster-objects.ts';
import type { Reply } from './cluster-server.ts';
import { apiDouble, json, refusal } from './cluster-server.ts';

interface Resource {
  readonly kind: string;
  readonly plural: string;
}

const deployment = { kind: 'Deployment', plural: 'deployments' };
const certificate = { kind: 'Certificate', plural: 'certificates' };

function aggregatedGroup(group: string, resources: readonly Resource[], freshness = 'Current'): unknown {
  const listed = resources.map(({ kind, plural }) => ({ resource: plural, responseKind: { group, version: 'v1', kind }, scope: 'Namespaced' }));
  return { metadata: { name: group }, versions: [{ version: 'v1', freshness, ...(listed.length === 0 ? {} : { resources: listed }) }] };
}

/** A server that speaks aggregated discovery; `groups` is asked anew for every request. */
function aggregatedServer(groups: () => readonly unknown[]): Reply {
  const type = { 'Content-Type': 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' };
  const core = { metadata: {}, versions: [{ version: 'v1', freshness: 'Current', resources: [{ resource: 'pods', responseKind: { kind: 'Pod' }, scope: 'Namespaced' }] }] };
  return (response, request) => json({ kind: 'APIGroupDiscoveryList', items: request.path === '/api' ? [core] : groups() }, 200, type)(response, request);
}

describe('aggregated discovery', () => {
  it('answers for core and grouped kinds with one question for each half', async () => {
    const { cluster, received } = await apiDouble(aggregatedServer(() => [aggregatedGroup('apps', [deployment])]));
    expect(await cluster.discover('v1', 'Pod')).toEqual(kinds.pod);
    expect(await cluster.discover('apps/v1', 'Deployment')).toEqual(kinds.deployment);
    expect(received.map(({ path }) => path)).toEqual(['/api', '/apis']);
  });

  it('asks once for many questions that come together', async () => {
    const { cluster, received } = await apiDouble(aggregatedServer(() => [aggregatedGroup('apps', [deployment])]));
    const found = await Promise.all(Array.from({ length: 8 }, () => cluster.discover('apps/v1', 'Deployment')));
    expect(found).toEqual(Array.from({ length: 8 }, () => kinds.deployment));
    expect(received).toHaveLength(2);
  });

  it('finds a kind that a chart has brought meanwhile', async () => {
    const groups = [aggregatedGroup('apps', [deployment])];
    const { cluster } = await apiDouble(aggregatedServer(() => groups));
    expect(await cluster.discover('cert-manager.io/v1', 'Certificate')).toBeUndefined();
    groups.push(aggregatedGroup('cert-manager.io', [certificate]));
    expect(await cluster.discover('cert-manager.io/v1', 'Certificate')).toMatchObject({ plural: 'certificates', namespaced: true });
  });

  it('does not know what a group has whose own server is down', async () => {
    const { cluster } = await apiDouble(aggregatedServer(() => [aggregatedGroup('metrics.k8s.io', [], 'Stale')]));
    expect(await rejection(cluster.discover('metrics.k8s.io/v1', 'PodMetrics'))).toBe('unavailable');
    expect(await cluster.discover('apps/v1', 'Deployment')).toBeUndefined();
  });

  it('does not know anything after a failed question, and asks again next time', async () => {
    let up = false;
    const answer = aggregatedServer(() => [aggregatedGroup('apps', [deployment])]);
    const { cluster } = await apiDouble((response, request) => (up ? answer : refusal(503, 'ServiceUnavailable', 'starting'))(response, request));
    expect(await rejection(cluster.discover('apps/v1', 'Deployment'))).toBe('unavailable');
    up = true;
    expect(await cluster.discover('apps/v1', 'Deployment')).toEqual(kinds.deployment);
  });

  it('takes an answer without its list for unreadable, not for a server without kinds', async () => {
    const type = { 'Content-Type': 'application/json;as=APIGroupDiscoveryList' };
    const { cluster } = await apiDouble(json({ kind: 'APIGroupDiscoveryList' }, 200, type));
    expect(await rejection(cluster.discover('v1', 'Pod'))).toBe('unreadable');
  });
});

/** A server before Kubernetes 1.27: one listing per group, and an extension that is broken. */
const plainServer: Reply = (response, request) => {
  const group = (groupVersion: string): unknown => ({ versions: [{ groupVersion }] });
  const pods = { name: 'pods', kind: 'Pod', namespaced: true };
  const namespaces = { name: 'namespaces', kind: 'Namespace', namespaced: false };
  const scale = { name: 'deployments/scale', kind: 'Scale', namespaced: true };
  const answers: Readonly<Record<string, unknown>> = {
    '/api': { kind: 'APIVersions', versions: ['v1'] },
    '/apis': { kind: 'APIGroupList', groups: [group('apps/v1'), group('broken.example.org/v1')] },
    '/api/v1': { resources: [pods, { name: 'pods/log', kind: 'Pod', namespaced: true }, namespaces] },
    '/apis/apps/v1': { resources: [{ name: 'deployments', kind: 'Deployment', namespaced: true }, scale] },
  };
  const answer = answers[request.path];
  (answer === undefined ? refusal(503, 'ServiceUnavailable', 'no endpoints') : json(answer))(response, request);
};

describe('discovery of an older server', () => {
  it('finds kinds and their scope in the listing of each group', async () => {
    const { cluster } = await apiDouble(plainServer);
    expect(await cluster.discover('v1', 'Pod')).toEqual(kinds.pod);
    expect(await cluster.discover('v1', 'Namespace')).toEqual(kinds.namespace);
    expect(await cluster.discover('apps/v1', 'Deployment')).toEqual(kinds.deployment);
  });

  it('takes no subresource for a kind, and knows that a group is not there', async () => {
    const { cluster } = await apiDouble(plainServer);
    expect(await cluster.discover('apps/v1', 'Scale')).toBeUndefined();
    expect(await cluster.discover('absent.example.org/v1', 'Thing')).toBeUndefined();
  });

  it('does not know what a broken extension has', async () => {
    const { cluster } = await apiDouble(plainServer);
    expect(await rejection(cluster.discover('broken.example.org/v1', 'Thing'))).toBe('unavailable');
  });
});
