// Which processes a process has started, as Linux tells it. It only reads.

import { readdirSync, readFileSync } from 'node:fs';

/** Children, their children, and so on; none of one that is gone. */
export function descendantsOf(pid: number): readonly number[] {
  const children = childrenOf(pid);
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

/** The command line of a living process; empty when it is gone. */
export function commandOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter((word) => word !== '');
  } catch {
    return [];
  }
}

function childrenOf(pid: number): readonly number[] {
  try {
    // A child belongs to the thread that has started it.
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) => idsIn(`/proc/${pid}/task/${thread}/children`));
  } catch {
    return [];
  }
}

function idsIn(file: string): readonly number[] {
  try {
    return readFileSync(file, 'utf8').split(' ').filter((id) => id !== '').map(Number);
  } catch {
    return [];
  }
}
