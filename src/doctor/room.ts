// Whether a second copy of the live release would find room beside what runs. Pure: places its pods, the largest first, on what is free.

import type { Node, Pod } from '../readiness/pod-shapes.ts';
import { printQuantity } from '../readiness/quantity.ts';
import { add, amounts, demandOf, type Demand } from '../readiness/requests.ts';
import { obstacles } from '../readiness/scheduling.ts';
import { count } from '../report/text.ts';
import { ok, trouble, type Finding } from './finding.ts';

export interface Room {
  readonly release: string;
  readonly nodes: readonly Node[];
  /** Of all namespaces, the release's own among them. */
  readonly pods: readonly Pod[];
}

export function judgeRoom({ release, nodes, pods }: Room): Finding {
  const running = pods.filter(isRunning);
  const copy = running.filter(({ metadata }) => metadata.namespace === release);
  if (copy.length === 0) return notKnown(`${release} has no running pod to measure by`);
  if (nodes.length === 0) return notKnown('the cluster tells of no nodes');
  const homeless = unplaced(copy, { nodes, running });
  const whole = `a second copy of ${release} (${count(copy.length, 'pod')}: ${describe(copy.map(demandOf).reduce(add))})`;
  if (homeless.length === 0) return ok('room', `${whole} fits beside what runs on ${count(nodes.length, 'node')}`);
  const found = [`${whole} does not fit on ${count(nodes.length, 'node')}`, ...homeless.map((pod) => `no room for one like ${pod.metadata.name}: ${describe(demandOf(pod))}`)];
  return trouble('room', { verdict: 'warning', found, remedy: 'Add nodes, or free some room, before the next run; a cluster autoscaler adds them by itself' });
}

export function notKnown(found: string, remedy = 'Compare by hand what the live release requests with what is free: kubectl describe nodes'): Finding {
  return trouble('room', { verdict: 'unknown', found: [found], remedy });
}

function isRunning({ status, metadata }: Pod): boolean {
  return metadata.deletionTimestamp === undefined && !['Succeeded', 'Failed'].includes(status?.phase ?? '');
}

interface Place {
  readonly nodes: readonly Node[];
  readonly running: readonly Pod[];
}

/** Pods of the copy that find no node. Greedy, as the scheduler is; anti-affinity and volumes are not looked at. */
function unplaced(copy: readonly Pod[], { nodes, running }: Place): readonly Pod[] {
  const free = new Map(nodes.map((node) => [node, freeOn(node, running)]));
  return copy.toSorted(bySize).filter((pod) => {
    const demand = demandOf(pod);
    const node = nodesFor(pod, nodes).find((candidate) => fits(demand, free.get(candidate)));
    if (node !== undefined) free.set(node, subtract(free.get(node), demand));
    return node === undefined;
  });
}

function freeOn({ metadata, status }: Node, running: readonly Pod[]): Demand {
  const there = running.filter(({ spec }) => spec?.nodeName === metadata.name);
  return there.map(demandOf).reduce(subtract, amounts(status?.allocatable));
}

function nodesFor(pod: Pod, nodes: readonly Node[]): readonly Node[] {
  // One of a DaemonSet belongs to its node and to no other.
  const isBound = pod.metadata.ownerReferences?.some(({ kind }) => kind === 'DaemonSet') === true;
  const own = isBound ? nodes.filter(({ metadata }) => metadata.name === pod.spec?.nodeName) : nodes;
  return own.filter((node) => obstacles(pod, node).every(({ kind }) => kind === 'resources'));
}

function fits(demand: Demand, free: Demand = new Map()): boolean {
  return [...demand].every(([resource, amount]) => amount <= (free.get(resource) ?? 0));
}

function subtract(from: Demand = new Map(), demand: Demand): Demand {
  return new Map([...from].map(([resource, amount]) => [resource, amount - (demand.get(resource) ?? 0)]));
}

/** By memory, which is what runs out first where it does. */
function bySize(left: Pod, right: Pod): number {
  const size = (pod: Pod): number => demandOf(pod).get('memory') ?? 0;
  return size(right) - size(left);
}

function describe(demand: Demand): string {
  const asked = [...demand].filter(([resource]) => resource !== 'pods').map(([resource, amount]) => `${resource} ${printQuantity(amount, resource)}`);
  return asked.length === 0 ? 'no requests' : asked.join(', ');
}
