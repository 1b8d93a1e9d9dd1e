// One `up` or `down` at a time for each cluster. The lock is a socket name, which the kernel takes back from a killed process.
import { createServer, type Server } from 'node:net';
import { until } from './wait.ts';

// As long as the first `up` on a slow machine, which builds.
const longestUpMs = 600_000;

/** Waits for the lock, works, and gives it back also when the work fails. */
export async function withLock<T>(key: string, work: () => Promise<T>): Promise<T> {
  const server = await until('the other `up` or `down` of this cluster', longestUpMs, () => tryLock(key));
  try {
    return await work();
  } finally {
    server.close();
  }
}

/** Works only if nobody has the lock at this moment. */
export async function ifUnlocked(key: string, work: () => Promise<void>): Promise<void> {
  const server = await tryLock(key);
  if (server === undefined) return;
  try {
    await work();
  } finally {
    server.close();
  }
}

/** Undefined when someone else has it. A name with a leading zero byte is in no file system: nothing is left behind. */
async function tryLock(key: string): Promise<Server | undefined> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once('error', () => resolve(undefined));
    server.listen(`\0changeover-cluster-${key}`, () => resolve(server));
  });
}
