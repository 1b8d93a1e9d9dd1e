// Shares work among processes, a few pieces at a time, so that all of them end together. Knows nothing of what the work is.

import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Work } from './arguments.ts';
import type { Done } from './done.ts';

export interface ShareOptions {
  readonly work: Work;
  readonly jobs: number;
  readonly onDone: (done: Done) => void;
  /** Ends all of it at once. */
  readonly stop: AbortSignal;
}

/** No piece takes so long: something waits for what never comes. */
const patienceMs = 300_000;

/** Resolves when all is done, or stopped. Rejects when a process broke, or one piece does not end. */
export async function share({ work, jobs, onDone, stop }: ShareOptions): Promise<void> {
  const pieces = piecesOf(work, jobs);
  const children = Array.from({ length: Math.min(jobs, pieces.length) }, () => fork(join(import.meta.dirname, 'worker.ts')));
  const end = (): void => {
    for (const child of children) child.kill('SIGKILL');
  };
  stop.addEventListener('abort', end, { once: true });
  try {
    await Promise.all(children.map((child) => feed(child, { pieces, onDone, stop })));
  } finally {
    end();
    stop.removeEventListener('abort', end);
  }
}

/** Preparing costs a process a second or two, and pairs of crashes are prepared anew for each piece. */
function piecesOf(work: Work, jobs: number): Work[] {
  const size = work.type === 'seeds' ? Math.max(1, Math.min(25, Math.ceil(work.count / jobs))) : Math.ceil(work.count / jobs);
  const pieces: Work[] = [];
  for (let done = 0; done < work.count; done += size) pieces.push({ ...work, from: work.from + done, count: Math.min(size, work.count - done) });
  return pieces;
}

interface FeedOptions extends Pick<ShareOptions, 'onDone' | 'stop'> {
  readonly pieces: Work[];
}

type Message = Done | { readonly type: 'ready' } | { readonly type: 'broken'; readonly problem: string };

function feed(child: ChildProcess, { pieces, onDone, stop }: FeedOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    let present: Work | undefined;
    let last: number | undefined;
    const late = (): void => reject(new Error(`nothing is heard any more ${last === undefined ? `of what begins with ${present?.from}` : `after ${last}`}: it waits for what never comes`));
    const watch = setTimeout(late, patienceMs);
    const next = (): void => {
      present = pieces.shift();
      last = undefined;
      if (present === undefined) finish(resolve);
      else child.send(present);
    };
    const finish = (settle: () => void): void => {
      clearTimeout(watch);
      settle();
    };
    child.on('message', (message: Message) => {
      watch.refresh();
      if (message.type === 'ready') return next();
      if (message.type === 'broken') return finish(() => reject(new Error(message.problem)));
      last = message.seed;
      onDone(message);
    });
    child.on('exit', () => finish(() => (stop.aborted || present === undefined ? resolve() : reject(new Error(`a process ended by itself, at what comes after ${last ?? present.from - 1}`)))));
    next();
  });
}
