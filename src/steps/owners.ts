// Owner records in the zones: read with the names, compared and written with every change of them. Used by the swap; is no step.

import { Failure } from '../errors.ts';
import type { TextSet, Zone } from '../drivers/dns/dns.ts';
import { describeOwner, heldOwner, ownerName, ownerProblem, ownerSet, type HeldOwner } from '../plan/owners.ts';
import { timestamp } from '../run/clock.ts';
import { retry } from '../run/retry.ts';
import type { StepContext } from '../run/step.ts';
import type { World } from './world.ts';

/** What a failure of a name names as its object. */
export function nameIn(zone: string, name: string): string {
  return `${name} in zone ${zone}`;
}

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
export function foreignOwner(names: readonly OwnedName[], owners: readonly HeldOwner[], { world: { environment }, clock }: Context): Failure | undefined {
  const problems = names.flatMap(({ zone, name }, index) => {
    const held = owners[index];
    const problem = held === undefined ? undefined : ownerProblem(name, held, environment.environment);
    return held === undefined || problem === undefined ? [] : [{ problem, object: nameIn(zone.id, name), reason: `owned by ${describeOwner(held)}` }];
  });
  const [first, ...others] = problems;
  if (first === undefined) return undefined;
  const { problem: summary, ...facts } = first;
  return new Failure('SwapConflict', { ...facts, summary, since: timestamp(clock), details: others.map(({ problem }) => problem) });
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
