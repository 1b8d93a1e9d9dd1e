// Helm as the program starts it: finds it while it works, and says whether it still does. It hurts nobody.

import { basename } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { commandOf, descendantsOf } from './processes.ts';
import type { ChaosRun } from './run.ts';

export type HelmVerb = 'install' | 'uninstall';

/** The process id of the first Helm that does this; undefined when the run ended without one. */
export async function helmOf(run: ChaosRun, verb: HelmVerb): Promise<number | undefined> {
  while (!run.isOver) {
    const found = descendantsOf(run.pid).find((pid) => isHelm(pid, verb));
    if (found !== undefined) return found;
    await setTimeout(15);
  }
  return undefined;
}

export function isHelm(pid: number, verb: HelmVerb): boolean {
  const [file = '', first] = commandOf(pid);
  return basename(file) === 'helm' && first === verb;
}
