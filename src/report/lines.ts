// A run as plain lines: one per event, with its time. For everything that is no terminal and no log collector.

import type { Outcome, RunEvent } from '../run/events.ts';
import { reminders, type Reminders } from './reminders.ts';
import { styleFor, type Style } from './style.ts';
import type { Output, Talk } from './talk.ts';
import { describeDuration, wrap } from './text.ts';

/** Awaited objects named in one line; more are counted. */
const namedObjects = 5;

export function linesTalk(output: Output, now: () => number): Talk {
  const style = styleFor(output);
  const reminder = reminders();
  let day = '';
  let titles: readonly string[] = [];
  let unwinding = false;

  function line(at: number, text: string): void {
    const [date = '', time = ''] = new Date(at).toISOString().split('T');
    if (date !== day) output.write(`${style.dim(`--- ${date} (UTC)`)}\n`);
    day = date;
    const body = wrap(text, output.columns - 10, ' '.repeat(leading(text) + 2)).replaceAll('\n', `\n${' '.repeat(10)}`);
    output.write(`${style.dim(time.slice(0, 8))}  ${body}\n`);
  }

  return {
    report(event) {
      if (event.type === 'runStarted') {
        titles = event.steps.map(({ name }) => name);
        unwinding = event.unwinding === true;
      }
      if (event.type === 'stepStarted' || event.type === 'undoStarted') reminder.restart(event.at);
      for (const text of textsOf(event, { style, reminder, titles, unwinding })) line(event.at, text);
    },
    say: (text) => line(now(), text),
    debug: (text) => line(now(), `debug: ${text}`),
    end: () => undefined,
  };
}

interface Manner {
  readonly style: Style;
  readonly reminder: Reminders;
  /** Names of all steps, in order. */
  readonly titles: readonly string[];
  readonly unwinding: boolean;
}

function textsOf(event: RunEvent, { style, reminder, titles, unwinding }: Manner): readonly string[] {
  const number = (step: string): string => `[${titles.indexOf(step) + 1}/${titles.length}]`;
  switch (event.type) {
    case 'runStarted':
      return [style.bold(`${event.operation}, run ${event.run}${event.unwinding === true ? ' is unwound' : event.resumed ? ' goes on' : ''}`)];
    case 'stepStarted':
      return [style.bold(`${number(event.step)} ${event.title}`)];
    case 'stepProgress':
      return progressTexts(event, reminder);
    case 'stepSkipped':
      return [`${style.bold(`${number(event.step)} ${event.title}`)}: skipped, ${event.reason}`];
    case 'stepDone':
      return [`  ${style.good('done')} in ${describeDuration(event.durationMs)}`];
    case 'stepFailed':
      return [`  ${style.bad('failed')}: ${event.failure.facts.summary}`];
    case 'undoStarted':
      return [style.bold(`Undoing: ${event.title}`)];
    case 'undoDone':
      return [`  ${style.good('undone')}`];
    case 'undoFailed':
      return [`  ${style.bad('undoing failed')}: ${event.failure.facts.summary}`];
    case 'warning':
      return [`  ${style.doubtful('warning')}: ${event.message}`];
    case 'runEnded':
      return [style.bold(`${endingOf({ unwinding }, event.outcome)}, after ${describeDuration(event.durationMs)}`)];
  }
}

/** An unwound run has failed, as it was to. */
export function endingOf({ unwinding }: { readonly unwinding: boolean }, outcome: Outcome): string {
  return unwinding && (outcome === 'failed' || outcome === 'restored') ? 'unwound' : endings[outcome];
}

export const endings = {
  running: 'still running',
  succeeded: 'done',
  failed: 'failed',
  restored: 'failed, and swapped back',
  needsHuman: 'failed, and needs a human',
  interrupted: 'stopped; it can be resumed',
} as const;

function progressTexts(event: Extract<RunEvent, { type: 'stepProgress' }>, reminder: Reminders): readonly string[] {
  const worth = reminder.worth(event, event.at);
  if (worth === undefined) return [];
  const awaited = awaitedText(event.awaited ?? [], namedObjects);
  if (worth === 'reminder') return [`  still, after ${describeDuration(event.at - reminder.startedAt)}: ${awaited === '' ? event.message : awaited}`];
  return [`  ${event.message}${awaited === '' ? '' : `; awaited: ${awaited}`}`];
}

/** The first few, and how many more. */
export function awaitedText(awaited: readonly string[], most: number): string {
  const more = awaited.length - most;
  return [...awaited.slice(0, most), ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

function leading(text: string): number {
  return text.length - text.trimStart().length;
}
