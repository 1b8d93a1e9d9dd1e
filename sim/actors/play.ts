// What whoever interferes has at hand: chance, a moment of the day, the world, and the transcript. Interferes with nothing itself.

import type { Command, End, Stage } from '../boundaries/commands.ts';
import type { Trouble } from '../met.ts';
import type { Random } from '../random.ts';

export interface Play {
  readonly stage: Stage;
  readonly random: Random;
  /** Within what time something may happen. */
  readonly spanMs: number;
  note(text: string): void;
  /** One of the troubles that seeds must meet has been there, and not only been chosen. */
  met(trouble: Trouble): void;
  /** Does it at some moment of the span, unless the day is over by then. */
  sometime(act: () => void | Promise<void>): void;
  /** Another process of the runner, which the end of the day waits for. */
  start(command: Command): Promise<End>;
}

export type Actor = (play: Play) => void;

export function pick<T>(random: Random, from: readonly T[]): T | undefined {
  return from[random.between(0, from.length - 1)];
}

/** The releases that are there, and which of them the public is on. */
export function releasesOf({ production }: Stage): { readonly live: string | undefined; readonly others: readonly string[] } {
  const [live] = production.publicReleases();
  return { live, others: production.releases().filter((release) => release !== live && !production.fitness.served.has(release)) };
}
