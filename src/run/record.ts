// The persistent journal of one run: intent before, result after. Readable by the next version; never holds a secret.

import * as z from 'zod';
import { isEpoch } from './epoch.ts';
import type { Json } from './step.ts';

/**
 * Of what this version writes. A key that an older program may drop, since it drops what it does not know, can be added as an optional
 * one; anything else is a new format, and `parseRecord` then brings the older ones up to it.
 */
export const format = 1;

const json = z.json() as z.ZodType<Json>;

/** ISO 8601, UTC. */
const time = z.iso.datetime();

const stepRecord = z.object({
  name: z.string(),
  state: z.enum(['pending', 'running', 'done', 'skipped', 'failed', 'undoing', 'undone', 'undoFailed']),
  startedAt: time.optional(),
  endedAt: time.optional(),
  /** What the step returned; later steps get it as `results[name]`. */
  output: json.optional(),
  /** What the step noted last, for a later attempt of itself. */
  noted: json.optional(),
  /** Why it was skipped. */
  reason: z.string().optional(),
});
export type StepRecord = z.infer<typeof stepRecord>;

const failure = z.object({
  step: z.string().optional(),
  code: z.string(),
  summary: z.string(),
  object: z.string().optional(),
  reason: z.string().optional(),
  since: z.string().optional(),
});

export const runRecord = z.object({
  version: z.literal(format),
  id: z.string(),
  operation: z.string(),
  environment: z.string(),
  /** Of the lease under which it was last written. */
  epoch: z.int().refine(isEpoch, 'is not a count that any run can have reached'),
  holder: z.string(),
  startedAt: time,
  endedAt: time.optional(),
  outcome: z.enum(['running', 'succeeded', 'failed', 'restored', 'needsHuman', 'interrupted']),
  /** SHA-256 of the configuration and plan it runs by. */
  planHash: z.string(),
  plan: json,
  steps: z.array(stepRecord),
  warnings: z.array(z.string()).default([]),
  failure: failure.optional(),
});
export type RunRecord = z.infer<typeof runRecord>;

/** A run in one of these states may go on; all others are final. */
export function isUnfinished(record: RunRecord): boolean {
  return record.outcome === 'running' || record.outcome === 'interrupted';
}
