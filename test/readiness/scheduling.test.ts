// What stands between a pod and a node, and what a pod asks for.

import { describe, expect, test } from 'vitest';
import type { Node, Pod, PodSpec } from '../../src/readiness/pod-shapes.ts';
import { parseQuantity, printQuantity } from '../../src/readiness/quantity.ts';
import { demandOf } from '../../src/readiness/requests.ts';
import { obstacles } from '../../src/readiness/scheduling.ts';
import { changed, nodes, type Changes } from './scenes.ts';

function pod(spec: PodSpec): Pod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'portal' }, spec };
}

/** The recorded node with some fields changed. */
function node(changes: Changes = {}): Node {
  return changed(nodes()[0], changes) as Node;
}

function asking(requests: Readonly<Record<string, string>>, more: PodSpec = {}): Pod {
  return pod({ containers: [{ name: 'main', resources: { requests } }], ...more });
}

describe('quantities', () => {
  test.each([
    ['500m', 0.5],
    ['2', 2],
    ['1.5', 1.5],
    ['64Gi', 64 * 2 ** 30],
    ['24581692Ki', 24_581_692 * 1024],
    ['1e3', 1_000],
    ['1E', 1e18],
    ['100k', 100_000],
    [3, 3],
  ])('%s is %d', (written, amount) => {
    expect(parseQuantity(written)).toBe(amount);
  });

  test.each(['', 'much', '1Gb', '--1', undefined])('%s is none', (written) => {
    expect(parseQuantity(written)).toBeUndefined();
  });

  test.each([
    [24_581_692 * 1024, 'memory', '23.4Gi'],
    [64 * 2 ** 30, 'memory', '64Gi'],
    [700, 'ephemeral-storage', '700'],
    [0.25, 'cpu', '250m'],
    [1.5, 'cpu', '1.5'],
    [110, 'pods', '110'],
    [0, 'cpu', '0'],
  ])('%d of %s is printed as %s', (amount, resource, text) => {
    expect(printQuantity(amount, resource)).toBe(text);
  });
});

describe('a pod asks for', () => {
  const demand = (spec: PodSpec) => Object.fromEntries(demandOf(pod(spec)));
  const cpu = (amount: string) => ({ resources: { requests: { cpu: amount } } });

  test('the sum of its containers', () => {
    expect(demand({ containers: [{ name: 'a', ...cpu('500m') }, { name: 'b', ...cpu('1') }] })).toEqual({ cpu: 1.5, pods: 1 });
  });

  test('as much as its biggest init container, if that is more: they run one by one before the others', () => {
    expect(demand({ initContainers: [{ name: 'i', ...cpu('2') }, { name: 'j', ...cpu('3') }], containers: [{ name: 'a', ...cpu('1') }] })).toEqual({ cpu: 3, pods: 1 });
  });

  test('its sidecars beside its containers', () => {
    const sidecar = { name: 's', restartPolicy: 'Always', ...cpu('1') };
    expect(demand({ initContainers: [sidecar], containers: [{ name: 'a', ...cpu('1') }] })).toEqual({ cpu: 2, pods: 1 });
  });

  test('what is written for the whole pod, and for its sandbox on top', () => {
    expect(demand({ resources: { requests: { cpu: '4' } }, overhead: { cpu: '100m' }, containers: [{ name: 'a', ...cpu('1') }] })).toEqual({ cpu: 4.1, pods: 1 });
  });

  test('a place, and nothing more, when it names no requests', () => {
    expect(demand({ containers: [{ name: 'a' }] })).toEqual({ pods: 1 });
  });
});

