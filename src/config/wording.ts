// What zod found, in words: `must be …`. Texts of the file are repeated only where they cannot be a secret.

import type * as z from 'zod';

type Issue = z.core.$ZodRawIssue;

/** For `safeParse`: the words for a fault that the schema has no words of its own for. */
export function wordsFor(issue: Issue): string {
  if (issue.code === 'invalid_type') return typeWords(issue.expected, issue.input);
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'too_small') return tooSmall(issue.origin, Number(issue.minimum));
  if (issue.code === 'too_big') return tooBig(issue.origin, Number(issue.maximum));
  if (issue.code === 'invalid_format') return issue.format === 'url' ? 'must be a URL' : `must be a ${issue.format}`;
  return issue.message ?? 'is not right';
}

/** `the text “false”`, `the number 5`, `a list`. */
export function seen(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value === 'string') return harmless.test(value) ? `the text “${value}”` : 'a text';
  return typeof value === 'number' ? `the number ${value}` : `the ${typeof value} ${JSON.stringify(value)}`;
}

// A password stands where a mapping is expected sooner or later: only what is surely none is repeated.
const harmless = /^(true|false|yes|no|on|off|y|n|null|none|~|-?\d{1,6}(\.\d+)?)$/i;

const expectations: Readonly<Record<string, string>> = {
  string: 'must be a text',
  boolean: 'must be true or false, without quotes',
  int: 'must be a whole number',
  number: 'must be a number',
  array: 'must be a list',
  object: 'must be a mapping',
  record: 'must be a mapping',
};

function typeWords(expected: string, input: unknown): string {
  if (expected === 'string' && (typeof input === 'number' || typeof input === 'boolean')) return 'must be a text; put it in quotes';
  return expectations[expected] ?? `must be ${expected}`;
}

function tooSmall(origin: string, minimum: number): string {
  if (origin === 'string') return 'must not be empty';
  return origin === 'array' ? `must have at least ${minimum} ${minimum === 1 ? 'entry' : 'entries'}` : `must be at least ${minimum}`;
}

function tooBig(origin: string, maximum: number): string {
  if (origin === 'string') return `must have at most ${maximum} characters`;
  return origin === 'array' ? `must have at most ${maximum} entries` : `must be at most ${maximum}`;
}
