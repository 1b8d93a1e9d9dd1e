// Deployments: all replicas of the present spec available, none of an earlier one left.

import { conditionIs, explain, notObservedYet } from './conditions.ts';
import { refusedPods } from './creation.ts';
import type { Deployment } from './shapes.ts';
import { failed, ready, since, waiting, type Opinion, type Surroundings } from './verdict.ts';

export function judgeDeployment(deployment: Deployment, seen: Surroundings): Opinion {
  const { spec, status } = deployment;
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status ?? {};
  const wanted = spec?.replicas ?? 1;
  const unseen = notObservedYet(deployment, status);
  if (unseen !== undefined) return unseen;
  if (updatedReplicas >= wanted && availableReplicas >= wanted && replicas === updatedReplicas) return ready();
  const stalled = conditionIs(status, 'Progressing', 'False');
  if (stalled?.reason === 'ProgressDeadlineExceeded') return failed(explain(stalled), { reason: stalled.reason, ...since(stalled.lastTransitionTime) });
  const refused = refusedPods(deployment, status, seen);
  if (refused !== undefined) return refused;
  if (updatedReplicas < wanted) return waiting(`${updatedReplicas} of ${wanted} replicas are up to date`);
  if (availableReplicas < wanted) return waiting(`${availableReplicas} of ${wanted} replicas are available`);
  return waiting(`${replicas - updatedReplicas} replicas of an earlier spec are still there`);
}
