// Clearing away, as an ordered list: what earlier runs left behind, and nothing that serves or that a rollback returns to.

import { operation } from '../run/step.ts';
import { checkPreconditions } from '../steps/checkPreconditions.ts';
import { removeLeftovers } from '../steps/removeLeftovers.ts';
import type { World } from '../steps/world.ts';

export const prune = operation<World>()('prune', [
  checkPreconditions, // reads only: guards
  removeLeftovers,
]);
