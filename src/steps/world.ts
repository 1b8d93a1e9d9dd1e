// What every step sees: the configuration, the plan, the drivers. Read-only; results of steps travel separately.

import type * as z from 'zod';
import type { Environment } from '../config/environment.ts';
import type { Drivers } from '../drivers/drivers.ts';
import type { Plan } from '../plan/plan.ts';
import type { Json, Step } from '../run/step.ts';

export interface World {
  readonly environment: Environment;
  readonly plan: Plan;
  readonly drivers: Drivers;
}

/** A step of this program; `Needs` names the outputs of earlier steps that it reads. One with an output says what that must be. */
export type ReleaseStep<Name extends string, Output extends Json | void = void, Needs = unknown> = Step<World, Name, Needs, Output> &
  (Output extends Json ? { readonly output: z.ZodType<Output> } : unknown);
