// Whether a stored run can be gone on with by this version: its operation, its plan and what its steps returned. Pure.

import type { Failure } from '../errors.ts';
import { unreadableRecord, type StoredRecord } from '../observe/records.ts';
import { operations } from '../operations/operations.ts';
import { plan as planSchema, type Plan } from '../plan/plan.ts';
import type { StepRecord } from '../run/record.ts';
import type { Operation } from '../run/step.ts';
import type { World } from '../steps/world.ts';

export interface ReadableRun {
  readonly operation: Operation<World>;
  readonly plan: Plan;
}

/** Throws RecordUnreadable: before anything is written, for what a step would do with half of its facts nobody knows. */
export function readRun({ record, describe }: Pick<StoredRecord, 'record' | 'describe'>): ReadableRun {
  const operation = operations[record.operation];
  if (operation === undefined) throw unreadable(`this version has no operation ${record.operation}`, { record, describe });
  const plan = planSchema.safeParse(record.plan);
  if (!plan.success) throw unreadable(`its plan is not one (${plan.error.issues[0]?.path.join('.') ?? ''})`, { record, describe });
  if (plan.data.environment !== record.environment) throw unreadable(`its plan is of the environment ${plan.data.environment}`, { record, describe });
  for (const step of record.steps) {
    const problem = problemOf(step, operation);
    if (problem !== undefined) throw unreadable(problem, { record, describe });
  }
  return { operation, plan: plan.data };
}

function problemOf({ name, state, output }: StepRecord, { steps }: Operation<World>): string | undefined {
  const step = steps.find((known) => known.name === name);
  if (step === undefined) return `this version has no step ${name}`;
  if (state !== 'done' || step.output === undefined) return undefined;
  return step.output.safeParse(output).success ? undefined : `what the step ${name} returned is not what it returns`;
}

function unreadable(reason: string, { record: { id }, describe }: Pick<StoredRecord, 'record' | 'describe'>): Failure {
  return unreadableRecord({ id, describe }, reason);
}
