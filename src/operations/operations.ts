// All operations by name: the name in the record leads back to its list of steps.

import type { Operation } from '../run/step.ts';
import type { World } from '../steps/world.ts';
import { prune } from './prune.ts';
import { rebuild } from './rebuild.ts';
import { rehearse } from './rehearse.ts';
import { rollback } from './rollback.ts';

export const operations: Readonly<Record<string, Operation<World>>> = { rebuild, rehearse, rollback, prune };
