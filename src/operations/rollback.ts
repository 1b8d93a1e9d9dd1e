// Back to a release that was live before: the same checks and the same care as on the way there.

import { operation } from '../run/step.ts';
import { checkPreconditions } from '../steps/checkPreconditions.ts';
import { drainPrevious } from '../steps/drainPrevious.ts';
import { swapNames } from '../steps/swapNames.ts';
import { verifyRelease } from '../steps/verifyRelease.ts';
import { waitUntilReady } from '../steps/waitUntilReady.ts';
import type { World } from '../steps/world.ts';

export const rollback = operation<World>()('rollback', [
  checkPreconditions,
  waitUntilReady, // it may have been left alone for days
  verifyRelease,
  swapNames, // undo: put the answers back as they were
  drainPrevious,
]);
