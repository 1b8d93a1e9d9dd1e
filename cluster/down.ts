// Ends a cluster: exactly the processes that `up` marked and that live in the cluster's namespaces, and with them everything
// inside. It never ends anything by a stored process id, and never from within those namespaces.
import { rm } from 'node:fs/promises';
import { removeCgroups } from './cgroups.ts';
import { run } from './command.ts';
import { connectionFile } from './connection.ts';
import { cgroupName } from './layout.ts';
import { enter } from './namespaces.ts';
import { findElsewhere, findMarked, hasRole, isAlive } from './processes.ts';
import { until } from './wait.ts';

/** Returns whether there was anything to end. */
export async function tearDown(key: string): Promise<boolean> {
  const found = await findElsewhere(key);
  if (found.length === 0 && (await findMarked(key)).length > 0) {
    throw new Error('this runs inside the namespaces of the cluster, which cannot end itself; next: run it outside of `exec`');
  }
  await rm(connectionFile, { force: true });
  for (const { pid } of found.filter((one) => hasRole(one, 'holder'))) {
    // The kernel takes the interface back some time after the namespace; the next `up` may come sooner.
    await run(enter(pid, ['ip', 'link', 'delete', 'eth0'])).catch(() => undefined);
  }
  for (const { pid } of found) {
    if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  }
  await until('the processes of the cluster to end', 20_000, async () =>
    (await findElsewhere(key)).length === 0 ? true : undefined,
  );
  await until('the control groups of the cluster to empty', 10_000, async () =>
    (await removeCgroups(cgroupName(key))) ? true : undefined,
  );
  return found.length > 0;
}
