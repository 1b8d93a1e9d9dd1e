// `up`, `down` and `import` as the command line has them: under the lock, with what they print.
import { resolve } from 'node:path';
import { boot } from './boot.ts';
import { readConnection } from './connection.ts';
import { tearDown } from './down.ts';
import { importArchive } from './images.ts';
import { withLock } from './lock.ts';
import { findHeld } from './namespaces.ts';
import { checkoutDir, clusterKey, stateDir } from './paths.ts';

const key = clusterKey(checkoutDir);

export async function upCommand(loadBalancerDelay: string): Promise<void> {
  const started = performance.now();
  const log = (line: string): void => console.log(`${seconds(started).padStart(6)} ${line}`);
  await withLock(key, async () => {
    const running = readConnection();
    if (running !== undefined && (await findHeld(key)) !== undefined) {
      log(`already up: ${running.apiServer}`);
      return;
    }
    const { apiServer, dns } = await boot({ key, loadBalancerDelay, log });
    log(`up: ${apiServer}, name servers ${dns.primary.address} and ${dns.secondary.address}`);
    console.log('Next: npm run cluster -- exec kubectl get pods -A');
  });
}

export async function downCommand(): Promise<void> {
  const started = performance.now();
  const wasUp = await withLock(key, () => tearDown(key));
  console.log(wasUp ? `down, ${seconds(started)}` : 'nothing was up');
}

export async function importCommand(files: readonly string[]): Promise<void> {
  const held = await findHeld(key);
  if (held === undefined) throw new Error('no cluster is up for this checkout; next: npm run cluster -- up');
  for (const file of files) {
    const { names, wasThere } = await importArchive(held.init, stateDir, resolve(file));
    console.log(`${names.join(', ')}: ${wasThere ? 'was there' : 'imported'}`);
  }
}

function seconds(started: number): string {
  return `${((performance.now() - started) / 1000).toFixed(1)} s`;
}
