// I2, one writer: what a process changes outside, it changes while it holds the lease as it is stored. A write that is refused, or
// that changes nothing, is harmless; notifications change nothing.

import { kinds, type KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { annotations } from '../../src/plan/ownership.ts';
import type { Traffic } from '../requests.ts';
import type { RunRecord } from '../../src/run/record.ts';
import { heldOf, type Held, type Locks } from './locks.ts';
import { isRequest, succeeded, type Invariant, type Scene } from './scene.ts';

export const oneWriter: Invariant = (scene) => {
  watchWrites(scene);
  watchLease(scene);
  watchHandLock(scene);
  return undefined;
};

function watchWrites({ production: { world, names }, locks, violate }: Scene): void {
  const suspects = new Map<number, string>();
  const state = (): string => [world.cluster.inside.store.version, ...names.map((name) => JSON.stringify(world.dns.held(name)))].join(' ');
  world.onTraffic((traffic) => {
    const { request, moment } = traffic;
    if (!request.writes || tells(traffic) || beforeTheLock(traffic)) return;
    if (moment === 'arrives' && !locks.isHeldBy(request.process)) suspects.set(request.index, state());
    const before = moment === 'done' ? suspects.get(request.index) : undefined;
    if (before === undefined || !succeeded(traffic) || before === state() || isIdle(traffic, locks)) return;
    violate(`process ${request.process} changed something without holding the lease (${describe(locks.stored)} does): ${request.text}`);
  });
}

/** By webhook, or as an Event. */
function tells({ request, input: [kind] }: Traffic): boolean {
  return request.driver === 'notify' || (isRequest(request, 'cluster', 'create') && (kind as { readonly kind?: string }).kind === kinds.event.kind);
}

/** A new object: there is nothing that its creation could be compared with. Sent under the lease and overtaken on its way, it may do no harm. */
function isIdle({ request, input }: Traffic, locks: Locks): boolean {
  if (!isRequest(request, 'cluster', 'create') || !locks.wasHeldBy(request.process, request.at)) return false;
  const [{ kind }, object] = input as [{ readonly kind?: string }, KubernetesObject];
  if (kind === kinds.configMap.kind) return isIdleDraft(object);
  return kind === kinds.namespace.kind && isIdleCandidate(object, locks.takenBy(request.process));
}

/**
 * The record says that nothing has begun: no later run goes on with it, and its writer's next change of it is compared, with whatever
 * they made of it.
 */
function isIdleDraft({ data }: KubernetesObject): boolean {
  const { record } = (data ?? {}) as { readonly record?: string };
  if (record === undefined) return false;
  const { steps } = JSON.parse(record) as Pick<RunRecord, 'steps'>;
  return steps.every(({ state }) => state === 'pending');
}

/** Nothing is in it, nobody is led there, and it tells of which run and epoch it is: the next run clears it away, which I6 sees to. */
function isIdleCandidate({ metadata }: KubernetesObject, taken: Held | undefined): boolean {
  const marks = metadata.annotations ?? {};
  return marks[annotations.state] === 'candidate' && marks[annotations.run] !== undefined && marks[annotations.epoch] === String(taken?.epoch);
}

/** The lease itself, and the namespace that it lives in. Whether that was right is looked at in the lease. */
function beforeTheLock({ input, request }: Traffic): boolean {
  if (request.driver !== 'cluster') return false;
  const [kind, object] = input as [{ readonly kind?: string }, KubernetesObject];
  return kind.kind === kinds.lease.kind || (kind.kind === kinds.namespace.kind && request.method === 'create' && object.metadata.labels?.['changeover.dev/environment'] === undefined);
}

/**
 * Nobody takes it from a holder that lives: its last renewal is as old as the lease lasts, by the world's clock. The holder itself may: it
 * believed that it had lost it, and begins anew under a higher epoch.
 */
function watchLease({ production: { world }, locks, violate }: Scene): void {
  let before: Held = locks.stored;
  let renewedAt = world.clock.now();
  let writer = 0;
  world.onTraffic(({ request, moment, input: [kind] }) => {
    if (moment === 'arrives' && request.writes && (kind as { readonly kind?: string } | undefined)?.kind === kinds.lease.kind) writer = request.process;
  });
  const isOwn = (): boolean => {
    const taken = locks.takenBy(writer);
    return taken?.holder === before.holder && taken.epoch === before.epoch;
  };
  world.cluster.inside.store.subscribe(({ kind, object, type }) => {
    if (kind.kind !== kinds.lease.kind || type === 'DELETED') return;
    const now = heldOf(object);
    const silentMs = world.clock.now() - renewedAt;
    const isTaken = now.holder !== '' && (now.holder !== before.holder || now.epoch !== before.epoch);
    if (isTaken && now.epoch <= before.epoch) violate(`${describe(now)} took the lease of ${describe(before)} without a higher epoch`);
    // The lease is written in whole seconds, and a renewal counts from when it was sent.
    if (isTaken && before.holder !== '' && !isOwn() && silentMs < before.durationMs - 1_000) violate(`${describe(now)} took the lease of ${describe(before)}, which had renewed it ${silentMs} ms before`);
    if (isTaken || now.renewTime !== before.renewTime) renewedAt = world.clock.now();
    before = now;
  });
}

/** Whoever takes the lease when it is locked by hand sees that in it, and begins nothing. */
function watchHandLock({ production: { world }, locks, violate }: Scene): void {
  const takenAt = new Map<number, number>();
  let lockedSince: number | undefined;
  world.cluster.inside.store.subscribe(({ kind, object, type }) => {
    if (kind.kind !== kinds.lease.kind) return;
    const isLocked = type !== 'DELETED' && object.metadata.annotations?.['changeover.dev/locked'] !== undefined;
    lockedSince = isLocked ? (lockedSince ?? world.clock.now()) : undefined;
  });
  world.onTraffic((traffic) => {
    const { request: { driver, process, text }, moment } = traffic;
    if (driver !== 'cluster' || moment !== 'done' || !succeeded(traffic)) return;
    if (!takenAt.has(process) && locks.takenBy(process) !== undefined) takenAt.set(process, world.clock.now());
    const isRecord = text.startsWith('cluster.create configmaps') && isRecordOf(traffic);
    if (isRecord && lockedSince !== undefined && (takenAt.get(process) ?? 0) > lockedSince) violate(`process ${process} has begun a run although somebody had locked the environment by hand: ${text}`);
  });
}

function isRecordOf({ input }: Traffic): boolean {
  return (input[1] as KubernetesObject).metadata.labels?.['changeover.dev/record'] === 'run';
}

function describe({ holder, epoch }: Held): string {
  return holder === '' ? 'nobody' : `${holder} (epoch ${epoch})`;
}
