// Texts from outside (logs, messages of servers) made harmless for a terminal: no control codes, whatever they contain.

import type { Talk } from './talk.ts';

/** The same data, every text in it without escape sequences and control characters; line breaks and tabs stay. */
export function printable<T>(value: T): T {
  return clean(value) as T;
}

/** One that is only told what is harmless. */
export function printableTalk<T extends Talk>(talk: T): T {
  return { ...talk, report: (event) => talk.report(printable(event)), say: (line) => talk.say(printable(line)), debug: (line) => talk.debug(printable(line)) };
}

function clean(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(escapes, '').replaceAll(controls, '').replaceAll('\t', '  ');
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, clean(inner)]));
}

// CSI and OSC sequences (ECMA-48, sections 5.4 and 5.6), then what is left of C0, DEL and C1.
const escapes = new RegExp('(?:\\u001b\\[|\\u009b)[0-?]*[ -/]*[@-~]|\\u001b\\][^\\u0007\\u001b]*(?:\\u0007|\\u001b\\\\)?', 'g');
const controls = new RegExp('[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]', 'g');
