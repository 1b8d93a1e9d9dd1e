// Whether a run that a schedule starts comes too soon after the last one that went well. The decision is pure.

import { Failure } from '../errors.ts';
import type { RunRecord } from '../run/record.ts';

export interface ScheduledStart {
  readonly operation: string;
  /** Of this process: `host/pid`; in a pod the host is the pod's name. */
  readonly holder: string;
  readonly now: number;
  /** Undefined: runs may follow each other at once. */
  readonly minIntervalMs: number | undefined;
}

export type Verdict =
  | { readonly kind: 'begin' }
  /** A pod of the same Job has done it, and died before it could end in order. */
  | { readonly kind: 'done'; readonly record: RunRecord }
  | { readonly kind: 'tooSoon'; readonly record: RunRecord; readonly notBefore: number };

/** `records`: all of them, oldest first, none of them unfinished. Only runs that went well count: what failed may be tried again at once. */
export function judgeInterval(records: readonly RunRecord[], start: ScheduledStart): Verdict {
  const record = records.findLast(({ operation, outcome }) => operation === start.operation && outcome === 'succeeded');
  if (record === undefined) return { kind: 'begin' };
  // Only the very last run can be what this Job was made for.
  if (record === records.at(-1) && isReplaced(record.holder, start.holder)) return { kind: 'done', record };
  if (isByHand(start.holder)) return { kind: 'begin' };
  const notBefore = Date.parse(record.startedAt) + (start.minIntervalMs ?? 0);
  return start.now < notBefore ? { kind: 'tooSoon', record, notBefore } : { kind: 'begin' };
}

export function tooSoon({ record, notBefore }: Extract<Verdict, { kind: 'tooSoon' }>): Failure {
  const { id, operation, startedAt } = record;
  const next = new Date(notBefore).toISOString();
  return new Failure('TooSoon', {
    summary: `${operation} ${id} went well and began at ${startedAt}; the next scheduled one may begin at ${next}`,
    object: `run ${id}`,
    since: startedAt,
  });
}

const pod = /^(?<job>.+)-[a-z0-9]{5}\/\d+$/;

/** The CronJob controller names its Jobs by the minute of their time, `changeover-prod-29384712`; people do not, nor does `trigger`. */
function isByHand(holder: string): boolean {
  const job = pod.exec(holder)?.groups?.['job'];
  return job !== undefined && !/-\d{8,}$/.test(job);
}

/** Whether a holder has a name as pods of Jobs have; what else has one like it is told apart by isReplaced. */
export function isPod(holder: string): boolean {
  return pod.test(holder);
}

/** `changeover-prod-29384712-x7k2p` and `…-9bwlq`: the pods of one Job differ in their last five characters only (kube-controller-manager, generateName). */
export function isReplaced(before: string, now: string): boolean {
  const [earlier, later] = [pod.exec(before)?.groups?.['job'], pod.exec(now)?.groups?.['job']];
  return earlier !== undefined && earlier === later && hostOf(before) !== hostOf(now);
}

function hostOf(holder: string): string {
  return holder.slice(0, holder.lastIndexOf('/'));
}
