// What a scenario of the simulator is: data, from which a seed makes one particular day. Holds no logic.

import type { Command } from '../boundaries/commands.ts';
import type { Subject } from '../boundaries/subjects.ts';
import type { FaultKind } from '../mix.ts';

export const actorNames = ['secondRunner', 'operator', 'thirdParty', 'canceller'] as const;
export type ActorName = (typeof actorNames)[number];

export interface SimulatedScenario {
  readonly name: string;
  readonly description: string;
  /** Environment, world, what has happened before, and the command under test. */
  readonly subject: Subject;
  /** Of what is looked at with `--operation`. */
  readonly operation: string;
  /** What a schedule or a human asks for afterwards; one is chosen. Default: a rebuild. */
  readonly next?: readonly Command[];
  /** Who may interfere. Default: all. */
  readonly actors?: readonly ActorName[];
  /** What may strike. Default: everything. */
  readonly faults?: readonly FaultKind[];
  /** Within what time deaths, faults and actors strike. Default: two and a half minutes, as long as an ordinary rebuild takes. */
  readonly spanMs?: number;
  /** How often it is chosen, compared with others. Default 1. */
  readonly weight?: number;
  /** How the last command may end when nobody else is to blame. Default: `succeeded`. */
  readonly outcomes?: readonly string[];
  /** What was asked for may be done already. */
  readonly mayBeRefused?: boolean;
}
