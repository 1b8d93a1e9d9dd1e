// When to give up on a pod that fails again and again: a crash may only mean that a dependency is not up yet.

import { conditionIs, condition } from './conditions.ts';
import type { Pod } from './pod-shapes.ts';
import type { Surroundings } from './verdict.ts';

/** Three tries take about half a minute of the kubelet's back-off (10 s, 20 s, …), six take five minutes. */
const fewTries = 3;
const manyTries = 6;

export interface Tries {
  readonly count: number;
  /** When the last one began, ISO 8601. */
  readonly lastBegan: string | null | undefined;
}

/**
 * After three tries, when the last one began with everything else of the release already up: there is nothing left that it
 * could have been waiting for. After six tries in any case.
 */
export function isHopeless(pod: Pod, tries: Tries, seen: Surroundings): boolean {
  if (tries.count >= manyTries) return true;
  if (tries.count < fewTries) return false;
  const others = seen.pods.filter((other) => other.metadata.name !== pod.metadata.name && !isFailing(other)).map(upSince);
  return others.every((up) => up !== undefined && up <= Date.parse(tries.lastBegan ?? ''));
}

/** Milliseconds since 1970 at which it became ready or ended; undefined while it is on its way. */
function upSince(pod: Pod): number | undefined {
  const { phase } = pod.status ?? {};
  const isUp = conditionIs(pod.status, 'Ready', 'True') !== undefined || phase === 'Succeeded' || phase === 'Failed';
  return isUp ? Date.parse(condition(pod.status, 'Ready')?.lastTransitionTime ?? '') || 0 : undefined;
}

/** Two pods that both fail must not excuse each other. */
function isFailing({ status }: Pod): boolean {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return all.some(({ state }) => /BackOff$|^Err|Error$|^Invalid/.test(state?.waiting?.reason ?? '') || (state?.terminated?.exitCode ?? 0) !== 0);
}
