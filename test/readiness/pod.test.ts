// Pods, from statuses that a real kubelet and scheduler wrote.

import { describe, expect, test } from 'vitest';
import { changed, having, judge, nodes, pick, around, scene, type Scene } from './scenes.ts';
import type { Node } from '../../src/readiness/pod-shapes.ts';
import { judgeObject } from '../../src/readiness/table.ts';

describe('a pod is ready', () => {
  test.each(['portal-765d4ccfff-jj9t5', 'database-0'])('when its Ready condition says so: %s', (name) => {
    expect(judge(scene('ready'), 'Pod', name)).toEqual({ state: 'ready', message: 'ready' });
  });

  test('when it was to end and has ended well', () => {
    expect(judge(scene('ready'), 'Pod', 'once').state).toBe('ready');
  });

  test('when its Job still has to tell: the Job is judged instead', () => {
    expect(judge(scene('jobs'), 'Pod', 'running').state).toBe('ready');
    expect(judge(scene('jobs'), 'Pod', 'failing').state).toBe('ready');
  });

  test('when it was evicted and a controller makes another', () => {
    const objects = having(scene('ready'), 'Pod', { name: 'database', changes: { status: { phase: 'Failed', reason: 'Evicted' } } });
    expect(judge(objects, 'Pod', 'database').state).toBe('ready');
  });
});

describe('a pod is on its way', () => {
  test('while its readiness probe fails, and the probe’s words are shown', () => {
    expect(judge(scene('services'), 'Pod', 'slow')).toMatchObject({
      state: 'waiting',
      message: 'container main runs, and is not ready yet (Readiness probe failed: still warming up)',
    });
  });

  test('while its containers are being created', () => {
    const creating = { state: { waiting: { reason: 'ContainerCreating' } }, ready: false, name: 'main' };
    const changes = { status: { phase: 'Pending', conditions: [], containerStatuses: [creating] } };
    expect(judge(having(scene('ready'), 'Pod', { name: 'database', changes }), 'Pod', 'database')).toMatchObject({
      state: 'waiting',
      message: 'container main: ContainerCreating',
    });
  });

  test('when nobody has written a status yet', () => {
    expect(judge(having(scene('ready'), 'Pod', { name: 'database', changes: { status: undefined } }), 'Pod', 'database').state).toBe('waiting');
  });
});

describe('a pod has failed', () => {
  test('when its image name cannot be one', () => {
    const opinion = judge(scene('image'), 'Pod', 'misspelt');
    expect(opinion).toMatchObject({ state: 'failed', reason: 'InvalidImageName', since: '2026-11-21T11:26:13Z' });
    expect(opinion.message).toContain('image UPPER:bad::1 of container main');
  });

  test('when its image is not on the node and must not be pulled', () => {
    expect(judge(scene('image'), 'Pod', 'local')).toMatchObject({ state: 'failed', reason: 'ErrImageNeverPull' });
  });

  test('when it has nobody to replace it: with the exit code and where its log is', () => {
    expect(judge(scene('jobs'), 'Pod', 'once')).toMatchObject({
      state: 'failed',
      message: 'container main ended with exit code 7',
      logOf: { pod: 'once', container: 'main', previous: false },
    });
  });
});

