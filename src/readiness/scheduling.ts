// Why a pod has no node: what stands against each node, and whether that can pass by itself.

import { conditionIs } from './conditions.ts';
import { eventsAbout } from './events.ts';
import { labelMismatch, untolerated } from './node-selection.ts';
import type { Node, Pod, Taint } from './pod-shapes.ts';
import { printQuantity } from './quantity.ts';
import { amounts, demandOf } from './requests.ts';
import { failed, since, waiting, type Opinion, type Surroundings } from './verdict.ts';

export interface Obstacle {
  readonly kind: 'labels' | 'taint' | 'resources' | 'cordoned' | 'notReady';
  /** It stays until somebody changes the node or the pod. */
  readonly lasting: boolean;
  /** Reads on after `node-1: `. */
  readonly text: string;
}

/** The scheduler's word when it found no node, or undefined when it has not said so. */
export function unschedulable(pod: Pod, seen: Surroundings): Opinion | undefined {
  const refused = conditionIs(pod.status, 'PodScheduled', 'False');
  if (refused === undefined) return undefined;
  const facts = { reason: refused.reason ?? 'Unschedulable', ...since(refused.lastTransitionTime) };
  if (refused.reason !== 'Unschedulable' || isNodeComing(pod, seen) || !isImpossible(pod, seen.nodes)) {
    return waiting(`no node yet: ${refused.message ?? facts.reason}`, facts);
  }
  return failed(`no node can ever run it: ${summarize(pod, seen.nodes)}`, facts);
}

/** Everything that keeps this pod off this node, full or not: what is used by others is not counted. */
export function obstacles(pod: Pod, node: Node): readonly Obstacle[] {
  const mismatch = labelMismatch(pod, node);
  const shortages = shortagesOf(pod, node).map((text) => ({ kind: 'resources', lasting: true, text }) as const);
  return [
    ...(mismatch === undefined ? [] : [{ kind: 'labels', lasting: true, text: mismatch } as const]),
    ...untolerated(pod, node).map(taintObstacle),
    ...(node.spec?.unschedulable === true ? [{ kind: 'cordoned', lasting: false, text: 'it is cordoned' } as const] : []),
    ...(conditionIs(node.status, 'Ready', 'True') === undefined ? [{ kind: 'notReady', lasting: false, text: 'it is not ready' } as const] : []),
    ...shortages,
  ];
}

/** What the pod asks for and the node could not give even when it were empty. */
function shortagesOf(pod: Pod, node: Node): readonly string[] {
  const has = amounts(node.status?.allocatable);
  const lacking = [...demandOf(pod)].filter(([resource, asked]) => asked > (has.get(resource) ?? 0));
  return lacking.map(([resource, asked]) => `${resource}: asks ${printQuantity(asked, resource)}, it has ${printQuantity(has.get(resource) ?? 0, resource)}`);
}

/** Kubernetes itself sets and removes the taints of its own domain as nodes come and go. */
function taintObstacle({ key, value, effect }: Taint): Obstacle {
  const text = `its taint ${key}${value === undefined ? '' : `=${value}`}:${effect} is not tolerated`;
  return { kind: 'taint', lasting: !/^(node\.kubernetes\.io|node\.cloudprovider\.kubernetes\.io)\//.test(key), text };
}

/** An autoscaler has promised a node that is not here yet (cluster-autoscaler, Karpenter). */
function isNodeComing(pod: Pod, { events }: Surroundings): boolean {
  return eventsAbout(pod, events).some(({ reason }) => reason === 'TriggeredScaleUp' || reason === 'Nominated');
}

function isImpossible(pod: Pod, nodes: readonly Node[] | undefined): nodes is readonly Node[] {
  // No nodes at all is a cluster that is only starting, not a verdict on this pod.
  if (nodes === undefined || nodes.length === 0) return false;
  return nodes.every((node) => obstacles(pod, node).some(({ lasting }) => lasting));
}

const namedNodes = 3;

function summarize(pod: Pod, nodes: readonly Node[] = []): string {
  const byText = Map.groupBy(nodes, (node) => obstacles(pod, node).filter(({ lasting }) => lasting).map(({ text }) => text).join('; '));
  return [...byText].map(([text, group]) => `${listNodes(group)}: ${text}`).join(' / ');
}

function listNodes(nodes: readonly Node[]): string {
  const names = nodes.slice(0, namedNodes).map(({ metadata }) => metadata.name).join(', ');
  return nodes.length > namedNodes ? `${names} and ${nodes.length - namedNodes} more` : names;
}
