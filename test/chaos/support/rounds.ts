// Rounds side by side: each environment does one after another until there are enough of them. A round that throws is a violation.

import type { Random } from '../../../sim/random.ts';
import { ChaosEnvironment, referenceOf, type Command, type Reference, type Stage } from './environment.ts';
import type { Tally } from './tally.ts';

export interface Phase {
  readonly stage: Stage;
  readonly random: Random;
  readonly tally: Tally;
  readonly rounds: number;
  /** As many as its full number: then nothing may be left out by chance. */
  readonly isWhole: boolean;
  /** Environments side by side. */
  readonly width: number;
  /** Asked to end: no new round is begun. */
  readonly stop: AbortSignal;
}

/** An environment that is live, and what it looks like after it was done undisturbed. */
export interface Place {
  readonly environment: ChaosEnvironment;
  readonly clean: Reference;
}

export interface Plan<Prepared> {
  /** Of the environments' names: `chaos-PREFIX-1`. */
  readonly prefix: string;
  /** Keys of the environment file instead of the usual ones. */
  readonly layer?: Readonly<Record<string, unknown>>;
  /** Once for each environment, which nobody has used yet. */
  readonly prepare: (environment: ChaosEnvironment) => Promise<Prepared>;
  /** Resolves to how many of the phase's rounds that was: none, when it came to nothing. */
  readonly round: (prepared: Prepared) => Promise<number>;
}

/**
 * Rounds in a row that came to nothing. More of them, and it is this environment that is broken; or the phase does not find what it waits
 * for. A few are usual: what was to be hurt had ended before, and with each such round the phases aim earlier.
 */
const mostFailures = 8;

export async function sideBySide<Prepared>(phase: Phase, plan: Plan<Prepared>): Promise<void> {
  const left = { rounds: phase.rounds };
  const width = Math.min(phase.width, phase.rounds);
  const one = (index: number): Promise<void> => inOne(`chaos-${plan.prefix}-${index + 1}`, { phase, plan, left });
  await Promise.all(Array.from({ length: width }, (_, index) => one(index).catch((error: unknown) => phase.tally.violation(described(error)))));
  // Else fewer than were asked for would pass for all of them.
  if (left.rounds > 0 && !phase.stop.aborted) phase.tally.violation(`only ${phase.rounds - left.rounds} of ${phase.rounds} rounds: ${mostFailures} in a row came to nothing in each environment`);
}

interface Work<Prepared> {
  readonly phase: Phase;
  readonly plan: Plan<Prepared>;
  readonly left: { rounds: number };
}

async function inOne<Prepared>(name: string, { phase, plan, left }: Work<Prepared>): Promise<void> {
  const environment = await ChaosEnvironment.open(name, phase.stage, plan.layer);
  try {
    const prepared = await plan.prepare(environment);
    for (let fruitless = 0; left.rounds > 0 && fruitless < mostFailures && !phase.stop.aborted; ) {
      // Taken in advance, so that the others do not begin it too.
      left.rounds -= 1;
      const done = await plan.round(prepared).catch(async (error: unknown) => {
        phase.tally.violation(`${name}: ${described(error)}`);
        // What the round has left behind is not the next one's.
        await (await environment.start('rebuild')).ended;
        return 0;
      });
      left.rounds -= done - 1;
      fruitless = done > 0 ? 0 : fruitless + 1;
    }
  } finally {
    await environment.close();
  }
}

/** What is live is watched from now on; the first environment shows what it is without a disturbance, for all of the same chart. */
export function live(command: Command = 'rebuild'): (environment: ChaosEnvironment) => Promise<Place> {
  let clean: Promise<Reference> | undefined;
  return async (environment) => {
    await environment.succeed('rebuild');
    // Something to go back to.
    if (command === 'rollback') await environment.succeed('rebuild');
    environment.watch();
    clean ??= referenceOf(environment, command);
    return { environment, clean: await clean };
  };
}

function described(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
