// A run as JSON log lines (pino): for log collectors. Every line has `time`, `level`, `msg`; events keep their own fields.
// Progress is thinned out as in plain lines: two days of polling must not fill a disk.

import { pino } from 'pino';
import type { RunEvent } from '../run/events.ts';
import { endings } from './lines.ts';
import { reminders } from './reminders.ts';
import type { Output, Talk } from './talk.ts';
import { describeDuration } from './text.ts';

const secretKeys = ['password', 'token', 'secret', 'authorization', 'credentials'];

export interface JsonTalk extends Talk {
  /** A result that other reporters print as text. */
  tell(level: 'info' | 'error', message: string, data: object): void;
}

export function jsonTalk(output: Output, now: () => number): JsonTalk {
  const logger = pino(
    {
      base: null,
      level: 'debug',
      timestamp: false,
      formatters: { level: (level) => ({ level }) },
      redact: { paths: secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '[redacted]' },
    },
    { write: (text: string) => output.write(text) },
  );
  const reminder = reminders();
  const time = (at: number): { readonly time: string } => ({ time: new Date(at).toISOString() });
  return {
    report(event) {
      const { at, ...fields } = event;
      if (event.type === 'stepStarted' || event.type === 'undoStarted') reminder.restart(at);
      if (event.type === 'stepProgress' && reminder.worth(event, at) === undefined) return;
      logger[levelOf(event)]({ ...time(at), ...fields }, messageOf(event));
    },
    say: (line) => logger.info(time(now()), line),
    debug: (line) => logger.debug(time(now()), line),
    tell: (level, message, data) => logger[level]({ ...time(now()), ...data }, message),
    end: () => undefined,
  };
}

function levelOf(event: RunEvent): 'info' | 'warn' | 'error' {
  if (event.type === 'warning') return 'warn';
  if (event.type === 'stepFailed' || event.type === 'undoFailed') return 'error';
  return event.type === 'runEnded' && event.exitCode !== 0 ? 'error' : 'info';
}

function messageOf(event: RunEvent): string {
  switch (event.type) {
    case 'runStarted':
      return `${event.operation} ${event.unwinding === true ? 'is unwound' : event.resumed ? 'goes on' : 'starts'}`;
    case 'stepProgress':
      return [event.message, ...(event.awaited ?? []).slice(0, 5)].join('; ');
    case 'stepSkipped':
      return `${event.title}: skipped, ${event.reason}`;
    case 'stepDone':
      return `${event.title}: done in ${describeDuration(event.durationMs)}`;
    case 'stepFailed':
      return `${event.title}: ${event.failure.facts.summary}`;
    case 'undoStarted':
      return `Undoing: ${event.title}`;
    case 'undoDone':
      return `Undone: ${event.title}`;
    case 'undoFailed':
      return `Undoing failed: ${event.failure.facts.summary}`;
    case 'warning':
      return event.message;
    case 'runEnded':
      return endings[event.outcome];
    case 'stepStarted':
      return event.title;
  }
}
