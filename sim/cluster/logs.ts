// The log of a container, or the API server's answer when there is none to be had.

import type { LogOptions } from '../../src/drivers/cluster/cluster.ts';
import type { KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { DriverError } from '../../src/drivers/failure.ts';
import type { Inside } from './inside.ts';
import { podBehaviour } from './pods.ts';

interface ContainerStatus {
  readonly name: string;
  readonly state: { readonly waiting?: { readonly reason: string } };
  readonly lastState: { readonly terminated?: object };
}

export function containerLog(inside: Inside, pod: KubernetesObject, options: LogOptions): string {
  const { container, tailLines, previous = false } = options;
  const statuses = (pod['status'] as { readonly containerStatuses?: readonly ContainerStatus[] } | undefined)?.containerStatuses ?? [];
  const status = container === undefined ? statuses[0] : statuses.find(({ name }) => name === container);
  const hasRun = status?.lastState.terminated !== undefined;
  const isStarted = status !== undefined && (status.state.waiting === undefined || hasRun);
  const name = container ?? status?.name ?? '';
  if (previous && !hasRun) throw refused(pod, `previous terminated container "${name}" in pod "${pod.metadata.name}" not found`);
  if (!isStarted) throw refused(pod, `container "${name}" in pod "${pod.metadata.name}" is waiting to start: ${status?.state.waiting?.reason ?? 'unknown'}`);
  const lines = (podBehaviour(inside, pod).log ?? '').split('\n').filter((line) => line !== '');
  return lines.slice(-tailLines).map((line) => `${line}\n`).join('');
}

function refused(pod: KubernetesObject, detail: string): DriverError {
  return new DriverError({ reason: 'invalid', attempted: `reading the log of Pod ${pod.metadata.name}`, detail: `400: ${detail}` });
}
