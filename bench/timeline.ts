// Where the time of one rebuild went: each phase as what had to be and what was added to it. Pure.

import { z } from 'zod';
import type { RunRecord } from '../src/run/record.ts';

/** All times in milliseconds since 1970. */
export interface Marks {
  readonly spawnedAt: number;
  readonly exitedAt: number;
  /** Helm's first write into the candidate's namespace. */
  readonly helmWroteAt: number;
  readonly lastReadyAt: number;
  /** What the load jobs took by their own account; milliseconds. */
  readonly loadMs: number;
  readonly soakMs: number;
  readonly waits: readonly Wait[];
  readonly record: RunRecord;
}

/** Overhead that no runner could save: somebody else's work, which a step has to see the end of. */
export interface Wait {
  readonly phase: string;
  /** Reads on after `waiting for`. */
  readonly for: string;
  readonly ms: number;
}

export interface Phase {
  readonly name: string;
  readonly idealMs: number;
  readonly overheadMs: number;
}

export interface Timeline {
  readonly wallMs: number;
  readonly idealMs: number;
  readonly overheadMs: number;
  /** What is left of the overhead without the waits. */
  readonly ownMs: number;
  readonly phases: readonly Phase[];
  readonly waits: readonly Wait[];
}

export function timelineOf(marks: Marks): Timeline {
  const phases = spansOf(marks).map((span) => {
    const idealMs = idealIn(span, marks);
    return { name: span.name, idealMs, overheadMs: span.to - span.from - idealMs };
  });
  const wallMs = marks.exitedAt - marks.spawnedAt;
  const idealMs = phases.reduce((sum, phase) => sum + phase.idealMs, 0);
  const overheadMs = wallMs - idealMs;
  const ownMs = marks.waits.reduce((left, { ms }) => left - ms, overheadMs);
  return { wallMs, idealMs, overheadMs, ownMs, phases, waits: marks.waits };
}

interface Span {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** Without gaps: what lies between two steps counts for the later one, which was written down in it. */
function spansOf({ spawnedAt, exitedAt, record }: Marks): readonly Span[] {
  const done = record.steps.filter(({ state, endedAt }) => state === 'done' && endedAt !== undefined);
  const begun = Date.parse(done[0]?.startedAt ?? record.startedAt);
  const ends = done.map(({ name, endedAt = '' }) => ({ name, to: Date.parse(endedAt) }));
  const all = [{ name: 'start, lock and plan', to: begun }, ...ends, { name: 'unlock, summary, exit', to: exitedAt }];
  return all.map((span, index) => ({ ...span, from: all[index - 1]?.to ?? spawnedAt }));
}

const swapOutput = z.object({ longestTtlSeconds: z.number() });

function idealIn({ name, from, to }: Span, marks: Marks): number {
  if (name === 'loadData') return marks.loadMs;
  if (name === 'drainPrevious') return longestTtlMs(marks.record) + marks.soakMs;
  return Math.max(0, Math.min(to, marks.lastReadyAt) - Math.max(from, marks.helmWroteAt));
}

function longestTtlMs({ steps }: RunRecord): number {
  return swapOutput.parse(steps.find(({ name }) => name === 'swapNames')?.output).longestTtlSeconds * 1_000;
}
