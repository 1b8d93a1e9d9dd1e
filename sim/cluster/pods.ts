// Scheduler and kubelet: one pod from Pending to what its scenario says, with the statuses a kubelet writes.

import type { KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { behaviourOf } from '../behaviour.ts';
import type { Controller } from './controllers.ts';
import { isoTime, present, recordEvent, setStatus, type Inside } from './inside.ts';
import { statusOf } from './defaults.ts';
import { podStatus, type PodState } from './pod-status.ts';
import { phaseOf, topOwner } from './templates.ts';
import { claimsOf } from './volumes.ts';

type PodBehaviour = ReturnType<typeof behaviourOf>;

export function podBehaviour(inside: Inside, pod: KubernetesObject): PodBehaviour {
  return behaviourOf(topOwner(inside, pod), inside.behaviours);
}

export const pods: Controller = {
  kind: kinds.pod,
  concerned: (inside, { kind, object }) => (kind.kind === 'PersistentVolumeClaim' ? inside.store.all(kinds.pod, object.metadata.namespace) : []),
  reconcile: (inside, pod) => {
    const isScheduled = (pod['spec'] as { readonly nodeName?: string }).nodeName !== undefined;
    if (isScheduled || pod.metadata.deletionTimestamp !== undefined) return;
    const reason = unschedulableBecause(inside, pod);
    if (reason === undefined) start(inside, pod);
    else remainPending(inside, pod, reason);
  },
};

function unschedulableBecause(inside: Inside, pod: KubernetesObject): string | undefined {
  if (podBehaviour(inside, pod).outcome === 'unschedulable') return '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.';
  const isBound = (name: string): boolean => {
    const claim = inside.store.get(kinds.persistentVolumeClaim, pod.metadata.namespace, name);
    return (claim?.['status'] as { readonly phase?: string } | undefined)?.phase === 'Bound';
  };
  return claimsOf(pod).every(isBound) ? undefined : '0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.';
}

function remainPending(inside: Inside, pod: KubernetesObject, message: string): void {
  const { conditions: known = [] } = statusOf<{ readonly conditions: readonly { readonly message?: string }[] }>(pod);
  if (known.some((condition) => condition.message === message)) return;
  const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message, lastTransitionTime: isoTime(inside.clock) }];
  setStatus(inside, pod, { phase: 'Pending', conditions, qosClass: 'Burstable' });
  recordEvent(inside, pod, { type: 'Warning', reason: 'FailedScheduling', message });
}

function start(inside: Inside, pod: KubernetesObject): void {
  const placed = inside.store.put(kinds.pod, { ...pod, spec: { ...(pod['spec'] as object), nodeName: 'node-1' } });
  const { afterMs, outcome } = podBehaviour(inside, pod);
  become(inside, placed, { phase: 'Pending', waiting: 'ContainerCreating' });
  if (outcome === 'imagePull') return failToPull(inside, placed, afterMs);
  const runsAfterMs = Math.min(500, afterMs / 2);
  inside.clock.after(runsAfterMs, () => become(inside, placed, { phase: 'Running', ready: false }));
  evictInTime(inside, placed);
  if (outcome === 'crashLoop') return crash(inside, placed, { afterMs, restarts: 0 });
  if (outcome === 'never') return;
  inside.clock.after(afterMs, () => settle(inside, placed));
}

/** A Job's pod has ended; any other is ready, until its scenario breaks it. */
function settle(inside: Inside, pod: KubernetesObject): void {
  const { outcome, breaksAfterMs, flaps, exitCode = 1 } = podBehaviour(inside, pod);
  if (topOwner(inside, pod).kind === 'Job') {
    become(inside, pod, outcome === 'fails' ? { phase: 'Failed', exitCode } : { phase: 'Succeeded', exitCode: 0 });
    return;
  }
  if (outcome === 'fails') return crash(inside, pod, { afterMs: 0, restarts: 0 });
  become(inside, pod, { phase: 'Running', ready: true });
  if (breaksAfterMs !== undefined) {
    inside.clock.after(breaksAfterMs, () => {
      if (podBehaviour(inside, pod).breaksAfterMs !== undefined) turn(inside, pod, { ready: false });
    });
  }
  if (flaps !== undefined) flap(inside, pod, { ...flaps, ready: false });
}

interface Flap {
  readonly everyMs: number;
  readonly times: number;
  readonly ready: boolean;
}

function flap(inside: Inside, pod: KubernetesObject, { everyMs, times, ready }: Flap): void {
  if (times === 0) return;
  inside.clock.after(everyMs, () => {
    // One that was mended meanwhile stays as it is.
    if (!ready && podBehaviour(inside, pod).flaps === undefined) return;
    turn(inside, pod, { ready });
    flap(inside, pod, { everyMs, times: ready ? times - 1 : times, ready: !ready });
  });
}

