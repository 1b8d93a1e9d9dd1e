// Reading `status.conditions`, and whether a controller has looked at the present generation at all.

import type { KubernetesObject } from '../drivers/cluster/objects.ts';
import type { Condition, Conditioned } from './shapes.ts';
import { waiting, type Opinion } from './verdict.ts';

export function condition(status: Conditioned | undefined, type: string): Condition | undefined {
  return status?.conditions?.find((candidate) => candidate.type === type);
}

export function conditionIs(status: Conditioned | undefined, type: string, value: 'True' | 'False'): Condition | undefined {
  const found = condition(status, type);
  return found?.status === value ? found : undefined;
}

/** A status that was written for an earlier spec says nothing about this one. */
export function notObservedYet(object: KubernetesObject, status: Conditioned | undefined): Opinion | undefined {
  const { generation } = object.metadata;
  if (generation === undefined || (status?.observedGeneration ?? 0) >= generation) return undefined;
  return waiting('its controller has not seen the present spec yet');
}

/** `Reason: message`, as much of it as there is. */
export function explain({ type, reason, message }: Condition): string {
  const parts = [reason ?? type, message].filter((part) => part !== undefined && part !== '');
  return parts.join(': ');
}
