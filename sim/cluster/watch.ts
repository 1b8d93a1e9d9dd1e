// One watch request: what happened since a version, then what happens, with bookmarks, until the server closes it.

import type { WatchEvent } from '../../src/drivers/cluster/cluster.ts';
import type { Kind, KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { watchSilenceMs } from '../../src/drivers/cluster/silence.ts';
import { DriverError } from '../../src/drivers/failure.ts';
import type { VirtualClock } from '../clock.ts';
import type { Inside } from './inside.ts';
import type { Change, ObjectStore } from './store.ts';

export interface WatchRequest {
  readonly kind: Kind;
  readonly namespace: string;
  readonly resourceVersion: string;
  readonly signal: AbortSignal;
}

const bookmarkEveryMs = 60_000;

export async function* watchChanges(inside: Inside, request: WatchRequest): AsyncGenerator<WatchEvent> {
  const { kind, namespace, resourceVersion, signal } = request;
  const { store, clock, random } = inside;
  const past = resourceVersion === '0' ? presentOnes(store, kind) : store.since(Number(resourceVersion));
  if (past === undefined) throw new DriverError({ reason: 'gone', attempted: `watching ${kind.plural}`, detail: '410: too old resource version' });
  const queue = new Queue<WatchEvent>();
  const add = (change: Change): void => {
    if (change.kind.plural === kind.plural && change.object.metadata.namespace === namespace) queue.push(eventOf(change));
  };
  past.forEach(add);
  const stops = [
    store.subscribe(add),
    // Of Events the API server keeps no cache, and hence sends no bookmarks: a quiet watch of them looks like a dead one.
    kind.kind === 'Event'
      ? whenSilent(queue, clock, () => queue.fail(silence(kind)))
      : repeat(bookmarkEveryMs, clock, () => queue.push({ type: 'BOOKMARK', resourceVersion: String(store.version) })),
    // kube-apiserver closes every watch after a random time between one and two times --min-request-timeout (30 min).
    clock.after(random.between(1_800_000, 3_600_000), () => queue.end()),
  ];
  signal.addEventListener('abort', () => queue.fail(signal.reason), { once: true });
  if (signal.aborted) queue.fail(signal.reason);
  try {
    for (let event = await queue.next(); event !== undefined; event = await queue.next()) yield event;
  } finally {
    for (const stop of stops) stop();
  }
}

function eventOf({ type, object }: Change): { readonly type: Change['type']; readonly object: KubernetesObject } {
  return { type, object };
}

/** From version 0, the server first tells what there is, in no version that it promises. */
function presentOnes(store: ObjectStore, kind: Kind): readonly Change[] {
  return store.all(kind).map((object) => ({ type: 'ADDED', kind, object, version: store.version, before: undefined }));
}

function silence({ plural }: Kind): DriverError {
  return new DriverError({ reason: 'timeout', attempted: `watching ${plural}`, detail: `nothing heard for ${watchSilenceMs / 1_000} s` });
}

function repeat(everyMs: number, clock: VirtualClock, action: () => void): () => void {
  let cancel = clock.after(everyMs, again);
  function again(): void {
    action();
    cancel = clock.after(everyMs, again);
  }
  return () => cancel();
}

/** Once. Looks when it may be so far, instead of setting a timer for each event. */
function whenSilent(queue: Queue<WatchEvent>, clock: VirtualClock, action: () => void): () => void {
  let heardAt = clock.now();
  queue.onPush = () => (heardAt = clock.now());
  let cancel = clock.after(watchSilenceMs, look);
  function look(): void {
    const leftMs = heardAt + watchSilenceMs - clock.now();
    if (leftMs <= 0) action();
    else cancel = clock.after(leftMs, look);
  }
  return () => cancel();
}

/** Holds what came until it is asked for. */
class Queue<T> {
  onPush: () => void = () => undefined;
  readonly #items: T[] = [];
  #end: { readonly error?: unknown } | undefined;
  #wake: () => void = () => undefined;

  push(item: T): void {
    this.#items.push(item);
    this.onPush();
    this.#wake();
  }

  end(): void {
    this.#end ??= {};
    this.#wake();
  }

  fail(error: unknown): void {
    this.#end = { error };
    this.#items.length = 0;
    this.#wake();
  }

  async next(): Promise<T | undefined> {
    while (this.#items.length === 0 && this.#end === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
    if (this.#end !== undefined && 'error' in this.#end) throw this.#end.error;
    return this.#items.shift();
  }
}
