// Follows all objects of some kinds in one namespace: list, then watch, for as long as it is open. It only reads.

import { failedWith } from '../drivers/failure.ts';
import type { ClusterReader } from '../drivers/cluster/cluster.ts';
import type { Kind } from '../drivers/cluster/objects.ts';
import type { Clock } from '../run/clock.ts';
import { MirrorStore, type Snapshot } from './store.ts';

export interface MirrorOptions {
  readonly cluster: Pick<ClusterReader, 'list' | 'watch'>;
  readonly namespace: string;
  readonly kinds: readonly Kind[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface Mirror {
  /** What is known at this moment, in no particular order. */
  snapshot(): Snapshot;
  /**
   * Resolves when something is newer than the snapshot of this version; rejects with the signal's reason when it aborts,
   * and with the DriverError when a kind may not be read (forbidden, invalid, no such kind), which does not pass.
   */
  changed(version: number, signal: AbortSignal): Promise<void>;
  /** Ends all watches; resolves when they have ended. */
  close(): Promise<void>;
}

export function openMirror(options: MirrorOptions): Mirror {
  const store = new MirrorStore(options.kinds);
  const closing = new AbortController();
  const signal = AbortSignal.any([options.signal, closing.signal]);
  const followers = options.kinds.map((kind) => follow(kind, { ...options, store, signal }));
  return {
    snapshot: () => store.snapshot(),
    changed: (version, asked) => unlessAborted(store.changedSince(version), asked),
    async close() {
      closing.abort();
      await Promise.all(followers);
    },
  };
}

interface Following extends MirrorOptions {
  readonly store: MirrorStore;
}

const firstPauseMs = 250;
const longestPauseMs = 10_000;

/** One kind, until the signal aborts. What was known stays, marked stale, until a new list has come. */
async function follow(kind: Kind, following: Following): Promise<void> {
  const { store, clock, signal } = following;
  try {
    for (let fruitless = 0; ; ) {
      fruitless = (await listAndWatch(kind, following)) ? 0 : fruitless + 1;
      store.markStale(kind);
      await clock.sleep(Math.min(longestPauseMs, firstPauseMs * 2 ** fruitless), signal);
    }
  } catch (error) {
    store.markStale(kind);
    if (!signal.aborted) store.fail(error);
  }
}

interface Thread {
  resourceVersion: string;
  /** Whether any watch brought anything. */
  heard: boolean;
}

/**
 * Lists, then watches until the thread is lost; whether it held for a while. Throws what does not pass. A long silence counts
 * too: of Events the API server keeps no cache and hence sends no bookmarks, so that their quiet watches time out again and again.
 */
async function listAndWatch(kind: Kind, following: Following): Promise<boolean> {
  const { cluster, namespace, store, clock, signal } = following;
  const thread: Thread = { resourceVersion: '', heard: false };
  const begunAt = clock.now();
  try {
    const list = await cluster.list(kind, { namespace });
    store.replace(kind, list);
    thread.resourceVersion = list.resourceVersion;
    // The server closes every watch now and then; the next one goes on from there, and nothing was missed.
    while (await watchOnce(kind, thread, following)) await clock.sleep(firstPauseMs, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!isPassing(error)) throw error;
  }
  return thread.heard || clock.now() - begunAt >= longestPauseMs;
}

/** Until the server closes it; whether it brought anything. */
async function watchOnce(kind: Kind, thread: Thread, { cluster, namespace, store, signal }: Following): Promise<boolean> {
  let heard = false;
  for await (const event of cluster.watch(kind, { namespace, resourceVersion: thread.resourceVersion, signal })) {
    thread.resourceVersion = (event.type === 'BOOKMARK' ? event.resourceVersion : event.object.metadata.resourceVersion) ?? thread.resourceVersion;
    heard = true;
    thread.heard = true;
    if (event.type !== 'BOOKMARK') store.apply(kind, event);
  }
  signal.throwIfAborted();
  return heard;
}

/** 'unreadable' too: half an answer is what a proxy gives that is just going down. */
function isPassing(error: unknown): boolean {
  return failedWith(error, 'gone', 'timeout', 'unavailable', 'unreadable');
}

/** Not by Promise.race: on a long wait each race would leave its handlers on the signal. */
function unlessAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