/** Of its own: whoever is asked then does not answer, and it is nobody's doing. */
function turn(inside: Inside, pod: KubernetesObject, { ready }: { readonly ready: boolean }): void {
  const { uid = '' } = pod.metadata;
  if (ready) inside.ailing.set(uid, inside.clock.now() + inside.timing.reachableAfterMs);
  else inside.ailing.set(uid, Infinity);
  become(inside, pod, { phase: 'Running', ready });
}

/** Pods that have broken are ready again, as if somebody had mended what they need. */
export function mend(inside: Inside): void {
  const broken = inside.store.all(kinds.pod).filter(({ metadata: { uid = '' } }) => inside.ailing.get(uid) === Infinity);
  for (const pod of broken) turn(inside, pod, { ready: true });
}

function evictInTime(inside: Inside, pod: KubernetesObject): void {
  const { evictedAfterMs, evictions = 1 } = podBehaviour(inside, pod);
  const top = topOwner(inside, pod);
  if (evictedAfterMs === undefined || (inside.evictions.get(top.metadata.uid ?? '') ?? 0) >= evictions) return;
  inside.evictions.set(top.metadata.uid ?? '', (inside.evictions.get(top.metadata.uid ?? '') ?? 0) + 1);
  inside.clock.after(evictedAfterMs, () => evict(inside, pod));
}

/** As a kubelet does whose node is short of memory: the pod stays, failed, and its owner makes another. */
export function evict(inside: Inside, pod: KubernetesObject): void {
  become(inside, pod, { phase: 'Failed', exitCode: 137, evicted: 'The node was low on resource: memory.' });
}

function failToPull(inside: Inside, pod: KubernetesObject, afterMs: number): void {
  const image = (pod['spec'] as { readonly containers: readonly { readonly image?: string }[] }).containers[0]?.image ?? 'missing:latest';
  const message = `Failed to pull image "${image}": not found`;
  inside.clock.after(afterMs, () => {
    become(inside, pod, { phase: 'Pending', waiting: 'ErrImagePull', message });
    if (present(inside, kinds.pod, pod) !== undefined) recordEvent(inside, pod, { type: 'Warning', reason: 'Failed', message });
  });
  inside.clock.after(afterMs + 1_000, () => become(inside, pod, { phase: 'Pending', waiting: 'ImagePullBackOff', message: `Back-off pulling image "${image}"` }));
}

interface Crash {
  readonly afterMs: number;
  readonly restarts: number;
}

/** The kubelet starts it again at once the first time, then after 10, 20, 40 s; the scenario has seen enough after five. */
function crash(inside: Inside, pod: KubernetesObject, { afterMs, restarts }: Crash): void {
  inside.clock.after(afterMs, () => {
    become(inside, pod, { phase: 'Running', waiting: restarts === 0 ? undefined : 'CrashLoopBackOff', lastExitCode: 1, restarts: restarts + 1 });
    if (restarts < 5 && present(inside, kinds.pod, pod) !== undefined) crash(inside, pod, { afterMs: restarts === 0 ? 1_000 : 10_000 * 2 ** (restarts - 1), restarts: restarts + 1 });
  });
}

function become(inside: Inside, pod: KubernetesObject, state: PodState): void {
  const found = present(inside, kinds.pod, pod);
  if (found === undefined || found.metadata.deletionTimestamp !== undefined || hasEnded(found)) return;
  const { uid = '' } = pod.metadata;
  if (state.ready !== true) inside.readySince.delete(uid);
  else if (!inside.readySince.has(uid)) inside.readySince.set(uid, inside.clock.now());
  setStatus(inside, found, podStatus(inside, found, state));
}

/** Of a pod that runs, for other reasons than its scenario's. */
export function setReadiness(inside: Inside, pod: KubernetesObject, { ready }: { readonly ready: boolean }): void {
  if (phaseOf(pod) === 'Running') become(inside, pod, { phase: 'Running', ready });
}

/** What has ended stays as it ended, whatever its scenario had in store for it. */
function hasEnded(pod: KubernetesObject): boolean {
  return ['Succeeded', 'Failed'].includes(phaseOf(pod));
}

/** Of a pod that ends when somebody outside says so. */
export function endPod(inside: Inside, pod: KubernetesObject, exitCode: number): void {
  become(inside, pod, { phase: exitCode === 0 ? 'Succeeded' : 'Failed', exitCode });
}

/** Turns ready pods unready, as a fault after the installation does. Returns how many. */
export function breakPods(inside: Inside, namespace: string): number {
  const broken = inside.store.all(kinds.pod, namespace);
  for (const pod of broken) become(inside, pod, { phase: 'Running', ready: false });
  return broken.length;
}
