// What a run leaves that nobody finishes: for tests of those who clean up.

import { annotations, labels } from '../../../src/plan/ownership.ts';
import type { KubernetesWorld } from './world.ts';

/** As a runner leaves it that was killed just after it had made the namespace: without an account, or rights of its own there. */
export async function makeLeftover(world: KubernetesWorld): Promise<string> {
  const name = `${world.environment}-00000`;
  await world.kubectl('create', 'namespace', name);
  await world.kubectl('annotate', 'namespace', name, `${annotations.state}=candidate`, `${annotations.run}=20260101-000000-00000`);
  await world.kubectl('label', 'namespace', name, `${labels.managedBy}=changeover`, `${labels.environment}=${world.environment}`);
  return name;
}
