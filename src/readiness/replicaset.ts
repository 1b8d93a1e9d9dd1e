// ReplicaSets without a Deployment over them; those with one are told by it.

import { notObservedYet } from './conditions.ts';
import { refusedPods } from './creation.ts';
import type { ReplicaSet } from './shapes.ts';
import { ready, waiting, type Opinion, type Surroundings } from './verdict.ts';

export function judgeReplicaSet(set: ReplicaSet, seen: Surroundings): Opinion {
  if (set.metadata.ownerReferences?.some(({ kind, controller }) => kind === 'Deployment' && controller === true) === true) {
    return ready('its Deployment tells');
  }
  const unseen = notObservedYet(set, set.status);
  if (unseen !== undefined) return unseen;
  const wanted = set.spec?.replicas ?? 1;
  const available = set.status?.availableReplicas ?? 0;
  if (available >= wanted) return ready();
  return refusedPods(set, set.status, seen) ?? waiting(`${available} of ${wanted} replicas are available`);
}
