// Waits until everything that the release contains is ready at once and its public Services answer. Only reads; gives up early
// on what cannot get better. Looks at the release itself, so it serves a new one and one of last week alike.

import * as z from 'zod';
import { failedWith, type DriverError } from '../drivers/failure.ts';
import type { Kind } from '../drivers/cluster/objects.ts';
import { Failure } from '../errors.ts';
import type { Expectations } from '../readiness/members.ts';
import { groupKind, hasReadiness, hasRule, judgedKinds } from '../readiness/table.ts';
import { describeVerdict } from '../readiness/verdict.ts';
import type { Milliseconds } from '../run/clock.ts';
import { retry } from '../run/retry.ts';
import type { StepContext } from '../run/step.ts';
import { proportionalPause, waitFor, WaitTimeout, type Look } from '../run/wait.ts';
import { Persistence } from '../watch/persistence.ts';
import { ReleaseWatch, type Sight } from '../watch/release-watch.ts';
import { publicServices, unanswered, type PublicService } from './reachability.ts';
import { causesFirst, notReady, notReadyVerdicts, tooLate, undecidable } from './unready.ts';
import type { ReleaseStep, World } from './world.ts';

type Context = StepContext<World, unknown>;

const values = z.array(z.string()).readonly();

const readyResult = z.object({
  /** By public name (without trailing dot), as they were when everything was ready. */
  addresses: z.record(z.string(), z.object({ A: values, AAAA: values, CNAME: z.string().exactOptional() })),
});
export type ReadyResult = z.infer<typeof readyResult>;

export const waitUntilReady: ReleaseStep<'waitUntilReady', ReadyResult> = {
  name: 'waitUntilReady',
  title: 'Wait until everything is ready',
  output: readyResult,

  async act(context) {
    const { environment, drivers: { cluster } } = context.world;
    const { kinds, ...expected } = await whatToExpect(context);
    const { clock, signal } = context;
    const endsAt = clock.now() + environment.readiness.timeout;
    const watch = new ReleaseWatch({ cluster, kinds, expected, clock, signal });
    try {
      const services = await untilReadyAndAnswering(watch, { context, endsAt });
      return { addresses: Object.fromEntries(services.map(({ name, addresses }) => [name, { ...addresses }])) };
    } catch (error) {
      throw await explain(error, watch, context);
    } finally {
      await watch.close();
    }
  },
};

/** What the release contains, by Helm's own account, and which kinds must be followed to see all of it. */
async function whatToExpect(context: Context): Promise<Expectations & { readonly kinds: readonly Kind[] }> {
  const { plan: { candidate, helmRelease = candidate }, environment, drivers: { helm, cluster } } = context.world;
  const contains = await retry(() => helm.manifest(helmRelease, candidate), context).catch((error: unknown) => {
    if (!failedWith(error, 'notFound')) throw error;
    throw new Failure('NotReady', { summary: `Helm knows no release ${helmRelease}: what it contains cannot be told`, object: `release ${candidate}`, cause: error });
  });
  const unruled = contains.filter((object) => hasReadiness(object) && !hasRule(object));
  const others = [...new Map(unruled.map((object) => [groupKind(object), object])).values()];
  const found = await Promise.all(others.map(async (object) => ({ object, kind: await retry(() => cluster.discover(object.apiVersion, object.kind), context) })));
  return {
    namespace: candidate,
    contains,
    mayStayUnready: environment.readiness.mayStayUnready,
    unfollowed: found.filter(({ kind }) => kind?.namespaced !== true).map(({ object }) => groupKind(object)),
    kinds: [...judgedKinds, ...found.flatMap(({ kind }) => (kind?.namespaced === true ? [kind] : []))],
  };
}

interface Waiting {
  readonly context: Context;
  readonly endsAt: Milliseconds;
}

/** Ready, then answering, and still ready when the last answer had come. */
async function untilReadyAndAnswering(watch: ReleaseWatch, waiting: Waiting): Promise<readonly PublicService[]> {
  const { context } = waiting;
  for (;;) {
    await untilReady(watch, waiting);
    context.report({ message: 'everything is ready; asking the Services from outside' });
    const services = await untilAnswering(watch, waiting);
    const { judgement, stale } = await watch.look();
    if (!judgement.ready || stale.length > 0) continue;
    for (const verdict of judgement.excused) context.warn(`${describeVerdict(verdict)} (readiness.mayStayUnready)`);
    context.report({ message: 'everything is ready, and every public Service answers' });
    return services;
  }
}

