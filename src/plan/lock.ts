// The lock that somebody has put on an environment by hand, as it is kept on its Lease. Pure.

import * as z from 'zod';
import type { Lease } from '../drivers/store/store.ts';

const handLock = z.object({
  /** Who, for people: a user at a host. */
  by: z.string(),
  reason: z.string(),
  /** ISO 8601. */
  at: z.string(),
});
export type HandLock = z.infer<typeof handLock>;

/** Undefined when there is none. What cannot be read locks all the same: somebody meant it. */
export function lockOf(lease: Pick<Lease, 'locked'> | undefined): HandLock | undefined {
  if (lease?.locked === undefined) return undefined;
  return handLock.safeParse(parsed(lease.locked)).data ?? { by: 'somebody', reason: lease.locked, at: '' };
}

export function lockText(lock: HandLock): string {
  return JSON.stringify(lock);
}

/** `ada@laptop locked it at 2026-11-21T11:30:00.000Z: the database moves` */
export function describeLock({ by, reason, at }: HandLock): string {
  return `${by} locked it${at === '' ? '' : ` at ${at}`}: ${reason}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
