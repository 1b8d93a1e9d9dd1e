// What a pod asks of a node. Source: Kubernetes "Resource sharing within containers": init containers run one after another,
// sidecars and containers together, and a request of the whole pod stands before their sum.

import type { Container, Pod } from './pod-shapes.ts';
import { parseQuantity } from './quantity.ts';
import type { Amounts } from './shapes.ts';

/** By resource name, in cores and bytes; `pods: 1` among them, because nodes bound that too. */
export type Demand = ReadonlyMap<string, number>;

export function demandOf({ spec }: Pod): Demand {
  const init = spec?.initContainers ?? [];
  const sidecars = total(init.filter(isSidecar));
  const together = add(total(spec?.containers ?? []), sidecars);
  const perContainer = init.filter((container) => !isSidecar(container)).map((container) => amounts(container.resources?.requests));
  const highest = perContainer.reduce(larger, together);
  const whole = new Map([...highest, ...amounts(spec?.resources?.requests)]);
  return add(add(whole, amounts(spec?.overhead)), new Map([['pods', 1]]));
}

export function amounts(written: Amounts | undefined): Demand {
  const entries = Object.entries(written ?? {}).map(([resource, text]) => [resource, parseQuantity(text) ?? 0] as const);
  return new Map(entries.filter(([, amount]) => amount > 0));
}

export function add(one: Demand, other: Demand): Demand {
  return combine(one, other, (a, b) => a + b);
}

function isSidecar({ restartPolicy }: Container): boolean {
  return restartPolicy === 'Always';
}

function total(containers: readonly Container[]): Demand {
  return containers.map((container) => amounts(container.resources?.requests)).reduce(add, new Map());
}

function larger(one: Demand, other: Demand): Demand {
  return combine(one, other, Math.max);
}

function combine(one: Demand, other: Demand, operation: (a: number, b: number) => number): Demand {
  const resources = new Set([...one.keys(), ...other.keys()]);
  return new Map([...resources].map((resource) => [resource, operation(one.get(resource) ?? 0, other.get(resource) ?? 0)]));
}
