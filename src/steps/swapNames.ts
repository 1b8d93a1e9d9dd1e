// Moves all names at once: one atomic compare-and-swap per zone, read back from every authoritative server.

import * as z from 'zod';
import { Failure } from '../errors.ts';
import { recordSet } from '../plan/plan.ts';
import { recordName } from '../plan/runner-names.ts';
import type { RetryOptions } from '../run/retry.ts';
import type { Json, StepContext } from '../run/step.ts';
import { claimRelease } from './claim.ts';
import { markMoved, markMovedBack } from './marks.ts';
import type { ReleaseStep, World } from './world.ts';
import { textOf } from './owners.ts';
import { assertAllAnswer, assertNobodyElse, awaitServed, changeZones, claimZones, isLate, lookAtZones, targetsOf, wantedRecords, type Target, type ZoneLook } from './zones.ts';

type Context = StepContext<World, unknown>;

const swapResult = z.object({
  /** Milliseconds since 1970: when every authoritative server had given the new answers. */
  switchedAt: z.number(),
  /** The longest time for which anybody may still hold an old answer. */
  longestTtlSeconds: z.number().min(0),
});
export type SwapResult = z.infer<typeof swapResult>;

export const swapNames: ReleaseStep<'swapNames', SwapResult> = {
  name: 'swapNames',
  title: 'Move the public names',
  output: swapResult,
  affectsPublic: true,
  uninterruptible: true,

  async act(context) {
    const targets = await targetsOf(await wantedRecords(context), context);
    const looks = await lookAtZones(targets, context);
    assertNobodyElse(looks);
    await assertAllAnswer(targets, context);
    // Durable before the first change: whoever undoes this must know the new answers, even when the candidate is gone.
    await claimRelease({ name: context.world.plan.candidate }, context);
    await context.note(intent(looks));
    tellFirstOwners(looks, context);
    await changeZones(looks, context.world.plan.candidate, context);
    await awaitServed(targets, context);
    await markMoved(context);
    context.report({ message: `${targets.length} names answer with ${context.world.plan.candidate} on every authoritative server` });
    return { switchedAt: context.clock.now(), longestTtlSeconds: longestTtlSeconds(targets.flatMap(({ before }) => before)) };
  },

  async undo(hurried) {
    const noted = readIntent(hurried);
    if (noted === undefined) return;
    const context = patient(hurried);
    const moved = await notedTargets(noted, context);
    const looks = await withoutDoubt(await lookAtZones(moved.map((target) => ({ ...target, before: target.desired, desired: target.before })), context), context);
    const seen = noted.returning || looks.some(({ holds }) => holds === 'before');
    const late = noted.late ?? (seen && (await isLate(moved, context)));
    if (seen) await context.note({ ...noted, returning: true, late });
    await changeZones(looks, context.world.plan.previous?.name, context);
    // A zone that holds the old answers may have a change before it that nobody has heard of again.
    await claimZones(looks.filter(({ holds }) => holds === 'desired').filter((look) => isUntouched(look, noted)), context);
    await awaitServed(looks.filter(({ holds }) => holds !== 'other').flatMap(({ targets }) => targets), context);
    // Only now: a zone that somebody else changed must not keep the others from being put back.
    assertNobodyElse(looks);
    await markMovedBack(context);
    if (seen) await outlastNewAnswers(moved, { ...context, late });
  },

  async takeOver(hurried) {
    const noted = readIntent(hurried);
    // Before it is noted nothing is sent.
    if (noted === undefined) return;
    const context = patient(hurried);
    await claimZones(await lookAtZones(await notedTargets(noted, context), context), context);
  },
};

/** A name server that is started anew, or moved to another machine, is away for minutes. */
const leastPatienceMs = 600_000;

/**
 * Where names may lead to different releases there is nothing better to do than to try on: to give up leaves the public so. On the way
 * there the way back is better, and nothing is waited for.
 */
