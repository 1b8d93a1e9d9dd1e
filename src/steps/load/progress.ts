// Tells how several jobs fare, in one line each: when something changed, and again every ten minutes.

import type { Clock } from '../../run/clock.ts';
import type { Progress } from '../../run/step.ts';
import type { JobResult } from './result.ts';

export interface ProgressBoard {
  update(name: string, message: string): void;
  end(name: string, result: JobResult): void;
}

const reminderMs = 10 * 60_000;

export function progressBoard(context: { readonly clock: Clock; report(progress: Progress): void }): ProgressBoard {
  const open = new Map<string, string>();
  let toldAt = 0;
  const tell = (about: string, message: string): void => {
    toldAt = context.clock.now();
    const others = [...open].filter(([name]) => name !== about);
    context.report({ message, awaited: others.map(([name, state]) => `${name}: ${state}`) });
  };
  return {
    update(name, message) {
      const isNews = open.get(name) !== message;
      open.set(name, message);
      if (isNews || context.clock.now() - toldAt >= reminderMs) tell(name, `${name}: ${message}`);
    },
    end(name, { state, durationMs, attempts }) {
      open.delete(name);
      tell(name, `${name} ${state} after ${Math.round(durationMs / 1_000)} s${attempts > 1 ? ` and ${attempts} tries` : ''}`);
    },
  };
}
