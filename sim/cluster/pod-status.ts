// The status of a pod as a kubelet writes it, from the little that a scenario says. Pure but for the time.

import type { KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { isoTime, type Inside } from './inside.ts';
import { readyCondition } from './templates.ts';

export interface PodState {
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
  readonly ready?: boolean;
  /** Reason that the containers wait for: `ContainerCreating`, `ImagePullBackOff`, … */
  readonly waiting?: string | undefined;
  readonly message?: string;
  /** The containers have ended with this code. */
  readonly exitCode?: number;
  /** The containers before the present ones ended with this code. */
  readonly lastExitCode?: number;
  readonly restarts?: number;
  /** The kubelet has evicted it, and says why. */
  readonly evicted?: string;
}

interface KnownStatus {
  readonly podIP?: string;
  readonly startTime?: string;
}

export function podStatus(inside: Inside, pod: KubernetesObject, state: PodState): object {
  const { podIP = inside.addresses.pod(), startTime = isoTime(inside.clock) } = (pod['status'] ?? {}) as KnownStatus;
  const { containers } = pod['spec'] as { readonly containers: readonly { readonly name: string; readonly image?: string }[] };
  const ready = state.ready === true;
  return {
    phase: state.phase,
    ...(state.evicted === undefined ? {} : { reason: 'Evicted', message: state.evicted }),
    conditions: [
      ...(state.evicted === undefined ? [] : [{ type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message: state.evicted, lastTransitionTime: isoTime(inside.clock) }]),
      { type: 'PodReadyToStartContainers', status: 'True', lastTransitionTime: startTime },
      { type: 'PodScheduled', status: 'True', lastTransitionTime: startTime },
      { type: 'Initialized', status: 'True', lastTransitionTime: startTime },
      { type: 'ContainersReady', status: ready ? 'True' : 'False', ...why(state, containers), lastTransitionTime: since(inside, pod, { ready }) },
      { type: 'Ready', status: ready ? 'True' : 'False', ...why(state, containers), lastTransitionTime: since(inside, pod, { ready }) },
    ],
    hostIP: '10.0.0.1',
    podIP,
    podIPs: [{ ip: podIP }],
    startTime,
    qosClass: 'Burstable',
    containerStatuses: containers.map(({ name, image = '' }) => ({
      name,
      image,
      ready,
      started: state.phase === 'Running' && state.waiting === undefined,
      restartCount: state.restarts ?? 0,
      state: containerState(inside, state, startTime),
      lastState: state.lastExitCode === undefined ? {} : { terminated: terminated(inside, state.lastExitCode, startTime) },
    })),
  };
}

function why({ ready, phase }: PodState, containers: readonly { readonly name: string }[]): object {
  if (ready === true) return {};
  if (phase === 'Succeeded') return { reason: 'PodCompleted' };
  if (phase === 'Failed') return { reason: 'PodFailed' };
  return { reason: 'ContainersNotReady', message: `containers with unready status: [${containers.map(({ name }) => name).join(' ')}]` };
}

function since(inside: Inside, pod: KubernetesObject, { ready }: { readonly ready: boolean }): string {
  const before = readyCondition(pod);
  return before !== undefined && (before.status === 'True') === ready ? before.lastTransitionTime : isoTime(inside.clock);
}

function containerState(inside: Inside, { waiting, message, exitCode }: PodState, startedAt: string): object {
  if (waiting !== undefined) return { waiting: { reason: waiting, ...(message === undefined ? {} : { message }) } };
  if (exitCode !== undefined) return { terminated: terminated(inside, exitCode, startedAt) };
  return { running: { startedAt } };
}

function terminated(inside: Inside, exitCode: number, startedAt: string): object {
  return { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', startedAt, finishedAt: isoTime(inside.clock) };
}
