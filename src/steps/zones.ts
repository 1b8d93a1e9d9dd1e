// Changing zones from one set of answers to another, safely and repeatably. Used by the swap and by its undo; is no step.

import { Failure, type FailureFacts } from '../errors.ts';
import { DriverError, failedWith } from '../drivers/failure.ts';
import { kinds } from '../drivers/cluster/objects.ts';
import type { RecordSet, TextSet, Zone } from '../drivers/dns/dns.ts';
import { servedRecords } from '../observe/names.ts';
import { ownedNamespace } from '../plan/ownership.ts';
import type { HeldOwner } from '../plan/owners.ts';
import { describeRecords, desiredRecords, sameAnswers, sameRecords } from '../plan/records.ts';
import { timestamp } from '../run/clock.ts';
import { retry, type RetryOptions } from '../run/retry.ts';
import type { StepContext } from '../run/step.ts';
import { proportionalPause, waitFor, WaitTimeout } from '../run/wait.ts';
import { foreignOwner, nameIn, nextOwners, readOwners, sameTexts } from './owners.ts';
import { findService, hasAddress, serviceAddresses } from './services.ts';
import type { World } from './world.ts';

type Context = Pick<StepContext<World, unknown>, 'world' | 'run' | 'clock' | 'signal' | 'report'> & Pick<RetryOptions, 'forMs' | 'onRetry'>;

/** One name's way: from what it must hold now to what it shall hold. */
export interface Target {
  readonly zone: Zone;
  readonly name: string;
  readonly before: readonly RecordSet[];
  readonly desired: readonly RecordSet[];
}

/** What each name shall answer, from a fresh read of the candidate's Services. Rejects when the candidate is not ours any more, or going. */
export async function wantedRecords(context: Context): Promise<ReadonlyMap<string, readonly RecordSet[]>> {
  const { plan, drivers: { cluster } } = context.world;
  const [{ items }] = await Promise.all([retry(() => cluster.list(kinds.service, { namespace: plan.candidate }), context), assertStillOurs(context)]);
  return new Map(
    plan.names.map(({ name, zone, service: wanted, ttl }) => {
      const { service, problem } = findService(items, wanted);
      if (service === undefined) throw swapFailure(`${plan.candidate}: ${problem}`, { object: nameIn(zone, name), reason: problem }, context);
      const addresses = serviceAddresses(service);
      const facts = { object: nameIn(zone, name), reason: 'the load balancer has no address' };
      if (!hasAddress(addresses)) throw swapFailure(`Service ${service.metadata.name} of ${plan.candidate} has no address`, facts, context);
      return [name, desiredRecords(name, addresses, ttl)];
    }),
  );
}

/** Without our label it could not be told from anybody else's once it is live: every later run would refuse. */
async function assertStillOurs(context: Context): Promise<void> {
  const { plan: { candidate }, environment: { environment }, drivers: { cluster } } = context.world;
  const namespace = await retry(() => cluster.get({ kind: kinds.namespace, name: candidate }), context);
  const owned = namespace === undefined ? undefined : ownedNamespace(namespace, environment);
  const lost = (reason: string, since?: string): Failure =>
    swapFailure(`namespace ${candidate} ${reason}; nothing was changed`, { object: `Namespace ${candidate}`, reason, ...(since !== undefined && { since }) }, context);
  if (namespace === undefined || owned?.deleting === true) throw lost('is being deleted, or is gone', namespace?.metadata.deletionTimestamp);
  if (owned === undefined) throw lost("does not carry this environment's label any more: it is not ours");
}

export async function targetsOf(desired: ReadonlyMap<string, readonly RecordSet[]>, context: Context): Promise<readonly Target[]> {
  const { plan, drivers: { dns } } = context.world;
  const ids = [...new Set(plan.names.map(({ zone }) => zone))];
  const zones = new Map(await Promise.all(ids.map(async (id) => [id, await retry(() => dns.zone(id), context)] as const)));
  return plan.names.map(({ zone, name, before }) => {
    const found = zones.get(zone);
    const wanted = desired.get(name);
    if (found === undefined || wanted === undefined) throw swapFailure(`nothing is known of ${name}`, { object: nameIn(zone, name), reason: 'it is not in the plan' }, context);
    return { zone: found, name, before, desired: wanted };
  });
}

/** One zone as it is now: all its names as before, all as desired, or something that is neither: somebody else's work. */
export interface ZoneLook {
  readonly targets: readonly Target[];
  readonly holds: 'before' | 'desired' | 'other';
  /** All addresses of its names. */
  readonly held: readonly RecordSet[];
  /** Of its names, in their order; none where owner records are switched off. */
  readonly owners: readonly HeldOwner[];
  /** The first name that holds something else, or is another environment's. */
  readonly conflict: Failure | undefined;
}

