// Shows a run from its JSON log lines as the run itself would, and keeps what its last words are made of.

import type { Milliseconds } from '../run/clock.ts';
import { readLine, type Summary } from './log-schema.ts';
import type { Talk } from './talk.ts';

export interface Replay {
  /** One line of the log. */
  take(text: string): void;
  /** Of the last process that told one. */
  readonly summary: Summary | undefined;
  /** Id of the run that was told of last. */
  readonly run: string | undefined;
  readonly operation: string | undefined;
}

export interface ReplayOptions {
  /** `now` gives the time of the line that is being shown. */
  talk(now: () => Milliseconds): Talk;
  now(): Milliseconds;
}

export function replay(options: ReplayOptions): Replay & { readonly talk: Talk } {
  let shownAt: Milliseconds | undefined;
  let summary: Summary | undefined;
  let run: string | undefined;
  let operation: string | undefined;
  const talk = options.talk(() => shownAt ?? options.now());

  function say(line: { readonly at?: Milliseconds; readonly level?: string; readonly text: string }): void {
    shownAt = line.at ?? shownAt;
    if (line.level === 'debug') talk.debug(line.text);
    else talk.say(line.text);
    shownAt = undefined;
  }

  return {
    talk,
    take(text) {
      const told = readLine(text);
      if (told.kind === 'summary') summary = told.summary;
      else if (told.kind !== 'event') say(told);
      else {
        if (told.event.type === 'runStarted') ({ run, operation } = told.event);
        // What an earlier process of the Job said at its end is no longer the last word.
        if (told.event.type === 'runStarted') summary = undefined;
        talk.report(told.event);
      }
    },
    get summary() {
      return summary;
    },
    get run() {
      return run;
    },
    get operation() {
      return operation;
    },
  };
}
