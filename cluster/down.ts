// Ends a cluster: exactly the processes that hold its namespaces, and with them everything inside.
import { rm } from 'node:fs/promises';
import { removeCgroups } from './cgroups.ts';
import { connectionFile } from './connection.ts';
import { cgroupName } from './layout.ts';
import { findOurs, isAlive } from './processes.ts';
import { until } from './wait.ts';

/** Returns whether there was anything to end. */
export async function tearDown(key: string): Promise<boolean> {
  await rm(connectionFile, { force: true });
  const found = await findOurs(key);
  for (const { pid } of found) {
    if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  }
  await until('the processes of the cluster to end', 20_000, async () =>
    (await findOurs(key)).length === 0 ? true : undefined,
  );
  await until('the control groups of the cluster to empty', 5_000, async () => {
    await removeCgroups(cgroupName(key));
    return true;
  });
  return found.length > 0;
}