export async function lookAtZones(targets: readonly Target[], context: Context): Promise<readonly ZoneLook[]> {
  const groups = Map.groupBy(targets, ({ zone }) => zone.id);
  return Promise.all([...groups.values()].map((group) => lookAtZone(group, context)));
}

async function lookAtZone(targets: readonly Target[], context: Context): Promise<ZoneLook> {
  const [names, owners] = await Promise.all([
    Promise.all(targets.map(async (target) => ({ target, records: await readName(target, context) }))),
    readOwners(targets, context),
  ]);
  const look = { targets, held: names.flatMap(({ records }) => records), owners };
  const foreign = foreignOwner(targets, owners, context);
  if (foreign !== undefined) return { ...look, holds: 'other', conflict: foreign };
  if (names.every(({ target, records }) => sameRecords(records, target.desired))) return { ...look, holds: 'desired', conflict: undefined };
  const other = names.find(({ target, records }) => !sameRecords(records, target.before));
  if (other === undefined) return { ...look, holds: 'before', conflict: undefined };
  return { ...look, holds: 'other', conflict: conflict(other.target, other.records, context) };
}

/** Rejects with SwapConflict when any zone holds what neither the plan saw nor this run wrote. */
export function assertNobodyElse(looks: readonly ZoneLook[]): void {
  const found = looks.find((look) => look.conflict !== undefined);
  if (found?.conflict !== undefined) throw found.conflict;
}

/** Changes, all at once, every zone that still holds `before`, for names that then lead to `release`. Zones in any other state are left alone. */
export async function changeZones(looks: readonly ZoneLook[], release: string | undefined, context: Context): Promise<void> {
  const needed = looks.filter(({ holds }) => holds === 'before');
  await together(needed.map((look) => changeZone(look, release, context)));
}

/**
 * Writes this runner's epoch beside every name and leaves the addresses as they are, whatever they are: a change that was sent before,
 * and has not arrived yet, then finds another owner than it expects. Zones of somebody else are left alone. Resolves with all zones as
 * they certainly were then: what the zone has compared, a provider that shows old answers for a moment cannot get wrong.
 */
export async function claimZones(looks: readonly ZoneLook[], context: Context): Promise<readonly ZoneLook[]> {
  const isNeeded = ({ targets, owners }: ZoneLook): boolean => owners.length > 0 && foreignOwner(targets, owners, context) === undefined;
  return together(looks.map((look) => (isNeeded(look) ? claimZone(look, context) : Promise.resolve(look))));
}