describe('an image that cannot be pulled', () => {
  const waitingFor = (message: string): Scene => {
    const status = { name: 'main', image: 'example.org/portal:2', state: { waiting: { reason: 'ErrImagePull', message } } };
    const events = scene('image').filter(({ kind }) => kind !== 'Event');
    return having(events, 'Pod', { name: 'portal', changes: { status: { containerStatuses: [status] } } });
  };

  test.each([
    'rpc error: code = NotFound desc = failed to pull and unpack image "example.org/portal:2": not found',
    'manifest unknown: manifest tagged by "2" is not found',
    'pull access denied, repository does not exist or may require authorization',
    'unexpected status from HEAD request to https://example.org/v2/portal/manifests/2: 401 Unauthorized',
    'failed to authorize: failed to fetch oauth token: unexpected status: 403 Forbidden',
  ])('stops at once when the registry has refused: %s', (message) => {
    expect(judge(waitingFor(message), 'Pod', 'portal')).toMatchObject({ state: 'failed', reason: 'ErrImagePull' });
  });

  test.each(['dial tcp 192.0.2.1:443: i/o timeout', 'dial tcp: lookup example.org: no such host', 'received unexpected HTTP status: 503'])(
    'gets more tries when no registry has answered: %s',
    (message) => {
      expect(judge(waitingFor(message), 'Pod', 'portal').state).toBe('waiting');
    },
  );

  test('is given up after several tries, with the network’s error', () => {
    const opinion = judge(scene('image'), 'Pod', 'portal');
    expect(opinion).toMatchObject({ state: 'failed', reason: 'ImagePullBackOff' });
    expect(opinion.message).toMatch(/^image registry\.invalid\/portal:1 of container main: ImagePullBackOff \(failed to pull.*no such host\)$/);
  });

  test('is given up too when it is a Job’s: its back-off limit never counts these', () => {
    const owner = { kind: 'Job', name: 'load', uid: 'u', controller: true };
    const objects = having(scene('image'), 'Pod', { name: 'local', changes: { metadata: { ownerReferences: [owner] } } });
    expect(judge(objects, 'Pod', 'local').state).toBe('failed');
  });
});

describe('a pod without a node', () => {
  test('has failed when it asks for more than any node has, and the numbers are told', () => {
    expect(judge(scene('big'), 'Pod', 'huge')).toEqual({
      state: 'failed',
      message: 'no node can ever run it: node-1: memory: asks 64Gi, it has 23.4Gi',
      reason: 'Unschedulable',
      since: '2026-11-21T11:26:11Z',
    });
  });

  test('has failed when no node has the labels that it wants', () => {
    expect(judge(scene('big'), 'Pod', 'picky').message).toBe('no node can ever run it: node-1: its labels lack disk=ssd');
  });

  test('waits when the nodes are only full, with the scheduler’s words', () => {
    const opinion = judge(scene('big'), 'Pod', 'many-7c45bf8c65-c6lf2');
    expect(opinion.state).toBe('waiting');
    expect(opinion.message).toMatch(/^no node yet: 0\/1 nodes are available: 1 Insufficient cpu/);
  });

  test.each([
    ['not known', undefined],
    ['none at all', []],
  ])('waits, however big it is, while the nodes are %s', (_, known) => {
    const objects = scene('big');
    const seen = { ...around(objects), nodes: known };
    expect(judgeObject(pick(objects, 'Pod', 'huge'), seen).state).toBe('waiting');
  });

  test.each(['TriggeredScaleUp', 'Nominated'])('waits when an autoscaler has ordered a node for it (%s)', (reason) => {
    const objects = scene('big');
    const huge = pick(objects, 'Pod', 'huge');
    const event = { apiVersion: 'v1', kind: 'Event', metadata: { name: 'scale' }, involvedObject: { uid: huge.metadata.uid }, reason };
    expect(judge([...objects, event], 'Pod', 'huge').state).toBe('waiting');
  });

  test('waits when one of two nodes could run it once it is uncordoned', () => {
    const [node] = nodes();
    const big = changed(node, { metadata: { name: 'node-2' }, spec: { unschedulable: true }, status: { allocatable: { memory: '128Gi' } } });
    const objects = scene('big');
    expect(judgeObject(pick(objects, 'Pod', 'huge'), { ...around(objects), nodes: [node, big as Node] }).state).toBe('waiting');
  });

  test('waits for the gates that somebody put before it', () => {
    const gated = { type: 'PodScheduled', status: 'False', reason: 'SchedulingGated', message: 'Scheduling is blocked due to non-empty scheduling gates' };
    const objects = having(scene('big'), 'Pod', { name: 'huge', changes: { status: { conditions: [gated] } } });
    expect(judge(objects, 'Pod', 'huge')).toMatchObject({ state: 'waiting', reason: 'SchedulingGated' });
  });
});
