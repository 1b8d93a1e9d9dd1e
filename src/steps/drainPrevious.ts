// Waits until nobody can hold an old answer any more, and then a soak, asking the HTTP checks of the new release all the while.

import { timestamp } from '../run/clock.ts';
import { retry } from '../run/retry.ts';
import type { StepContext } from '../run/step.ts';
import { checksFailed, failedSince, type FailedCheck } from './failed-checks.ts';
import type { SwapResult } from './swapNames.ts';
import { findCheckTargets, runChecks, type CheckTargets } from './verification.ts';
import type { ReleaseStep, World } from './world.ts';

interface Needs {
  readonly swapNames: SwapResult;
}

export const drainPrevious: ReleaseStep<'drainPrevious', void, Needs> = {
  name: 'drainPrevious',
  title: 'Wait until the public has moved',

  async act(context) {
    const { environment: { drain, verify } } = context.world;
    // Counted in what was slept: whoever swapped may have died on another machine, and one clock is never compared with another.
    let leftMs = context.results.swapNames.longestTtlSeconds * 1_000 + drain.soak;
    // Once: which Services answer for the names does not change while the public moves.
    const checks = await retry(() => findCheckTargets(context.world), context);
    if (verify.http.length === 0 && drain.soak > 0) context.warn('nothing is checked in the soak: verify.http has no checks, and only they are repeated');
    for (;;) {
      await assertHealthy(checks, context);
      if (leftMs <= 0) return;
      context.report({ message: 'the public is moving over', awaited: [describeLeft(leftMs, drain.soak)] });
      const pauseMs = Math.min(drain.every, leftMs);
      await context.clock.sleep(pauseMs, context.signal);
      leftMs -= pauseMs;
    }
  },
};

function describeLeft(leftMs: number, soakMs: number): string {
  const ttlLeftMs = leftMs - soakMs;
  if (ttlLeftMs > 0) return `${Math.ceil(ttlLeftMs / 1_000)} s until the last old answer has expired`;
  return `${Math.ceil(leftMs / 1_000)} s of soak`;
}

/** A single failed check may be the checker's own bad luck; the same check failing twice in a row is the release's. */
async function assertHealthy(checks: CheckTargets, context: StepContext<World, Needs>): Promise<void> {
  const first = await failures(checks, [], context);
  if (first.length === 0) return;
  context.warn(`a check failed once during the drain: ${first.map(({ reason }) => reason).join('; ')}`);
  await context.clock.sleep(1_000, context.signal);
  const second = await failures(checks, first, context);
  if (second.length > 0) throw checksFailed('DrainFailed', second);
}

async function failures(checks: CheckTargets, before: readonly FailedCheck[], { world, clock }: StepContext<World, Needs>): Promise<readonly FailedCheck[]> {
  const found = await runChecks(world.drivers.http, checks.targets);
  return failedSince([...checks.failures, ...found], before, timestamp(clock));
}
