// All that must never happen, watched at once. A table and nothing else: each invariant has a file of its own.

import type { Production } from '../production.ts';
import { storyOf } from '../observer.ts';
import { publicAnswers } from './i1-public-answers.ts';
import { oneWriter } from './i2-one-writer.ts';
import { nothingLiveDeleted } from './i3-nothing-live-deleted.ts';
import { nothingChanged } from './i4-nothing-changed.ts';
import { strict } from './i5-strict.ts';
import { nothingLeft } from './i6-nothing-left.ts';
import { unknown } from './i7-unknown.ts';
import { onlyOurs } from './i8-only-ours.ts';
import { secretsStay } from './i9-secrets.ts';
import { itEnds } from './l1-it-ends.ts';
import { Locks } from './locks.ts';
import { Records } from './records.ts';
import type { Invariant, InvariantName, Violation, WatchOptions } from './scene.ts';

export type { InvariantName, Violation, WatchOptions } from './scene.ts';

const invariants: Readonly<Record<InvariantName, Invariant>> = {
  I1: publicAnswers,
  I2: oneWriter,
  I3: nothingLiveDeleted,
  I4: nothingChanged,
  I5: strict,
  I6: nothingLeft,
  I7: unknown,
  I8: onlyOurs,
  I9: secretsStay,
  L1: itEnds,
};

export interface Watched {
  /** In the order in which they were found; the same problem is told once. */
  readonly violations: readonly Violation[];
  /** How many answers each kind of client held on to in vain, to whom nothing is promised. */
  readonly letDown: ReadonlyMap<string, number>;
  /** Adds what only the end can tell. */
  settle(): readonly Violation[];
}

/** From now on every event of the world is looked at. Begin before the first command: what a process took before is not known. */
export function watchInvariants(production: Production, options: WatchOptions = {}): Watched {
  const { world } = production;
  const violations: Violation[] = [];
  const told = new Set<string>();
  const locks = new Locks(world);
  const records = new Records(world, locks);
  const tell = (invariant: InvariantName, problem: string): void => {
    if (told.has(`${invariant} ${problem}`)) return;
    told.add(`${invariant} ${problem}`);
    violations.push({ invariant, at: world.clock.now(), problem, story: storyOf(world) });
  };
  const clients = new Map<string, number>();
  const letDown = (client: string): void => void clients.set(client, (clients.get(client) ?? 0) + 1);
  const begun = Object.entries(invariants).map(([name, watch]) => watch({ ...options, production, locks, records, letDown, violate: (problem) => tell(name as InvariantName, problem) }));
  return {
    violations,
    letDown: clients,
    settle: () => {
      for (const look of begun) look?.();
      return violations;
    },
  };
}
