// Removes the release that was live before, once the public has moved. A failure here leaves the public where it is.

import { Failure } from '../errors.ts';
import { DriverError } from '../drivers/failure.ts';
import { timestamp, type Clock } from '../run/clock.ts';
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
    if (previous === undefined) return;
    try {
      await deleteRelease(previous, context, 'RetireFailed');
    } catch (error) {
      throw error instanceof DriverError ? notRetired(previous.name, error, context.clock) : error;
    }
  },
};

/** Whatever kept it from being removed: that the public has moved is what has to be told first. */
function notRetired(release: string, error: DriverError, clock: Clock): Failure {
  return new Failure('RetireFailed', { summary: `${release} is still there: ${error.message}`, object: `release ${release}`, reason: error.detail ?? error.message, since: timestamp(clock), cause: error });
}
