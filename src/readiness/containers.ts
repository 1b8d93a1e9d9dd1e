// What the containers of a pod say about themselves, worst first.

import { eventCount, eventTimestamp, eventsAbout } from './events.ts';
import { isHopeless, type Tries } from './patience.ts';
import type { ContainerStatus, Pod, Termination } from './pod-shapes.ts';
import type { Event } from './shapes.ts';
import { failed, since, waiting, type LogSource, type Opinion, type Surroundings } from './verdict.ts';

/** The trouble of the first container that has one; undefined when all run, have ended well, or are merely starting. */
export function containerTrouble(pod: Pod, seen: Surroundings): Opinion | undefined {
  const opinions = allContainers(pod).map((container) => troubleOf(container, pod, seen)).filter((opinion) => opinion !== undefined);
  return opinions.find(({ state }) => state === 'failed') ?? opinions[0];
}

export function allContainers({ status }: Pod): readonly ContainerStatus[] {
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
}

/** `exit code 137 (OOMKilled)` */
export function describeEnd({ exitCode, reason, message }: Termination): string {
  const [line] = (message ?? '').trim().split('\n');
  const words = [reason === 'Error' || reason === 'Completed' ? undefined : reason, line].filter(Boolean).join(': ');
  return words === '' ? `exit code ${exitCode}` : `exit code ${exitCode} (${words})`;
}

function troubleOf(container: ContainerStatus, pod: Pod, seen: Surroundings): Opinion | undefined {
  const reason = container.state?.waiting?.reason;
  switch (reason) {
    case 'InvalidImageName':
    case 'ErrImageNeverPull':
      return failed(describeWaiting(container), { reason, ...since(pod.status?.startTime) });
    case 'ErrImagePull':
    case 'ImagePullBackOff':
      return pullTrouble(container, pod, seen);
    case 'CreateContainerConfigError':
    case 'CreateContainerError':
      return repeated(container, { pod, seen, told: container.state?.waiting?.message ?? '' });
    default:
      return crashLoop(container, pod, seen);
  }
}

// The registry has answered, and will say the same again. Anything else (no answer, no such host yet) gets more tries.
const definiteRefusal = /not found|manifest unknown|does not exist|denied|unauthorized|authentication required|forbidden|invalid reference/i;

function pullTrouble(container: ContainerStatus, pod: Pod, seen: Surroundings): Opinion {
  const told = 'Failed to pull image';
  // In back-off, older kubelets tell the cause in Events only.
  const messages = [container.state?.waiting?.message, ...failedEvents(pod, seen, told).map(({ message }) => message)];
  if (!messages.some((message) => definiteRefusal.test(message ?? ''))) return repeated(container, { pod, seen, told });
  return failed(describeWaiting(container), { reason: container.state?.waiting?.reason ?? '', ...since(pod.status?.startTime) });
}

interface Repetition {
  readonly pod: Pod;
  readonly seen: Surroundings;
  /** What the kubelet's Events say at each try. */
  readonly told: string;
}

/** Tried again by the kubelet every few seconds; its Events count the tries. */
function repeated(container: ContainerStatus, { pod, seen, told }: Repetition): Opinion {
  const events = failedEvents(pod, seen, told);
  const count = events.map(eventCount).reduce((sum, times) => sum + times, 0);
  const last = events.at(-1);
  const facts = { reason: container.state?.waiting?.reason ?? '', ...since(pod.status?.startTime) };
  return giveUpOrWait(describeWaiting(container), { pod, seen, facts, tries: { count, lastBegan: last && eventTimestamp(last) } });
}

function failedEvents(pod: Pod, { events }: Surroundings, told: string): readonly Event[] {
  return eventsAbout(pod, events).filter(({ reason, message }) => reason === 'Failed' && message?.includes(told) === true);
}

function crashLoop(container: ContainerStatus, pod: Pod, seen: Surroundings): Opinion | undefined {
  const end = crashOf(container);
  if (end === undefined) return undefined;
  const restarts = container.restartCount ?? 0;
  const message = `container ${container.name} crashes: ${restarts} restarts, last with ${describeEnd(end)}`;
  const facts = { reason: 'CrashLoopBackOff', ...since(end.finishedAt), logOf: crashLog(container, pod) };
  return giveUpOrWait(message, { pod, seen, facts, tries: { count: restarts, lastBegan: end.startedAt ?? end.finishedAt } });
}

/** The kubelet may leave a crashed container `terminated` for most of its back-off: the word CrashLoopBackOff comes late. */
function crashOf({ state, lastState }: ContainerStatus): Termination | undefined {
  const { waiting: waits, terminated } = state ?? {};
  if (terminated !== undefined) return terminated.exitCode === 0 ? undefined : terminated;
  return waits?.reason === 'CrashLoopBackOff' || waits?.reason === 'RunContainerError' ? lastState?.terminated : undefined;
}

/** In back-off the crashed run is the "previous" one already, and stays it when the next begins before the log is read. */
export function crashLog({ name, state }: ContainerStatus, pod: Pod): LogSource {
  return { pod: pod.metadata.name, container: name, previous: state?.terminated === undefined };
}

interface Judged {
  readonly pod: Pod;
  readonly seen: Surroundings;
  readonly tries: Tries;
  readonly facts: { readonly reason: string };
}

function giveUpOrWait(message: string, { pod, seen, tries, facts }: Judged): Opinion {
  return isHopeless(pod, tries, seen) ? failed(message, facts) : waiting(message, facts);
}

function describeWaiting({ name, image, state }: ContainerStatus): string {
  const { reason, message } = state?.waiting ?? {};
  const of = /Image/.test(reason ?? '') ? `image ${image ?? '?'} of container ${name}` : `container ${name}`;
  // The kubelet repeats the image and the reason in front of the cause.
  const cause = message?.replace(/^Back-off pulling image "[^"]*":? ?(ErrImagePull: )?/, '').trim();
  return `${of}: ${reason ?? 'waiting'}${cause ? ` (${cause})` : ''}`;
}
