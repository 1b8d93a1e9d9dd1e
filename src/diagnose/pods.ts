// Which pods do not run, and why. Pure.

import { crashLog, allContainers } from '../readiness/containers.ts';
import { conditionIs } from '../readiness/conditions.ts';
import type { Node, Pod } from '../readiness/pod-shapes.ts';
import { podStory } from '../readiness/pod.ts';
import { since, type LogSource, type Opinion, type Surroundings } from '../readiness/verdict.ts';
import type { PodFinding } from './diagnosis.ts';
import { nodesAgainst } from './room.ts';

export interface TroubledPod {
  readonly finding: PodFinding;
  /** Where its story is to be read on, if a container has crashed. */
  readonly log: LogSource | undefined;
}

export interface PodWorld extends Surroundings {
  readonly nodes: readonly Node[] | undefined;
  /** All pods of the cluster, undefined when they are not known. */
  readonly everywhere: readonly Pod[] | undefined;
}

export function troubledPods(world: PodWorld): readonly TroubledPod[] {
  return world.pods.flatMap((pod) => {
    const story = pod.metadata.deletionTimestamp === undefined ? podStory(pod, world) : terminating(pod);
    return story === undefined ? [] : [{ finding: describe(pod, story, world), log: story.logOf ?? logOf(pod) }];
  });
}

function terminating({ metadata }: Pod): Opinion {
  const holders = metadata.finalizers ?? [];
  const message = holders.length === 0 ? 'it is being deleted' : `it is being deleted, and held by ${holders.join(', ')}`;
  return { state: 'waiting', message, reason: 'Terminating', ...since(metadata.deletionTimestamp) };
}

function describe(pod: Pod, story: Opinion, { nodes, everywhere }: PodWorld): PodFinding {
  const hasNoNode = conditionIs(pod.status, 'PodScheduled', 'False') !== undefined;
  return {
    name: pod.metadata.name,
    state: stateOf(pod, story),
    // The nodes are listed one by one below: the scheduler's own summary says what they do not.
    why: hasNoNode ? `no node: ${conditionIs(pod.status, 'PodScheduled', 'False')?.message ?? 'the scheduler has not said why'}` : story.message,
    ...since(story.since),
    ...(hasNoNode && nodes !== undefined && { nodes: nodesAgainst(pod, nodes, everywhere) }),
  };
}

function stateOf({ status }: Pod, { reason }: Opinion): string {
  if (reason !== undefined) return reason;
  return status?.phase === 'Running' ? 'NotReady' : (status?.phase ?? 'Pending');
}

/** Also of a container that runs again: why it crashed before is what the operator wants to know. */
function logOf(pod: Pod): LogSource | undefined {
  const crashed = allContainers(pod).find(({ state, lastState, ready }) => ready !== true && ((state?.terminated ?? lastState?.terminated)?.exitCode ?? 0) !== 0);
  return crashed && crashLog(crashed, pod);
}
