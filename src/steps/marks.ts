// Notes on the namespaces which release is live and which was: what later runs and rollbacks go by, never what DNS goes by.

import { annotations, type ReleaseState } from '../plan/ownership.ts';
import type { ReleaseIdentity } from '../plan/plan.ts';
import { timestamp } from '../run/clock.ts';
import type { StepContext } from '../run/step.ts';
import { noteOnRelease } from './claim.ts';
import type { World } from './world.ts';

type Context = Pick<StepContext<World, unknown>, 'world' | 'run' | 'clock' | 'signal'>;

/** The names have moved: the candidate is live, and what was live is the release that a rollback returns to. */
export async function markMoved(context: Context): Promise<void> {
  const { candidate, previous } = context.world.plan;
  if (previous !== undefined) await mark(previous, 'previous', context);
  await mark({ name: candidate }, 'live', context);
}

export async function markMovedBack(context: Context): Promise<void> {
  const { candidate, previous, createsCandidate } = context.world.plan;
  if (previous !== undefined) await mark(previous, 'live', context);
  await mark({ name: candidate }, createsCandidate ? 'candidate' : 'previous', context);
}

async function mark(release: Partial<ReleaseIdentity> & { readonly name: string }, state: ReleaseState, context: Context): Promise<void> {
  const since = state === 'live' ? { [annotations.liveSince]: timestamp(context.clock) } : {};
  await noteOnRelease(release, { [annotations.state]: state, ...since }, context);
}
