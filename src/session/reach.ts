// Makes the environment's releases readable to the runner that is installed here, before anything in them is read. Does nothing
// where no runner is installed.

import { Failure } from '../errors.ts';
import { observeInstallation } from '../observe/installation.ts';
import { observeNamespaces } from '../observe/observe.ts';
import { installationProblem } from '../plan/guards.ts';
import { timestamp } from '../run/clock.ts';
import { ensureAccess } from '../steps/access.ts';
import type { Session } from './session.ts';

/** Under the lock. A release that was made from a laptop, or adopted, lacks the bindings; to read it without them is refused. */
export async function reachReleases({ environment, drivers, clock, stop, say }: Session): Promise<void> {
  const context = { environment, drivers, clock, signal: stop };
  const installation = await observeInstallation(context);
  if (installation === undefined) return;
  const problem = installationProblem(environment, installation);
  if (problem !== undefined) throw new Failure('GuardFailed', { summary: problem, since: timestamp(clock) });
  for (const { name, uid, deleting } of await observeNamespaces(context)) {
    // One that is going takes nothing new, and needs nothing more.
    if (deleting) continue;
    await ensureAccess({ name, namespaceUid: uid }, { ...context, remind: (awaited) => say(`release ${name}: waiting for ${awaited.join(', ')}`) });
  }
}
