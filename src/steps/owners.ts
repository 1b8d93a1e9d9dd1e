// Owner records in the zones: read with the names, compared and written with every change of them. Used by the swap; is no step.

import { Failure } from '../errors.ts';
import type { TextSet, Zone } from '../drivers/dns/dns.ts';
import { heldOwner, ownerName, ownerProblem, ownerSet, type HeldOwner } from '../plan/owners.ts';
import { retry } from '../run/retry.ts';
import type { StepContext } from '../run/step.ts';
import type { World } from './world.ts';

type Context = Pick<StepContext<World, unknown>, 'world' | 'run' | 'clock' | 'signal'>;

export interface OwnedName {
  readonly zone: Zone;
  readonly name: string;
}

/** In the order of the names; none where owner records are switched off. Rejects with Failure 'LockLost' when a later runner has written one. */
export async function readOwners(names: readonly OwnedName[], context: Context): Promise<readonly HeldOwner[]> {
  const { environment, drivers: { dns } } = context.world;
  if (!environment.swap.ownerRecords) return [];
  const owners = await Promise.all(names.map(async ({ zone, name }) => heldOwner(name, await retry(() => dns.readText(zone, ownerName(name)), context))));
  for (const held of owners) assertNotNewer(held, context);
  return owners;
}

/** The first name that is somebody else's. */
export function foreignOwner(names: readonly OwnedName[], owners: readonly HeldOwner[], { world: { environment } }: Context): Failure | undefined {
  const problems = owners.flatMap((held, index) => ownerProblem(names[index]?.name ?? '', held, environment.environment) ?? []);
  const [summary, ...details] = problems;
  return summary === undefined ? undefined : new Failure('SwapConflict', { summary, details });
}

/** What this runner writes there: never the same text twice, so that whatever was sent before finds another one than it expects. */
export function nextOwners(owners: readonly HeldOwner[], releaseOf: (held: HeldOwner) => string | undefined, { world, run }: Context): readonly TextSet[] {
  const { environment } = world.environment;
  return owners.map((held) => ownerSet(held, { environment, release: releaseOf(held), epoch: run.epoch, change: (held.owner?.change ?? 0) + 1 }));
}

export function textOf({ set }: HeldOwner): string | null {
  return set?.values.join('\n') ?? null;
}

export function sameTexts(owners: readonly HeldOwner[], wanted: readonly TextSet[]): boolean {
  return owners.every((held, index) => textOf(held) === wanted[index]?.values.join('\n'));
}

/** Whoever has the lock now has it by a higher epoch: this runner was held up, and must not write any more. */
function assertNotNewer({ name, owner }: HeldOwner, { world: { environment }, run }: Context): void {
  if (owner === undefined || owner.environment !== environment.environment || owner.epoch <= run.epoch) return;
  throw new Failure('LockLost', { summary: `${name} TXT was written under epoch ${owner.epoch}, and this runner has epoch ${run.epoch}: another one has taken over`, object: name });
}
