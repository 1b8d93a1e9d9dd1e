// The log of a container, or the API server's answer when there is none to be had.

import type { FollowLogOptions, LogLine, LogOptions } from '../../src/drivers/cluster/cluster.ts';
import { kinds, type KubernetesObject } from '../../src/drivers/cluster/objects.ts';
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
  const lines = timedLines(podBehaviour(inside, pod).log ?? '').filter(({ text }) => text !== '✂');
  return lines.slice(-tailLines).map(({ text }) => `${text}\n`).join('');
}

/** The scenario's lines, each when it is written (see Behaviour.log); ends when the container has ended. */
export async function* followedLog(inside: Inside, place: { readonly namespace: string; readonly pod: string }, { container, since, signal }: FollowLogOptions): AsyncGenerator<LogLine, void> {
  const find = (): KubernetesObject | undefined => inside.store.get(kinds.pod, place.namespace, place.pod);
  const pod = find();
  if (pod === undefined) throw new DriverError({ reason: 'notFound', attempted: `following the log of ${place.pod}`, detail: '404: pod not found' });
  containerLog(inside, pod, { container, tailLines: 1 });
  for (const { afterMs, text } of timedLines(podBehaviour(inside, pod).log ?? '')) {
    const at = Date.parse(pod.metadata.creationTimestamp ?? '') + afterMs;
    while (inside.clock.now() < at && !hasEnded(find())) await inside.clock.sleep(Math.min(100, at - inside.clock.now()), signal);
    // A container that has ended, or whose pod is gone, writes nothing more.
    if (inside.clock.now() < at) return;
    const line = { at: new Date(at).toISOString(), text };
    if (text === '✂' && isFirstCut(inside, `${place.pod} ${line.at}`)) throw new DriverError({ reason: 'unavailable', attempted: `following the log of ${place.pod}`, detail: 'simulated: cut' });
    if (text !== '✂' && (since === undefined || `${line.at.slice(0, 19)}Z` >= `${since.slice(0, 19)}Z`)) yield line;
  }
  while (!hasEnded(find())) await inside.clock.sleep(100, signal);
}

const cuts = new WeakMap<Inside, Set<string>>();

/** Whoever comes again is not cut at the same place. */
function isFirstCut(inside: Inside, place: string): boolean {
  const known = cuts.get(inside) ?? new Set();
  cuts.set(inside, known);
  const isFirst = !known.has(place);
  known.add(place);
  return isFirst;
}

function timedLines(log: string): readonly { readonly afterMs: number; readonly text: string }[] {
  let afterMs = 1_000;
  return log.split('\n').filter((line) => line !== '').map((line) => {
    const [, more, text] = /^\+(\d+) (.*)$/.exec(line) ?? [undefined, '0', line];
    afterMs += Number(more);
    return { afterMs, text: text ?? '' };
  });
}

function hasEnded(pod: KubernetesObject | undefined): boolean {
  const { phase } = (pod?.['status'] ?? {}) as { readonly phase?: string };
  return pod === undefined || phase === 'Succeeded' || phase === 'Failed';
}

function refused(pod: KubernetesObject, detail: string): DriverError {
  return new DriverError({ reason: 'invalid', attempted: `reading the log of Pod ${pod.metadata.name}`, detail: `400: ${detail}` });
}
