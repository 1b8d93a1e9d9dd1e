// StatefulSets: all replicas available, and those that the update strategy is to replace are replaced.

import { notObservedYet } from './conditions.ts';
import { refusedPods } from './creation.ts';
import type { StatefulSet } from './shapes.ts';
import { ready, waiting, type Opinion, type Surroundings } from './verdict.ts';

export function judgeStatefulSet(set: StatefulSet, seen: Surroundings): Opinion {
  const unseen = notObservedYet(set, set.status);
  if (unseen !== undefined) return unseen;
  const wanted = set.spec?.replicas ?? 1;
  const { availableReplicas = 0, updatedReplicas = 0 } = set.status ?? {};
  if (availableReplicas < wanted) {
    return refusedPods(set, set.status, seen) ?? waiting(`${availableReplicas} of ${wanted} replicas are available`);
  }
  const toUpdate = replicasToUpdate(set, wanted);
  if (updatedReplicas < toUpdate) return waiting(`${updatedReplicas} of ${toUpdate} replicas are up to date`);
  return ready();
}

/** With OnDelete somebody else updates the pods; below a partition they keep the earlier spec on purpose. */
function replicasToUpdate({ spec }: StatefulSet, wanted: number): number {
  if (spec?.updateStrategy?.type === 'OnDelete') return 0;
  return Math.max(0, wanted - (spec?.updateStrategy?.rollingUpdate?.partition ?? 0));
}
