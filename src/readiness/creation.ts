// Pods that the API server refuses to create: no waiting helps against a quota or a policy.

import type { KubernetesObject } from '../drivers/cluster/objects.ts';
import { eventTimestamp, latestEvent } from './events.ts';
import { conditionIs } from './conditions.ts';
import type { Conditioned } from './shapes.ts';
import { failed, since, waiting, type Opinion, type Surroundings } from './verdict.ts';

/**
 * Why its pods cannot be created, or undefined when nothing says so. Deployments and ReplicaSets have a condition for it
 * (ReplicaFailure); for the other controllers only Events tell. Ask only of an object that still lacks pods: Events stay.
 */
export function refusedPods(object: KubernetesObject, status: Conditioned | undefined, seen: Surroundings): Opinion | undefined {
  const failure = conditionIs(status, 'ReplicaFailure', 'True');
  if (failure !== undefined) return judgeRefusal(failure.message ?? failure.reason ?? '', failure.lastTransitionTime);
  const event = latestEvent(object, seen.events, ['FailedCreate']);
  return event && judgeRefusal(event.message ?? '', eventTimestamp(event));
}

// Other refusals pass by themselves: a service account that is about to exist, a webhook that is just restarting.
const lasting: readonly (readonly [RegExp, string])[] = [
  [/exceeded quota|failed quota/, 'QuotaExceeded'],
  [/violates PodSecurity/, 'PodSecurity'],
  [/denied the request|denied request/, 'AdmissionDenied'],
  [/(maximum|minimum) \S+ usage per|limit to request ratio per/, 'LimitRange'],
  [/is invalid: /, 'InvalidPod'],
];

function judgeRefusal(message: string, time: string | undefined): Opinion {
  const story = `its pods cannot be created: ${message.replace('(combined from similar events): ', '').trim()}`;
  const [, reason] = lasting.find(([pattern]) => pattern.test(message)) ?? [];
  return reason === undefined ? waiting(story, { reason: 'FailedCreate', ...since(time) }) : failed(story, { reason, ...since(time) });
}
