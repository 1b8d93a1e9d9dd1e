// Clears what earlier, failed runs left behind, before anything new needs the room.

import { deleteRelease } from './deletion.ts';
import type { ReleaseStep } from './world.ts';

export const removeLeftovers: ReleaseStep<'removeLeftovers'> = {
  name: 'removeLeftovers',
  title: 'Remove what earlier runs left behind',

  skip: ({ plan }) => (plan.leftovers.length === 0 ? 'nothing is left over' : undefined),

  async act(context) {
    const { leftovers, leftoverTtlSeconds = 0 } = context.world.plan;
    if (leftoverTtlSeconds > 0) {
      context.report({ message: 'the public was on what is left over', awaited: [`${leftoverTtlSeconds} s until the last answer that leads there has expired`] });
      await context.clock.sleep(leftoverTtlSeconds * 1_000, context.signal);
    }
    for (const release of leftovers) {
      await deleteRelease(release, context, 'RemovalFailed');
    }
  },
};
