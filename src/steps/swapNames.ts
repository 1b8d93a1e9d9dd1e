// Moves all names at once: one atomic compare-and-swap per zone, read back from every authoritative server.

import { z } from 'zod';
import { recordSet } from '../plan/plan.ts';
import type { Json, StepContext } from '../run/step.ts';
import { markMoved, markMovedBack } from './marks.ts';
import type { ReleaseStep, World } from './world.ts';
import { assertAllAnswer, assertNobodyElse, awaitServed, changeZones, lookAtZones, targetsOf, wantedRecords, type Target } from './zones.ts';

type Context = StepContext<World, unknown>;

export interface SwapResult {
  /** Milliseconds since 1970: when every authoritative server had given the new answers. */
  readonly switchedAt: number;
  /** The longest time for which anybody may still hold an old answer. */
  readonly longestTtlSeconds: number;
  readonly [key: string]: number;
}

export const swapNames: ReleaseStep<'swapNames', SwapResult> = {
  name: 'swapNames',
  title: 'Move the public names',
  affectsPublic: true,
  uninterruptible: true,

  async act(context) {
    const targets = await targetsOf(await wantedRecords(context), context);
    const looks = await lookAtZones(targets, context);
    assertNobodyElse(looks);
    await assertAllAnswer(targets, context);
    // Durable before the first change: whoever undoes this must know the new answers, even when the candidate is gone.
    await context.note(intent(targets, { returning: false }));
    await changeZones(looks, context);
    await awaitServed(targets, context);
    await markMoved(context);
    context.report({ message: `${targets.length} names answer with ${context.world.plan.candidate} on every authoritative server` });
    return { switchedAt: context.clock.now(), longestTtlSeconds: longestTtlSeconds(targets.flatMap(({ before }) => before)) };
  },

  async undo(context) {
    const noted = readIntent(context.noted);
    if (noted === undefined) return;
    const moved = await targetsOf(new Map(noted.names.map(({ name, desired }) => [name, desired])), context);
    const looks = await lookAtZones(moved.map((target) => ({ ...target, before: target.desired, desired: target.before })), context);
    const seen = noted.returning || looks.some(({ holds }) => holds === 'before');
    if (seen) await context.note(intent(moved, { returning: true }));
    await changeZones(looks, context);
    await awaitServed(looks.filter(({ holds }) => holds !== 'other').flatMap(({ targets }) => targets), context);
    // Only now: a zone that somebody else changed must not keep the others from being put back.
    assertNobodyElse(looks);
    await markMovedBack(context);
    if (seen) await outlastNewAnswers(moved, context);
  },
};

/** Clients that followed the new answers hold them for their TTL: the candidate must serve until then. */
async function outlastNewAnswers(moved: readonly Target[], context: Context): Promise<void> {
  const seconds = longestTtlSeconds(moved.flatMap(({ desired }) => desired));
  context.report({ message: `the names are back; ${seconds} s for clients that still hold the new answers` });
  await context.clock.sleep(seconds * 1_000, context.signal);
}

const intentSchema = z.object({
  names: z.array(z.object({ name: z.string(), desired: z.array(recordSet) })),
  /** The way back has begun: the new answers may have been seen. */
  returning: z.boolean(),
});

function intent(targets: readonly Target[], { returning }: { readonly returning: boolean }): Json {
  return { names: targets.map(({ name, desired }) => ({ name, desired: desired.map((set) => ({ ...set })) })), returning };
}

function readIntent(noted: Json | undefined): z.infer<typeof intentSchema> | undefined {
  return noted === undefined ? undefined : intentSchema.parse(noted);
}

function longestTtlSeconds(sets: readonly { readonly ttl: number }[]): number {
  return Math.max(0, ...sets.map(({ ttl }) => ttl));
}