async function together<T>(changes: readonly Promise<T>[]): Promise<readonly T[]> {
  const results = await Promise.allSettled(changes);
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

function readName({ zone, name }: Target, context: Context): Promise<readonly RecordSet[]> {
  return retry(() => context.world.drivers.dns.read(zone, name), context);
}

/** A server that does not answer now could not confirm the change later: better to know before. */
export async function assertAllAnswer(targets: readonly Target[], context: Context): Promise<void> {
  const questions = targets.flatMap(({ zone, name }) => zone.servers.map((server) => ({ server, zone, name })));
  const since = timestamp(context.clock);
  await Promise.all(
    questions.map(async ({ server, zone, name }) => {
      try {
        await retry(() => servedRecords(context.world.drivers.resolver, server, name), context);
      } catch (error) {
        const summary = `${server.name} (${server.address}) does not answer for ${name}; nothing was changed`;
        throw swapFailure(summary, { object: nameIn(zone.id, name), reason: reasonOf(error), since, cause: error }, context);
      }
    }),
  );
}

/**
 * Compares and swaps. A zone may refuse although nothing of ours in it has changed (somebody else changed another name of it in that
 * very moment): it is looked at again, and changed as it is then, unless it holds what neither the plan saw nor this run wrote.
 */
async function changeZone(seen: ZoneLook, release: string | undefined, context: Context): Promise<void> {
  let look = seen;
  await untilAccepted(seen, context, async () => {
    const { targets } = look;
    const texts = nextOwners(look.owners, () => release, context);
    try {
      await change(look, { addresses: targets.flatMap(({ desired }) => desired), texts }, context);
    } catch (error) {
      look = await lookAtZone(targets, context);
      if (look.holds === 'desired' && sameTexts(look.owners, texts)) return;
      throw failedWith(error, 'conflict') && look.conflict !== undefined ? look.conflict : error;
    }
    // A provider with several front ends may show for a moment what was there before: then it is asked again, by a change that it refuses.
    if (!sameTexts(await readOwners(targets, context), texts)) throw notWritten();
  });
}

/** Each conflict is a change of somebody else, or an earlier one of this run, that came first: it is looked at again. */
async function claimZone(seen: ZoneLook, context: Context): Promise<ZoneLook> {
  let look = seen;
  let accepted = seen;
  await untilAccepted(seen, context, async () => {
    const texts = nextOwners(look.owners, ({ owner }) => owner?.release, context);
    const changing = change(look, { addresses: look.held, texts }, context);
    // Refused or not, what counts is what the zone holds then.
    await changing.catch(() => undefined);
    const compared = look;
    look = await lookAtZone(look.targets, context);
    accepted = { ...compared, owners: look.owners };
    if (sameTexts(look.owners, texts)) return;
    await changing;
    throw notWritten();
  });
  return accepted;
}

function notWritten(): DriverError {
  return new DriverError({ reason: 'conflict', attempted: 'writing the owner records', detail: 'they are not what was written' });
}

async function untilAccepted({ targets }: ZoneLook, context: Context, attempt: () => Promise<void>): Promise<void> {
  const since = timestamp(context.clock);
  try {
    await retry(attempt, { ...context, passing: ['conflict'] });
  } catch (error) {
    if (!(error instanceof DriverError)) throw error;
    throw swapFailure(`zone ${targets[0]?.zone.id}: ${String(error)}`, { object: namesIn(targets), reason: reasonOf(error), since, cause: error }, context);
  }
}

interface Wanted {
  readonly addresses: readonly RecordSet[];
  readonly texts: readonly TextSet[];
}

/** Repeating is safe: a change that did happen makes the next one a conflict, and whoever looks then tells whose it was. */
async function change({ targets: [first], held, owners }: ZoneLook, { addresses, texts }: Wanted, context: Context): Promise<void> {
  if (first === undefined) return;
  const expected = [...held, ...owners.flatMap(({ set }) => set ?? [])];
  await retry(() => context.world.drivers.dns.change(first.zone, { expected, desired: [...addresses, ...texts] }), context);
}

/** Waits until every authoritative server gives the desired answers for every name. */
export async function awaitServed(targets: readonly Target[], context: Context): Promise<void> {
  const since = timestamp(context.clock);
  let late: readonly Target[] = targets;
  const look = async () => {
    const lines = await Promise.all(targets.map((target) => lateServers(target, context)));
    late = targets.filter((_, index) => lines[index]?.length !== 0);
    return late.length === 0 ? ({ done: true, value: undefined } as const) : ({ done: false, awaited: lines.flat() } as const);
  };
  try {
    await waitFor(look, {
      clock: context.clock,
      signal: context.signal,
      timeoutMs: context.world.environment.swap.timeout,
      pauseMs: proportionalPause(0.2, 100, 2_000),
      remind: (awaited) => context.report({ message: 'waiting for the authoritative servers', awaited }),
    });
  } catch (error) {
    if (!(error instanceof WaitTimeout)) throw error;
    throw swapFailure(error.message, { object: namesIn(late), reason: `still awaited: ${error.awaited[0]}`, since, cause: error }, context);
  }
}

/** Whether any authoritative server does not give the desired answers now, or none at all. */
export async function isLate(targets: readonly Target[], context: Context): Promise<boolean> {
  return (await Promise.all(targets.map((target) => lateServers(target, context)))).some((late) => late.length > 0);
}

async function lateServers({ zone, name, desired }: Target, context: Context): Promise<readonly string[]> {
  const late = await Promise.all(
    zone.servers.map(async (server) => {
      try {
        const served = await servedRecords(context.world.drivers.resolver, server, name);
        return sameAnswers(served, desired) ? undefined : `${server.name} to answer ${describeRecords(desired)} for ${name}`;
      } catch (error) {
        return `${server.name} to answer for ${name} (${String(error)})`;
      }
    }),
  );
  return late.filter((line) => line !== undefined);
}

function conflict({ zone, name, before }: Target, found: readonly RecordSet[], { clock }: Context): Failure {
  return new Failure('SwapConflict', {
    summary: `${name} should hold ${describeRecords(before)}, but holds ${describeRecords(found)}: somebody else changed it`,
    object: nameIn(zone.id, name),
    reason: `holds ${describeRecords(found)}`,
    // Zones do not say when they were changed: it is the moment in which it was seen.
    since: timestamp(clock),
  });
}

function swapFailure(summary: string, facts: Omit<FailureFacts, 'summary'>, { clock }: Context): Failure {
  return new Failure('SwapFailed', { since: timestamp(clock), ...facts, summary });
}

function reasonOf(error: unknown): string {
  return error instanceof DriverError ? (error.detail ?? error.reason) : String(error);
}

function namesIn(targets: readonly Target[]): string {
  return targets.map(({ zone, name }) => nameIn(zone.id, name)).join(', ');
}
