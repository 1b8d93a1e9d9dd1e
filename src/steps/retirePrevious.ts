// Removes the release that was live before, once the public has moved. A failure here leaves the public where it is.

import { deleteRelease } from './deletion.ts';
import type { ReleaseStep } from './world.ts';

export const retirePrevious: ReleaseStep<'retirePrevious'> = {
  name: 'retirePrevious',
  title: 'Retire the previous release',
  onFailure: 'leave',

  skip({ plan }) {
    if (plan.previous === undefined) return 'there was no release before';
    if (!plan.deletePrevious) return `deleteExisting is false: ${plan.previous.name} stays`;
    return undefined;
  },

  async act(context) {
    const { previous } = context.world.plan;
    if (previous !== undefined) await deleteRelease(previous, context, 'RetireFailed');
  },
};
