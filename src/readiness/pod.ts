// Pods. One that belongs to a controller may come and go; what cannot get better is told here first, because here the cause is.

import { condition, conditionIs } from './conditions.ts';
import { allContainers, containerTrouble, crashLog, describeEnd } from './containers.ts';
import { latestEvent } from './events.ts';
import type { ContainerStatus, Pod } from './pod-shapes.ts';
import { unschedulable } from './scheduling.ts';
import { failed, ready, since, waiting, type Opinion, type Surroundings } from './verdict.ts';

export function judgePod(pod: Pod, seen: Surroundings): Opinion {
  const story = podStory(pod, seen);
  const owner = ownerKind(pod);
  if (story === undefined) return ready();
  // A controller replaces its failed pods, and says itself what it lacks.
  if (pod.status?.phase === 'Failed' && owner !== undefined) return ready('it has failed; its controller replaces it');
  // A Job counts the crashes of its pods itself, but knows nothing of images and nodes.
  if (owner === 'Job' && (story.state !== 'failed' || story.reason === 'CrashLoopBackOff')) return ready('its Job tells');
  return story;
}

/** What is the matter with it, whoever may mind; undefined when it is ready or has ended well. */
export function podStory(pod: Pod, seen: Surroundings): Opinion | undefined {
  if (pod.status?.phase === 'Succeeded') return undefined;
  if (pod.status?.phase === 'Failed') return ended(pod);
  const trouble = unschedulable(pod, seen) ?? containerTrouble(pod, seen);
  if (trouble?.state === 'failed') return trouble;
  if (conditionIs(pod.status, 'Ready', 'True') !== undefined) return undefined;
  return trouble ?? starting(pod, seen);
}

/** The kind of the controller that made it, or undefined for a pod of its own. */
export function ownerKind({ metadata }: Pod): string | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller === true)?.kind;
}

function ended(pod: Pod): Opinion {
  const { reason, message } = pod.status ?? {};
  const crashed = allContainers(pod).find(({ state }) => (state?.terminated?.exitCode ?? 0) !== 0);
  const end = crashed?.state?.terminated;
  const story = message ?? (end === undefined ? 'it has failed' : `container ${crashed?.name} ended with ${describeEnd(end)}`);
  return failed(story, { reason: reason ?? 'Failed', ...since(end?.finishedAt), ...(crashed && { logOf: crashLog(crashed, pod) }) });
}

const slowStarts = ['Unhealthy', 'FailedMount', 'FailedAttachVolume', 'FailedCreatePodSandBox', 'NetworkNotReady'];

function starting(pod: Pod, { events }: Surroundings): Opinion {
  const facts = since((condition(pod.status, 'Ready') ?? condition(pod.status, 'PodScheduled'))?.lastTransitionTime);
  const hint = latestEvent(pod, events, slowStarts)?.message?.trim();
  return waiting(`${describeStart(pod)}${hint === undefined ? '' : ` (${hint})`}`, facts);
}

function describeStart(pod: Pod): string {
  const slow = allContainers(pod).find((container) => !isUp(container));
  if (slow === undefined) return 'it has not been looked at by its node yet';
  const { waiting: waits, terminated, running } = slow.state ?? {};
  if (terminated !== undefined) return `container ${slow.name} ended with ${describeEnd(terminated)}`;
  if (running !== undefined) return `container ${slow.name} runs, and is not ready yet`;
  return `container ${slow.name}: ${waits?.reason ?? 'not started yet'}`;
}

function isUp({ ready: isReady, state }: ContainerStatus): boolean {
  return isReady === true || state?.terminated?.exitCode === 0;
}