/** Between two looks when nothing changes: for what passes with time alone. */
const lookEveryMs = 1_000;
/** A controller may still be about to write its first status. */
const undecidedGraceMs = 60_000;

async function untilReady(watch: ReleaseWatch, { context, endsAt }: Waiting): Promise<void> {
  const undecided = new Persistence(context.clock);
  await waitFor(look, {
    clock: watch.clock,
    signal: context.signal,
    timeoutMs: Math.max(0, endsAt - context.clock.now()),
    pauseMs: () => lookEveryMs,
    remind: reminder(context, 'waiting for the release'),
  });

  async function look(): Promise<Look<undefined>> {
    const sight = await watch.look();
    const { judgement } = sight;
    const [cause] = judgement.failed;
    if (cause !== undefined) throw await notReady(cause, judgement, context);
    publicServices(sight.objects, context.world.environment.dns);
    const onlyUnknown = judgement.waiting.length === 0 && judgement.unknown.length > 0 && sight.stale.length === 0;
    if ((undecided.tell({ holds: onlyUnknown }) ?? 0) >= undecidedGraceMs) throw undecidable(judgement.unknown);
    const awaited = awaitedIn(sight);
    return awaited.length === 0 ? { done: true, value: undefined } : { done: false, awaited };
  }
}

function awaitedIn({ judgement, stale, objects }: Sight): readonly string[] {
  const unheard = stale.length === 0 ? [] : [`an answer of the cluster about ${firstOf(stale)}`];
  // Before anything was heard of, all is missing, and that means nothing.
  if (stale.length > 0 && objects.length === 0) return unheard;
  return [...unheard, ...causesFirst(notReadyVerdicts(judgement)).map(describeVerdict)];
}

function firstOf(plurals: readonly string[]): string {
  const more = plurals.length - 2;
  return more > 1 ? `${plurals.slice(0, 2).join(', ')} and ${more} more kinds` : plurals.join(', ');
}

/** Ends also when the release is not ready any more: whoever calls looks at that first. */
async function untilAnswering(watch: ReleaseWatch, { context, endsAt }: Waiting): Promise<readonly PublicService[]> {
  const { environment, drivers: { http } } = context.world;
  return waitFor(look, {
    clock: context.clock,
    signal: context.signal,
    timeoutMs: Math.max(0, endsAt - context.clock.now()),
    pauseMs: proportionalPause(0.1, 100, 2_000),
    remind: reminder(context, 'everything is ready; waiting for an answer from outside'),
  });

  async function look(): Promise<Look<readonly PublicService[]>> {
    const { objects, judgement } = await watch.look();
    const { found, awaited } = publicServices(objects, environment.dns);
    if (!judgement.ready) return { done: true, value: found };
    const silent = [...awaited, ...(await unanswered(found, http, environment.verify.http))];
    return silent.length === 0 ? { done: true, value: found } : { done: false, awaited: silent };
  }
}

const remindEveryMs = 30_000;

/** Tells what is awaited when that changes, and again every half minute; in the rush of the beginning once a second. */
function reminder(context: Context, message: string): (awaited: readonly string[]) => void {
  let told = '';
  let toldAt = -Infinity;
  return (awaited) => {
    const sinceMs = context.clock.now() - toldAt;
    if (sinceMs < lookEveryMs || (awaited.join() === told && sinceMs < remindEveryMs)) return;
    told = awaited.join();
    toldAt = context.clock.now();
    context.report({ message, awaited });
  };
}

async function explain(error: unknown, watch: ReleaseWatch, context: Context): Promise<unknown> {
  context.signal.throwIfAborted();
  if (error instanceof WaitTimeout) return tooLate(error.awaited, { judgement: (await watch.look()).judgement, context });
  if (!failedWith(error, 'forbidden', 'invalid', 'notFound')) return error;
  return cannotWatch(error, context);
}

function cannotWatch(error: DriverError, { world: { plan } }: Context): Failure {
  return new Failure('NotReady', {
    summary: `the release cannot be watched: ${error.message}`,
    object: `Namespace ${plan.candidate}`,
    reason: error.reason,
    next: 'Give the runner the right to list and watch what is named above',
    cause: error,
  });
}
