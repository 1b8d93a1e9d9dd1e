// Clears what earlier, failed runs left behind, before anything new needs the room.

import { deleteRelease } from './deletion.ts';
import type { ReleaseStep } from './world.ts';

export const removeLeftovers: ReleaseStep<'removeLeftovers'> = {
  name: 'removeLeftovers',
  title: 'Remove what earlier runs left behind',

  skip: ({ plan }) => (plan.leftovers.length === 0 ? 'nothing is left over' : undefined),

  async act(context) {
    for (const release of context.world.plan.leftovers) {
      await deleteRelease(release, context, 'RemovalFailed');
    }
  },
};
