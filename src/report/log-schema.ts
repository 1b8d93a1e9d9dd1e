// What one JSON log line of a run holds: one schema for what writes it (json.ts) and for whoever reads it back. Pure.

import * as z from 'zod';
import { isErrorCode, type ErrorCode } from '../errors.ts';
import type { ReportedFailure, RunEvent } from '../run/events.ts';

const step = { step: z.string(), title: z.string() };
const states = ['pending', 'running', 'done', 'skipped', 'failed', 'undoing', 'undone', 'undoFailed'] as const;
const outcomes = ['running', 'succeeded', 'failed', 'restored', 'needsHuman', 'interrupted'] as const;

/** A later version may know more codes than this one. */
const code = z.string().transform((text): ErrorCode => (isErrorCode(text) ? text : 'Unexpected'));

const facts = z.object({
  summary: z.string(),
  object: z.string().optional(),
  reason: z.string().optional(),
  since: z.string().optional(),
  logTail: z.string().optional(),
  details: z.array(z.string()).optional(),
  next: z.string().optional(),
  exitCode: z.number().optional(),
});

const failure = z.object({ code, title: z.string(), facts, next: z.string() });

const event = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('runStarted'),
    run: z.string(),
    operation: z.string(),
    resumed: z.boolean(),
    unwinding: z.boolean().optional(),
    steps: z.array(z.object({ name: z.string(), title: z.string(), state: z.enum(states).optional() })),
  }),
  z.object({ type: z.literal('stepStarted'), ...step }),
  z.object({ type: z.literal('stepProgress'), step: z.string(), message: z.string(), awaited: z.array(z.string()).optional() }),
  z.object({ type: z.literal('stepSkipped'), ...step, reason: z.string() }),
  z.object({ type: z.literal('stepDone'), ...step, durationMs: z.number() }),
  z.object({ type: z.literal('stepFailed'), ...step, failure }),
  z.object({ type: z.enum(['undoStarted', 'undoDone']), ...step }),
  z.object({ type: z.literal('undoFailed'), ...step, failure }),
  z.object({ type: z.literal('warning'), step: z.string().optional(), message: z.string() }),
  z.object({ type: z.literal('runEnded'), outcome: z.enum(outcomes), exitCode: z.number(), durationMs: z.number(), failure: failure.optional() }),
]);

/** How it ended, as the last line of a process tells it. */
const summary = z.object({
  type: z.literal('summary'),
  run: z.string().optional(),
  operation: z.string().optional(),
  environment: z.string().optional(),
  outcome: z.enum(outcomes),
  release: z.string().optional(),
  step: z.string().optional(),
  production: z.string().optional(),
  durationMs: z.number().optional(),
  warnings: z.array(z.string()).optional(),
  failure: failure.optional(),
});
export type Summary = Omit<z.infer<typeof summary>, 'failure' | 'type'> & { readonly at: number; readonly failure?: ReportedFailure | undefined };

const line = z.object({ time: z.iso.datetime(), level: z.string().optional(), msg: z.string() });

export type Told =
  | { readonly kind: 'event'; readonly event: RunEvent }
  | { readonly kind: 'summary'; readonly summary: Summary; readonly text: string }
  /** A line of talk, or one that this version does not know. */
  | { readonly kind: 'said'; readonly at: number; readonly level: string; readonly text: string }
  /** Nothing that a run writes: a crash of the process, a warning of its runtime. */
  | { readonly kind: 'other'; readonly text: string };

/** Never throws: a line that cannot be understood is told as it is. */
export function readLine(text: string): Told {
  const data = parsed(text);
  const head = line.safeParse(data);
  if (!head.success) return { kind: 'other', text };
  const at = Date.parse(head.data.time);
  const told = event.safeParse(data);
  if (told.success) return { kind: 'event', event: { at, ...told.data } as RunEvent };
  const ended = summary.safeParse(data);
  if (ended.success) return { kind: 'summary', summary: { at, ...ended.data } as Summary, text: head.data.msg };
  return { kind: 'said', at, level: head.data.level ?? 'info', text: head.data.msg };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
