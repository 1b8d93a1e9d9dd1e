// What stands between a pod and each node, with numbers: what it asks, what the node has, and what others have left of it. Pure.

import type { Node, Pod } from '../readiness/pod-shapes.ts';
import { printQuantity } from '../readiness/quantity.ts';
import { add, amounts, demandOf, type Demand } from '../readiness/requests.ts';
import { obstacles } from '../readiness/scheduling.ts';
import type { NodeFinding } from './diagnosis.ts';

/** `running`: all pods of the cluster, or undefined when they are not known; then nothing is said about what is free. */
export function nodesAgainst(pod: Pod, nodes: readonly Node[], running: readonly Pod[] | undefined): readonly NodeFinding[] {
  return nodes.map((node) => ({ name: node.metadata.name, against: against(pod, node, running) }));
}

function against(pod: Pod, node: Node, running: readonly Pod[] | undefined): readonly string[] {
  const found = obstacles(pod, node);
  const others = found.filter(({ kind }) => kind !== 'resources').map(({ text }) => text);
  if (running === undefined) return found.map(({ text }) => text);
  return [...others, ...shortages(demandOf(pod), { node, used: usedOn(node, running) })];
}

function usedOn(node: Node, running: readonly Pod[]): Demand {
  const there = running.filter(({ spec, status }) => spec?.nodeName === node.metadata.name && !['Succeeded', 'Failed'].includes(status?.phase ?? ''));
  return there.map(demandOf).reduce(add, new Map());
}

function shortages(asked: Demand, { node, used }: { readonly node: Node; readonly used: Demand }): readonly string[] {
  const has = amounts(node.status?.allocatable);
  return [...asked].flatMap(([resource, amount]) => {
    const all = has.get(resource) ?? 0;
    const free = Math.max(0, all - (used.get(resource) ?? 0));
    const print = (value: number): string => printQuantity(value, resource);
    return amount <= free ? [] : [`${resource}: asks ${print(amount)}, ${print(free)} of ${print(all)} are free`];
  });
}
