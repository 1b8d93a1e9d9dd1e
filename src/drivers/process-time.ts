// The processor time of a started program, as Linux knows it in /proc. Looks, and ends nothing.

import { readFileSync } from 'node:fs';

/** A program that is given somebody else's work: how long it may seem to hang, unless it was only waiting for others to let it work. */
export interface Patience {
  readonly afterMs: number;
  /** Of processor time: with less, it goes on after `afterMs`, until it has had so much. */
  readonly cpuMs: number;
}

const everyMs = 50;

/** Whether it is still at work when `patience` is over; at once when it has ended before. */
export async function outlasts(pid: number, patience: Patience, ended: Promise<unknown>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const look = (): void => {
    if ((cpuTimeNow(pid) ?? 0) >= patience.cpuMs) resolve(true);
    else timer = setTimeout(look, everyMs);
  };
  let timer = setTimeout(look, patience.afterMs);
  const isOver = await Promise.race([promise, ended.then(() => false, () => false)]);
  clearTimeout(timer);
  return isOver;
}

const measureEveryMs = 5;

/** What it had when it was last seen; undefined where the system does not tell. */
export async function cpuTimeOf(pid: number, ended: Promise<unknown>): Promise<number | undefined> {
  let last: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    last = cpuTimeNow(pid) ?? last;
    timer = setTimeout(look, measureEveryMs);
  };
  look();
  await ended.finally(() => clearTimeout(timer));
  return last;
}

/** Of a second. Source: proc_pid_stat(5), time(7): the kernel tells it in these, whatever it counts in. */
const ticksPerSecond = 100;

/** Of all its threads. Behind the program's name, which may hold anything, `utime` and `stime` are the twelfth and the thirteenth field. */
function cpuTimeNow(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [user, system] = stat.slice(stat.lastIndexOf(')') + 2).split(' ').slice(11, 13).map(Number);
    return user === undefined || system === undefined ? undefined : ((user + system) * 1_000) / ticksPerSecond;
  } catch {
    return undefined;
  }
}
