// A rehearsal: everything up to the swap, and then the candidate goes away again.

import { operation } from '../run/step.ts';
import { checkPreconditions } from '../steps/checkPreconditions.ts';
import { installRelease } from '../steps/installRelease.ts';
import { loadData } from '../steps/loadData.ts';
import { removeCandidate } from '../steps/removeCandidate.ts';
import { removeLeftovers } from '../steps/removeLeftovers.ts';
import { verifyRelease } from '../steps/verifyRelease.ts';
import { waitUntilReady } from '../steps/waitUntilReady.ts';
import type { World } from '../steps/world.ts';

export const rehearse = operation<World>()('rehearse', [
  checkPreconditions,
  removeLeftovers,
  installRelease, // undo: delete the candidate
  waitUntilReady,
  loadData,
  verifyRelease,
  removeCandidate,
]);