function patient<C extends Context>(context: C): C & Pick<RetryOptions, 'forMs' | 'onRetry'> {
  const { world: { environment: { swap } }, clock, report } = context;
  const onRetry: RetryOptions['onRetry'] = (error, { afterMs, leftMs }) => {
    const until = new Date(clock.now() + leftMs).toISOString().slice(11, 19);
    report({ message: `the names are held up; it is tried until ${until} UTC`, awaited: [`${error.message}; again in ${afterMs / 1_000} s`] });
  };
  return { ...context, forMs: Math.max(swap.timeout, leastPatienceMs), onRetry };
}

function tellFirstOwners(looks: readonly ZoneLook[], context: Context): void {
  const fresh = looks.flatMap(({ targets, owners }) => targets.filter((_, index) => owners[index] !== undefined && owners[index].set === undefined)).map(({ name }) => name);
  if (fresh.length > 0) context.report({ message: `environment ${context.world.environment.environment} takes ${fresh.join(', ')}: nobody has an owner record there yet` });
}

/**
 * Old answers beside an owner record of the candidate: a provider with several front ends shows what was there before the swap, or
 * somebody has put them back by hand. The zone itself tells: it refuses to be claimed as what it is not.
 */
async function withoutDoubt(looks: readonly ZoneLook[], context: Context): Promise<readonly ZoneLook[]> {
  const { candidate } = context.world.plan;
  const isDoubtful = ({ holds, owners }: ZoneLook): boolean => holds === 'desired' && owners.some(({ owner }) => owner?.release === candidate);
  return (await Promise.all(looks.map(async (look) => (isDoubtful(look) ? claimZones([look], context) : [look])))).flat();
}

/**
 * Clients that followed the new answers hold them for their TTL: the candidate must serve until then. A server that had not even heard
 * of them when they were taken back may still give them for a moment, later: that is given the time that the swap would have given it.
 */
async function outlastNewAnswers(moved: readonly Target[], context: Context & { readonly late: boolean }): Promise<void> {
  const lateSeconds = context.late ? context.world.environment.swap.timeout / 1_000 : 0;
  const seconds = longestTtlSeconds(moved.flatMap(({ desired }) => desired)) + lateSeconds;
  context.report({ message: `the names are back; ${seconds} s for clients that still hold the new answers` });
  await context.clock.sleep(seconds * 1_000, context.signal);
}

const intentSchema = z.object({
  /** `owner`: what its owner record said before; null: there was none. Undefined where owner records were off, or not known yet. */
  names: z.array(z.object({ name: z.string(), desired: z.array(recordSet), owner: z.string().nullable().optional() })),
  /** The way back has begun: the new answers may have been seen. */
  returning: z.boolean(),
  /** When it began, some server did not give the new answers yet. Undefined before, and in records of versions that did not look. */
  late: z.boolean().optional(),
});

type Intent = z.infer<typeof intentSchema>;

function intent(looks: readonly ZoneLook[]): Json {
  const names = looks.flatMap(({ targets, owners }) =>
    targets.map(({ name, desired }, index) => ({ name, desired: desired.map((set) => ({ ...set })), ...(owners[index] === undefined ? {} : { owner: textOf(owners[index]) }) })),
  );
  return { names, returning: false };
}

function readIntent({ noted, run, world: { environment } }: Context): Intent | undefined {
  if (noted === undefined) return undefined;
  const intent = intentSchema.safeParse(noted);
  if (intent.success) return intent.data;
  throw new Failure('RecordUnreadable', { summary: `the record of run ${run.id} is damaged: what swapNames noted is not what it notes`, object: `ConfigMap ${environment.runner.namespace}/${recordName(environment.environment, run.id)}` });
}

function notedTargets({ names }: Intent, context: Context): Promise<readonly Target[]> {
  return targetsOf(new Map(names.map(({ name, desired }) => [name, desired])), context);
}

/** Its owner records are those that the swap saw: what was sent then could still happen. */
function isUntouched({ targets, owners }: ZoneLook, { names }: Intent): boolean {
  return owners.some((held, index) => {
    const before = names.find(({ name }) => name === targets[index]?.name)?.owner;
    return before === undefined || before === textOf(held);
  });
}

function longestTtlSeconds(sets: readonly { readonly ttl: number }[]): number {
  return Math.max(0, ...sets.map(({ ttl }) => ttl));
}
