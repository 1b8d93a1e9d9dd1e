// The rebuild, as an ordered list: the first file to open. No logic here.

import { operation } from '../run/step.ts';
import { checkPreconditions } from '../steps/checkPreconditions.ts';
import { drainPrevious } from '../steps/drainPrevious.ts';
import { installRelease } from '../steps/installRelease.ts';
import { loadData } from '../steps/loadData.ts';
import { removeLeftovers } from '../steps/removeLeftovers.ts';
import { retirePrevious } from '../steps/retirePrevious.ts';
import { swapNames } from '../steps/swapNames.ts';
import { verifyRelease } from '../steps/verifyRelease.ts';
import { waitUntilReady } from '../steps/waitUntilReady.ts';
import type { World } from '../steps/world.ts';

export const rebuild = operation<World>()('rebuild', [
  checkPreconditions, // reads only: guards
  removeLeftovers, // of earlier, failed runs
  installRelease, // undo: delete the candidate
  waitUntilReady,
  loadData,
  verifyRelease, // the last step before the public is affected
  swapNames, // undo: put the old answers back
  drainPrevious, // until the public has really moved
  retirePrevious, // skipped, with the reason printed, unless the plan says so
]);