describe('between a pod and a node stands', () => {
  const texts = (subject: Pod, place: Node) => obstacles(subject, place).map(({ text, lasting }) => `${lasting ? 'for good' : 'for now'}: ${text}`);

  test('nothing, when it fits', () => {
    expect(texts(asking({ cpu: '1', memory: '1Gi' }), node())).toEqual([]);
  });

  test.each<[string, Pod, string]>([
    ['too little memory', asking({ memory: '64Gi' }), 'for good: memory: asks 64Gi, it has 23.4Gi'],
    ['too few cores', asking({ cpu: '2500m' }), 'for good: cpu: asks 2.5, it has 2'],
    ['a resource that it does not have at all', asking({ 'nvidia.com/gpu': '1' }), 'for good: nvidia.com/gpu: asks 1, it has 0'],
    ['a label', asking({}, { nodeSelector: { disk: 'ssd' } }), 'for good: its labels lack disk=ssd'],
  ])('%s', (_, subject, text) => {
    expect(texts(subject, node())).toEqual([text]);
  });

  test('its being cordoned or not ready, which may pass', () => {
    const place = node({ spec: { unschedulable: true }, status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } });
    expect(texts(asking({}), place)).toEqual(['for now: it is cordoned', 'for now: it is not ready']);
  });

  test.each([
    ['for good', 'dedicated'],
    ['for now', 'node.kubernetes.io/disk-pressure'],
    ['for now', 'node.cloudprovider.kubernetes.io/uninitialized'],
  ])('%s, its taint %s', (how, key) => {
    const place = node({ spec: { taints: [{ key, value: 'yes', effect: 'NoSchedule' }] } });
    expect(texts(asking({}), place)).toEqual([`${how}: its taint ${key}=yes:NoSchedule is not tolerated`]);
  });

  test.each([
    [{ key: 'dedicated', value: 'yes' }],
    [{ key: 'dedicated', operator: 'Exists' }],
    [{ operator: 'Exists' }],
    [{ key: 'dedicated', value: 'yes', effect: 'NoSchedule' }],
  ])('no taint that it tolerates: %o', (toleration) => {
    const place = node({ spec: { taints: [{ key: 'dedicated', value: 'yes', effect: 'NoSchedule' }] } });
    expect(texts(asking({}, { tolerations: [toleration] }), place)).toEqual([]);
  });

  test.each([[{ key: 'dedicated', value: 'no' }], [{ key: 'other', operator: 'Exists' }], [{ operator: 'Exists', effect: 'NoExecute' }]])(
    'a taint that this toleration does not cover: %o',
    (toleration) => {
      const place = node({ spec: { taints: [{ key: 'dedicated', value: 'yes', effect: 'NoSchedule' }] } });
      expect(texts(asking({}, { tolerations: [toleration] }), place)).toHaveLength(1);
    },
  );

  test('no taint that is only a preference', () => {
    expect(texts(asking({}), node({ spec: { taints: [{ key: 'spot', effect: 'PreferNoSchedule' }] } }))).toEqual([]);
  });
});

describe('a required node affinity', () => {
  const place = node({ metadata: { name: 'node-1', labels: { zone: 'a', cores: '16' } } });
  const wanting = (...nodeSelectorTerms: readonly object[]) =>
    asking({}, { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: nodeSelectorTerms as never } } } });
  const expression = (key: string, operator: string, ...values: readonly string[]) => ({ matchExpressions: [{ key, operator, values }] });

  test.each([
    [expression('zone', 'In', 'a', 'b')],
    [expression('zone', 'NotIn', 'c')],
    [expression('zone', 'Exists')],
    [expression('gpu', 'DoesNotExist')],
    [expression('gpu', 'NotIn', 'old')],
    [expression('cores', 'Gt', '8')],
    [expression('cores', 'Lt', '32')],
    [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-1'] }] }],
  ])('is met by %o', (term) => {
    expect(obstacles(wanting(term), place)).toEqual([]);
  });

  test.each([
    [expression('zone', 'In', 'b')],
    [expression('zone', 'NotIn', 'a')],
    [expression('gpu', 'Exists')],
    [expression('zone', 'DoesNotExist')],
    [expression('cores', 'Gt', '16')],
    [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-2'] }] }],
    [{}],
  ])('is not met by %o', (term) => {
    expect(obstacles(wanting(term), place)).toHaveLength(1);
  });

  test('is met by any one of its terms, and by all expressions of that term', () => {
    const both = { matchExpressions: [...expression('zone', 'In', 'a').matchExpressions, ...expression('gpu', 'Exists').matchExpressions] };
    expect(obstacles(wanting(both, expression('zone', 'In', 'a')), place)).toEqual([]);
    expect(obstacles(wanting(both), place).map(({ text }) => text)).toEqual(['it does not match the required node affinity (zone In a, gpu Exists)']);
  });
});
