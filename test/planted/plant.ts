// What a planted bug is: data. A few characters of a source file that become others, and the smallest run that must end badly then.

import type { Dying } from '../../sim/boundaries/commands.ts';
import type { FailureReason } from '../../src/drivers/failure.ts';
import type { SceneName } from './scenes.ts';

export type Invariant = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8' | 'I9' | 'L1';

export interface Edit {
  /** Under `src/`. */
  readonly file: string;
  /** Occurs exactly once: a plant cannot rot unseen. */
  readonly find: string;
  readonly replace: string;
}

export interface Trial {
  /** Of `sim/boundaries/subjects.ts`. */
  readonly subject: string;
  /** What strikes the first run, and each of its successors. Default: nothing. */
  readonly strikes?: readonly Strike[];
  /** What is asked for then: key of `others`. Default: the same again. */
  readonly next?: string;
  /** Who else is there, and what is looked at besides. */
  readonly scene?: SceneName;
}

/** `refused`: the request is answered with this instead. */
export type Strike = Dying & { readonly refused?: FailureReason };

export interface Plant {
  /** As an operator would tell it. */
  readonly name: string;
  /** Where it has happened: an issue of a neighbour, or the predecessor. */
  readonly source?: string;
  readonly edits: readonly Edit[];
  readonly trial: Trial;
  /** What catches it, first of all. `nothing`: see `needs`. */
  readonly caughtBy: Invariant | 'nothing';
  /** What would have to be looked at to catch it. */
  readonly needs?: string;
}

/** The first request that begins so. */
export function at(text: string, fault: Dying['fault'], nth = 0): Dying {
  return { text, nth, fault };
}
