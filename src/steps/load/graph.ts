// Runs named tasks after those they name, everything else at the same time. Knows neither jobs nor time.

import { Failure } from '../../errors.ts';

export interface Node {
  readonly name: string;
  /** Names of the nodes that must have ended before. */
  readonly after: readonly string[];
}

/** Every node after those it names. Rejects ConfigurationInvalid for a circle or for a name that is not there: both would wait for ever. */
export function inOrder<N extends Node>(nodes: readonly N[]): readonly N[] {
  const ordered: N[] = [];
  const placed = new Set<string>();
  while (ordered.length < nodes.length) {
    const next = nodes.filter(({ name, after }) => !placed.has(name) && after.every((earlier) => placed.has(earlier)));
    if (next.length === 0) throw new Failure('ConfigurationInvalid', { summary: `load: ${stuck(nodes, placed)} can never start, because of what \`after\` names` });
    for (const node of next) placed.add(node.name);
    ordered.push(...next);
  }
  return ordered;
}

/** Resolves when all have ended, with their results in the order of `nodes`; rejects only after all have settled. */
export async function runGraph<N extends Node, T>(nodes: readonly N[], task: (node: N) => Promise<T>): Promise<readonly PromiseSettledResult<T>[]> {
  const running = new Map<string, Promise<T>>();
  for (const node of inOrder(nodes)) {
    const earlier = node.after.flatMap((name) => running.get(name) ?? []);
    running.set(node.name, Promise.all(earlier).then(() => task(node)));
  }
  return Promise.allSettled(nodes.map(({ name }) => running.get(name) as Promise<T>));
}

function stuck(nodes: readonly Node[], placed: ReadonlySet<string>): string {
  return nodes.filter(({ name }) => !placed.has(name)).map(({ name }) => name).join(', ');
}
