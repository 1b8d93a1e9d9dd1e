// Waits until nobody can hold an old answer any more, and then a soak, verifying the new release all the while.

import { Failure } from '../errors.ts';
import { retry } from '../run/retry.ts';
import type { StepContext } from '../run/step.ts';
import type { SwapResult } from './swapNames.ts';
import { findCheckTargets, runChecks, type CheckFailure, type CheckTargets } from './verification.ts';
import type { ReleaseStep, World } from './world.ts';

interface Needs {
  readonly swapNames: SwapResult;
}

export const drainPrevious: ReleaseStep<'drainPrevious', void, Needs> = {
  name: 'drainPrevious',
  title: 'Wait until the public has moved',

  async act(context) {
    const { environment: { drain } } = context.world;
    // Counted in what was slept: whoever swapped may have died on another machine, and one clock is never compared with another.
    let leftMs = context.results.swapNames.longestTtlSeconds * 1_000 + drain.soak;
    // Once: which Services answer for the names does not change while the public moves.
    const checks = await retry(() => findCheckTargets(context.world), context);
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
  const first = await failures(checks, context);
  if (first.length === 0) return;
  context.warn(`a check failed once during the drain: ${first.map(({ reason }) => reason).join('; ')}`);
  await context.clock.sleep(1_000, context.signal);
  const [failed, ...others] = await failures(checks, context);
  if (failed === undefined) return;
  throw new Failure('DrainFailed', { summary: `${failed.check}: ${failed.reason}`, details: others.map(({ check, reason }) => `${check}: ${reason}`) });
}

async function failures(checks: CheckTargets, { world }: StepContext<World, Needs>): Promise<readonly CheckFailure[]> {
  return [...checks.failures, ...(await runChecks(world.drivers.http, checks.targets))];
}
