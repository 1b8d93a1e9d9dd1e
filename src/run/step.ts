// The shape of one unit of work, and of an ordered list of them. Knows no release, no zone, no job.

import type * as z from 'zod';
import type { Clock } from './clock.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

export interface Progress {
  /** One line for people: what is going on, or what changed. */
  readonly message: string;
  /** What is still awaited, one object each, for the reminder and the tree. */
  readonly awaited?: readonly string[];
}

export interface RunIdentity {
  readonly id: string;
  readonly operation: string;
  /** Rises with every takeover of the lease; a lower one must not write any more. */
  readonly epoch: number;
  /** It was asked to be unwound: then nothing of it is kept, whatever is configured for a failure. */
  readonly cancelled?: boolean;
  /** A step that affects the public has noted what it is about to send: from then on the public may be where this run leads it. */
  readonly mayBePublic?: boolean;
}

export interface StepContext<World, Needs> {
  readonly world: World;
  /** Outputs of the earlier steps, by step name. Read-only. */
  readonly results: Readonly<Needs>;
  readonly run: RunIdentity;
  readonly clock: Clock;
  /** Aborts when the run is asked to stop (SIGTERM) or has lost its lease. */
  readonly signal: AbortSignal;
  report(progress: Progress): void;
  /** Something that did not stop the run but that the summary and the record must count. */
  warn(message: string): void;
  /** Writes what this step is about to do into its record entry; durable when it resolves. */
  note(intent: Json): Promise<void>;
  /** What an earlier, killed attempt of this same step noted last. */
  readonly noted: Json | undefined;
}

/**
 * Looks first, acts if needed, confirms by reading back: `act` run twice changes nothing the second time.
 * `name` is the durable key in the record: renaming a step is a breaking change.
 */
export interface Step<World, Name extends string, Needs, Output extends Json | void> {
  readonly name: Name;
  /** The heading people read, as an imperative: "Wait until everything is ready". */
  readonly title: string;
  /** From the first act of such a step on, the public may notice: decides exit code 3 against 1. Before it has noted anything it sends nothing. */
  readonly affectsPublic?: boolean;
  /** `undo` (the default) unwinds all that was done; `leave` ends the run where it stands, for a later run to finish. */
  readonly onFailure?: 'undo' | 'leave';
  /** A request to stop waits for this step to end: cutting it short would be worse. */
  readonly uninterruptible?: boolean;
  /** What `act` returns, for whoever reads it from a record that another process, or a person, wrote. */
  readonly output?: z.ZodType<Json>;
  /** The reason to skip it, or undefined to run it. Pure: decided by the plan. */
  skip?(world: World): string | undefined;
  act(context: StepContext<World, Needs>): Promise<Output>;
  /**
   * Called by a process that goes on with a run, before anything else, when an earlier one had begun this step and may be alive:
   * makes sure that nothing which that one has sent, and which has not arrived yet, happens any more. Safe when nothing was done.
   */
  takeOver?(context: StepContext<World, Partial<Needs>>): Promise<void>;
  /** Puts back what `act` changed, wherever it was cut short; must be safe to run when nothing was done. */
  undo?(context: StepContext<World, Partial<Needs>>): Promise<void>;
}

/** A step of whatever world; `never` because only the engine calls it, with what the list has proved to be there. */
export type AnyStep = Step<never, string, never, Json | void>;

type Results<Steps extends readonly AnyStep[]> = Steps extends readonly [infer First, ...infer Rest extends readonly AnyStep[]]
  ? (First extends Step<infer _W, infer Name, infer _N, infer Output> ? { [K in Name]: Output } : never) & Results<Rest>
  : unknown;

/** `Steps` when every step finds its needs among the outputs of the steps before it, else a type error. */
type Ordered<Steps extends readonly AnyStep[], Before = unknown> = Steps extends readonly [
  infer First extends AnyStep,
  ...infer Rest extends readonly AnyStep[],
]
  ? First extends Step<infer _W, string, infer Needs, infer _O>
    ? Before extends Needs
      ? readonly [First, ...Ordered<Rest, Before & Results<readonly [First]>>]
      : readonly [{ needsOutputOfALaterStep: Needs }]
    : never
  : readonly [];

export interface Operation<World> {
  readonly name: string;
  readonly steps: readonly Step<World, string, never, Json | void>[];
}

/**
 * An ordered list of steps of one world: `operation<World>()('name', [first, second])`. Does not compile when a step needs
 * the output of one that comes later or is missing. Two calls, because the world is named and the steps are inferred.
 */
export function operation<World>(): <const Steps extends readonly AnyStep[]>(name: string, steps: Steps & Ordered<Steps>) => Operation<World> {
  return (name, steps) => ({ name, steps: steps as unknown as Operation<World>['steps'] });
}
