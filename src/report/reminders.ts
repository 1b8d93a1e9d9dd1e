// When progress of a step is worth a line: what is new at once, what only counts on now and then, reminders ever more rarely.

import type { Milliseconds } from '../run/clock.ts';
import type { Progress } from '../run/step.ts';

export type Worth = 'news' | 'reminder' | undefined;

export interface Reminders {
  /** Decides for the present step, and takes it as shown when it is worth it. */
  worth(progress: Progress, at: Milliseconds): Worth;
  /** A new step has begun. */
  restart(at: Milliseconds): void;
  readonly startedAt: Milliseconds;
}

const pausesMs = [30_000, 30_000, 60_000, 180_000, 300_000];
const longestPauseMs = 600_000;
/** Between two lines that differ only in their numbers, or in what is awaited. */
const changePauseMs = 10_000;

export function reminders(): Reminders {
  let startedAt = 0;
  let shown: Progress | undefined;
  let shownAt = 0;
  let times = 0;

  function take(progress: Progress, at: Milliseconds): void {
    shown = progress;
    shownAt = at;
  }

  return {
    get startedAt() {
      return startedAt;
    },
    restart(at) {
      startedAt = at;
      shown = undefined;
      times = 0;
    },
    worth(progress, at) {
      const alike = shown !== undefined && withoutNumbers(progress.message) === withoutNumbers(shown.message);
      const same = alike && textOf(progress) === textOf(shown);
      if (!alike || (!same && at - shownAt >= changePauseMs)) {
        take(progress, at);
        return 'news';
      }
      if (at - shownAt < (pausesMs[times] ?? longestPauseMs)) return undefined;
      take(progress, at);
      times += 1;
      return 'reminder';
    },
  };
}

function textOf(progress: Progress | undefined): string {
  return [progress?.message, ...(progress?.awaited ?? [])].join('\n');
}

function withoutNumbers(text: string): string {
  return text.replaceAll(/\d+/g, '0');
}
