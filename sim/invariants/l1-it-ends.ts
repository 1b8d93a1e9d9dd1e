// L1, it ends: once no fault strikes any more, every command comes to a final state within a bounded number of requests.

import type { Command } from '../production.ts';
import { asFailure } from '../../src/drivers/failure.ts';
import { counted, type Invariant } from './scene.ts';

export const itEnds: Invariant = ({ production: { world, commands }, mostRequests = () => Infinity, violate }) => () => {
  for (const command of commands) {
    const problem = endProblem(command);
    if (problem !== undefined) violate(`process ${command.process} (${command.intent.operation}) ${problem}`);
    if (!command.calm) continue;
    const own = counted(world.requests.filter(({ process }) => process === command.process));
    const enough = mostRequests(command.intent.operation);
    if (own > enough) violate(`process ${command.process} (${command.intent.operation}) made ${own} requests without a fault, and ${enough} are enough`);
  }
};

/** A refusal with a name is an end; so is every outcome that a record can hold but `running`. */
function endProblem({ ended }: Command): string | undefined {
  if (ended === undefined) return 'has not ended';
  if ('killed' in ended || 'done' in ended) return undefined;
  // As `cli` does with whatever was thrown.
  if ('error' in ended) return asFailure(ended.error).code === 'Unexpected' ? `ended with something that has no name: ${String(ended.error)}` : undefined;
  const { outcome, failure, exitCode } = ended.performed;
  if ((outcome === 'needsHuman') !== (exitCode === 4)) return `ended as ${outcome} with exit code ${exitCode}`;
  return outcome === 'running' || failure?.code === 'Unexpected' ? `ended as ${outcome}: ${failure?.message ?? 'nobody knows why'}` : undefined;
}
