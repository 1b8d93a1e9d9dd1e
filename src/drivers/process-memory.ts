// The memory of a started program, as Linux knows it in /proc. Looks, and makes the program the one to go when there is none left; ends nothing.

import { readFileSync, writeFileSync } from 'node:fs';

/** Above one stretch of Go's heap (64 MiB), below the tables that its runtime reserves before (some 1,000 MiB). */
const noiseBytes = 80 * 1024 * 1024;
const everyMs = 1;
/** On a busy machine it may end before anybody looks again: what was seen less often may have been on its way. */
const fewestLooks = 3;

/**
 * The address space that the program takes before it has any work: what it had as soon as its runtime stood, until `ended`.
 * The largest look tells that it stood. Of the others the smallest that is near counts: since Go 1.26 the heap begins at a random
 * place, and in one of five processes needs a second stretch at once, which is not part of what every process takes.
 */
export async function addressSpaceOf(pid: number, ended: Promise<unknown>): Promise<number | undefined> {
  const looks: number[] = [];
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    looks.push(...addressSpaceNow(pid));
    timer = setTimeout(look, everyMs);
  };
  look();
  await ended.finally(() => clearTimeout(timer));
  return startingSize(looks);
}

export function startingSize(looks: readonly number[]): number | undefined {
  const largest = Math.max(0, ...looks);
  const near = looks.filter((bytes) => bytes >= largest - noiseBytes);
  return near.length < fewestLooks ? undefined : Math.min(...near);
}

/** In KiB whatever the size of a page. Source: proc_pid_status(5). Nothing of a program that has ended. */
function addressSpaceNow(pid: number): readonly number[] {
  try {
    const kibibytes = /^VmSize:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kibibytes === undefined ? [] : [Number(kibibytes) * 1_024];
  } catch {
    return [];
  }
}

/**
 * When a machine or a pod has no memory left, the kernel shall end this program, and not the one that started it and can tell what
 * happened. Everybody may raise this of his own processes. Source: proc_pid_oom_score_adj(5).
 */
export function offerFirst(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, '1000');
  } catch {
    // It has ended already, or this is not Linux.
  }
}
