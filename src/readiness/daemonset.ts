// DaemonSets: available and up to date on every node that they want to be on, which may be none.

import { notObservedYet } from './conditions.ts';
import { refusedPods } from './creation.ts';
import type { DaemonSet } from './shapes.ts';
import { ready, waiting, type Opinion, type Surroundings } from './verdict.ts';

export function judgeDaemonSet(set: DaemonSet, seen: Surroundings): Opinion {
  const unseen = notObservedYet(set, set.status);
  if (unseen !== undefined) return unseen;
  const { desiredNumberScheduled = 0, updatedNumberScheduled = 0, numberAvailable = 0 } = set.status ?? {};
  const isLeftAlone = set.spec?.updateStrategy?.type === 'OnDelete';
  if (!isLeftAlone && updatedNumberScheduled < desiredNumberScheduled) {
    const lacking = `${updatedNumberScheduled} of ${desiredNumberScheduled} nodes have the present spec`;
    return refusedPods(set, set.status, seen) ?? waiting(lacking);
  }
  if (numberAvailable < desiredNumberScheduled) {
    return refusedPods(set, set.status, seen) ?? waiting(`${numberAvailable} of ${desiredNumberScheduled} pods are available`);
  }
  return ready();
}
