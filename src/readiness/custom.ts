// Kinds that Kubernetes itself does not have: judged by their condition Ready or Available, the custom of the field.

import type { KubernetesObject } from '../drivers/cluster/objects.ts';
import { condition, conditionIs, explain } from './conditions.ts';
import type { Conditioned } from './shapes.ts';
import { failed, ready, since, unknown, waiting, type Opinion } from './verdict.ts';

/** Source of `Stalled`: kstatus, the conventions that Flux, Crossplane and others follow. */
export function judgeCustom(object: KubernetesObject): Opinion {
  const status = object['status'] as Conditioned | undefined;
  const { generation = 0 } = object.metadata;
  const stalled = conditionIs(status, 'Stalled', 'True');
  if (stalled !== undefined) return failed(explain(stalled), { reason: stalled.reason ?? 'Stalled', ...since(stalled.lastTransitionTime) });
  const found = condition(status, 'Ready') ?? condition(status, 'Available');
  if (found === undefined) return unknown(`no condition tells whether a ${object.kind} is ready`);
  const observed = found.observedGeneration ?? status?.observedGeneration ?? generation;
  if (observed < generation) return waiting('its controller has not seen the present spec yet');
  if (found.status === 'True') return ready();
  return waiting(explain(found), { ...(found.reason !== undefined && { reason: found.reason }), ...since(found.lastTransitionTime) });
}
