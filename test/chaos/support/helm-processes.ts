// Helm as the program starts it, and as somebody starts it by hand: finds it while it works, and says whether it still does. It hurts nobody.

import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { execa } from 'execa';
import type { Connection } from '../../../cluster/connection.ts';
import type { ChaosEnvironment } from './environment.ts';
import { commandOf, descendantsOf } from './processes.ts';
import type { ChaosRun } from './run.ts';

export type HelmVerb = 'install' | 'uninstall' | 'upgrade';

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

const chart = join(import.meta.dirname, '../chart');

/** `ended` resolves when it has ended in whatever way. */
export function startUpgrade({ stage: { connection } }: ChaosEnvironment, release: string): { readonly pid: number; readonly ended: Promise<unknown> } {
  const args = ['upgrade', release, chart, '--namespace', release, '--reset-then-reuse-values', '--set', 'edition=second'];
  const upgrade = execa(join(connection.binDir, 'helm'), args, byHand(connection));
  return { pid: upgrade.pid ?? 0, ended: upgrade };
}

export interface Revision {
  /** `pending-upgrade`, `deployed`. */
  readonly status: string;
  /** 1 is what was installed. */
  readonly number: number;
}

/** The latest one, as Helm itself tells it. */
export async function revisionOf({ stage: { connection } }: ChaosEnvironment, release: string): Promise<Revision> {
  const { stdout } = await execa(join(connection.binDir, 'helm'), ['status', release, '--namespace', release, '--output', 'json'], byHand(connection));
  const { version, info } = JSON.parse(stdout) as { readonly version: number; readonly info: { readonly status: string } };
  return { status: info.status, number: version };
}

function byHand({ kubeconfig }: Connection) {
  return { env: { KUBECONFIG: kubeconfig }, reject: false, stdin: 'ignore' } as const;
}
