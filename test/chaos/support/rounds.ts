// Rounds side by side: each environment does one after another until there are enough of them. A round that throws is a violation.

import type { Random } from '../../../sim/random.ts';
import { ChaosEnvironment, referenceOf, type Reference, type Stage } from './environment.ts';
import type { Tally } from './tally.ts';

export interface Settings {
  readonly stage: Stage;
  readonly random: Random;
  readonly rounds: number;
  /** Environments side by side. */
  readonly width: number;
}

export interface Phase extends Settings {
  readonly tally: Tally;
}

export interface Place {
  readonly environment: ChaosEnvironment;
  readonly clean: Reference;
}

/** What is to be done in an environment that is live; resolves to how much of the phase's rounds it has done. */
export type Round = (place: Place) => Promise<number>;

/** More of them in a row, and it is this environment that is broken. */
const mostFailures = 3;

export async function sideBySide(prefix: string, phase: Phase, round: Round): Promise<void> {
  let left = phase.rounds;
  let clean: Promise<Reference> | undefined;
  const one = async (index: number): Promise<void> => {
    const environment = await ChaosEnvironment.open(`chaos-${prefix}-${index}`, phase.stage);
    try {
      await environment.succeed('rebuild');
      environment.open();
      // One for all: the same chart in all of them.
      clean ??= referenceOf(environment);
      const place = { environment, clean: await clean };
      for (let failures = 0; left > 0 && failures < mostFailures; ) {
        left -= 1;
        try {
          left -= (await round(place)) - 1;
        } catch (error) {
          failures += 1;
          phase.tally.violation(`${environment.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
        }
      }
    } finally {
      await environment.close();
    }
  };
  const width = Math.min(phase.width, phase.rounds);
  const ended = await Promise.allSettled(Array.from({ length: width }, (_, index) => one(index + 1)));
  for (const result of ended) if (result.status === 'rejected') phase.tally.violation(String(result.reason));
}
