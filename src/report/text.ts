// Text in columns: wrapping, tables, durations, times. Knows nothing of what the text is about.

import type { Milliseconds } from '../run/clock.ts';

/** `0.8 s`, `12 s`, `3 min 12 s`, `2 h 5 min`, `1 d 3 h`: two units at most. */
export function describeDuration(ms: Milliseconds): string {
  if (ms < 9_950) return `${Math.round(Math.max(0, ms) / 100) / 10} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return two(Math.floor(seconds / 60), 'min', `${seconds % 60} s`);
  const minutes = Math.round(seconds / 60);
  if (minutes < 1_440) return two(Math.floor(minutes / 60), 'h', `${minutes % 60} min`);
  const hours = Math.round(minutes / 60);
  return two(Math.floor(hours / 24), 'd', `${hours % 24} h`);
}

function two(amount: number, unit: string, rest: string): string {
  return rest.startsWith('0 ') ? `${amount} ${unit}` : `${amount} ${unit} ${rest}`;
}

/** `2026-11-21 11:30:02 UTC`; texts that are no time stay as they are. */
export function describeTime(time: string | Milliseconds): string {
  const ms = typeof time === 'number' ? time : Date.parse(time);
  if (Number.isNaN(ms)) return String(time);
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Words wrapped to `width`; lines after the first are indented. A word longer than a line stays whole: it may be copied. */
export function wrap(text: string, width: number, indent = ''): string {
  return text
    .split('\n')
    .map((line) => wrapLine(line, width, indent))
    .join(`\n${indent}`);
}

function wrapLine(line: string, width: number, indent: string): string {
  const lead = /^ */.exec(line)?.[0] ?? '';
  const lines: string[] = [];
  let present = '';
  for (const word of line.slice(lead.length).split(' ')) {
    const room = width - (lines.length === 0 ? lead.length : indent.length);
    if (present !== '' && seenLength(present) + 1 + seenLength(word) > room) {
      lines.push(present);
      present = word;
    } else {
      present = present === '' ? word : `${present} ${word}`;
    }
  }
  return lead + [...lines, present].join(`\n${indent}`);
}

/** Colours take no room. */
export function seenLength(text: string): number {
  return text.replaceAll(sgr, '').length;
}

const sgr = new RegExp('\\u001b\\[\\d+m', 'g');

/** At most `width` characters, with an ellipsis where something is left out. */
export function cut(text: string, width: number): string {
  const line = text.replaceAll(/\s*\n\s*/g, ' ');
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}

/** Columns as wide as their widest cell, two spaces apart; nothing at the end of a line. */
export function table(rows: readonly (readonly string[])[], indent = ''): string {
  const widths: number[] = [];
  for (const row of rows) for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  return rows.map((row) => `${indent}${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ')}`.trimEnd()).join('\n');
}

export interface Field {
  readonly label: string;
  readonly text: string;
  /** A command or a log: never wrapped, so that it can be copied. */
  readonly verbatim?: boolean;
}

/** `  label   text`, texts below each other and wrapped to `width`. Fields without a text are left out. */
export function fields(all: readonly Field[], width: number): string {
  const shown = all.filter(({ text }) => text !== '');
  const column = Math.max(...shown.map(({ label }) => label.length), 0) + 4;
  const pad = ' '.repeat(column);
  return shown
    .map(({ label, text, verbatim }) => {
      const body = verbatim === true ? text.replaceAll('\n', `\n${pad}`) : wrap(text, Math.max(20, width - column), '').replaceAll('\n', `\n${pad}`);
      return `  ${label}`.padEnd(column) + body;
    })
    .join('\n');
}

/** `1 error`, `2 errors`. */
export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
