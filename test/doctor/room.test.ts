// Whether a second copy of what is live would fit: its pods placed on what is free, as the scheduler would.

import { describe, expect, test } from 'vitest';
import { judgeRoom } from '../../src/doctor/room.ts';
import type { Node, Pod } from '../../src/readiness/pod-shapes.ts';

function node(name: string, more: { readonly memory?: string; readonly pods?: string; readonly spec?: Node['spec'] } = {}): Node {
  const { memory = '8Gi', pods = '110', spec } = more;
  const status = { allocatable: { cpu: '4', memory, pods }, conditions: [{ type: 'Ready', status: 'True' }] };
  return { apiVersion: 'v1', kind: 'Node', metadata: { name }, ...(spec === undefined ? {} : { spec }), status } as Node;
}

interface Made {
  readonly memory?: string;
  readonly namespace?: string;
  readonly node?: string;
  readonly owner?: string;
  readonly phase?: string;
  readonly nodeSelector?: Readonly<Record<string, string>>;
}

function pod(name: string, made: Made = {}): Pod {
  const { memory = '2Gi', namespace = 'prod-aaaaa', node: nodeName = 'one', owner, phase = 'Running', nodeSelector } = made;
  const ownerReferences = owner === undefined ? {} : { ownerReferences: [{ kind: owner, name: 'x', uid: 'x' }] };
  const spec = { nodeName, ...(nodeSelector === undefined ? {} : { nodeSelector }), containers: [{ name: 'a', resources: { requests: { memory } } }] };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, ...ownerReferences }, spec, status: { phase } } as Pod;
}

const judge = (nodes: readonly Node[], ...pods: readonly Pod[]) => judgeRoom({ release: 'prod-aaaaa', nodes, pods });

describe('a second copy', () => {
  test('fits where as much is free as the first one asks', () => {
    expect(judge([node('one')], pod('web'), pod('db'))).toEqual({ check: 'room', verdict: 'ok', found: ['a second copy of prod-aaaaa (2 pods: memory 4Gi) fits beside what runs on 1 node'] });
  });

  test('does not fit where others have taken the room: a warning that names the pods that find none', () => {
    const found = judge([node('one')], pod('web'), pod('db'), pod('theirs', { namespace: 'other', memory: '1Gi' }));
    expect(found).toMatchObject({ verdict: 'warning', remedy: expect.stringContaining('Add nodes') });
    expect(found.found).toEqual(['a second copy of prod-aaaaa (2 pods: memory 4Gi) does not fit on 1 node', 'no room for one like db: memory 2Gi']);
  });

  test('is placed pod by pod: what is free on two nodes together is not free for one pod', () => {
    const nodes = [node('one', { memory: '5Gi' }), node('two', { memory: '5Gi' })];
    expect(judge(nodes, pod('db', { memory: '4Gi' }), pod('theirs', { namespace: 'other', node: 'two' })).verdict).toBe('warning');
    expect(judge(nodes, pod('db', { memory: '4Gi' })).verdict).toBe('ok');
  });

  test('places the largest first, so that small ones do not stand in its way', () => {
    const nodes = [node('one', { memory: '6Gi' }), node('two', { memory: '3Gi' })];
    const copy = [pod('small', { memory: '1Gi', node: 'none' }), pod('large', { memory: '6Gi', node: 'none' })];
    expect(judge(nodes, ...copy).verdict).toBe('ok');
  });

  test.each([
    ['cordoned', node('two', { spec: { unschedulable: true } })],
    ['tainted', node('two', { spec: { taints: [{ key: 'gpu', effect: 'NoSchedule' }] } })],
    ['full of pods', node('two', { pods: '0' })],
  ])('is not placed on a node that is %s', (_, other) => {
    expect(judge([node('one', { memory: '2Gi' }), other], pod('db')).verdict).toBe('warning');
  });

  test('goes where its node selector leads, and nowhere else', () => {
    expect(judge([node('one')], pod('db', { nodeSelector: { disk: 'ssd' } })).verdict).toBe('warning');
  });

  test('needs a pod of each DaemonSet on its own node', () => {
    const nodes = [node('one', { memory: '3Gi' }), node('two')];
    expect(judge(nodes, pod('agent', { owner: 'DaemonSet' })).verdict).toBe('warning');
    expect(judge(nodes, pod('agent', { owner: 'DaemonSet', node: 'two' })).verdict).toBe('ok');
  });

  test('does not count what has ended', () => {
    const ended = [pod('load', { phase: 'Succeeded', memory: '6Gi' }), pod('failed', { phase: 'Failed', memory: '6Gi', namespace: 'other' })];
    expect(judge([node('one')], pod('web'), ...ended).found).toEqual(['a second copy of prod-aaaaa (1 pod: memory 2Gi) fits beside what runs on 1 node']);
  });

  test('of a release without pods is not known: unknown is not room', () => {
    expect(judge([node('one')])).toMatchObject({ verdict: 'unknown', found: ['prod-aaaaa has no running pod to measure by'] });
  });
});
