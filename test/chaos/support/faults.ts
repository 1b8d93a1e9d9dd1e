// Which of the requests that pass a proxy are hurt, and how: by chance, from a seed. It touches no connection.

import type { Random } from '../../../sim/random.ts';
import type { Tally } from './tally.ts';

/** What a proxy knows of a request before it sends it on. */
export interface Passing {
  readonly method: string;
  readonly path: string;
  readonly isWatch: boolean;
  /** Asked by Helm, which gives up at the first error: then the run fails, in order. */
  readonly isHelm: boolean;
}

export type ApiFault = 'cut' | 'cutAnswer' | 'lostAnswer' | 'delay' | 'stall' | '429' | '500' | '410';
export type WatchFault = 'cut' | 'gone' | 'refused';
/** `stall`: a connection that is open, takes everything, and never says anything. */
export type DnsFault = 'drop' | 'delay' | 'servfail' | 'cut' | 'lostAnswer' | 'stall';

export interface Faults {
  api(passing: Passing): ApiFault | undefined;
  watch(): { readonly fault: WatchFault; readonly afterMs: number } | undefined;
  dns(transport: 'udp' | 'tcp'): DnsFault | undefined;
  /** For `delay`. */
  delayMs(): number;
  /** How many there were. */
  count(): number;
  /** From then on everything passes, until it goes on. */
  stop(): void;
  goOn(): void;
}

/** Helm's own patience is not what is tested: it is slowed down, and only now and then hurt. */
const usual = { runner: 0.1, helmSlowed: 0.04, helmHurt: 0.003, watch: 0.3, udp: 0.06, tcp: 0.2 };

export function chanceFaults(random: Random, tally: Tally, more: Partial<typeof usual> = {}): Faults {
  const chances = { ...usual, ...more };
  let isStopped = false;
  let count = 0;
  const counted = <T extends string>(where: string, fault: T): T => {
    count += 1;
    tally.count('injections');
    tally.count(`of them ${where}: ${fault}`);
    return fault;
  };
  const among = <T>(list: readonly [T, ...T[]]): T => list[random.between(0, list.length - 1)] ?? list[0];
  return {
    api({ method, isHelm, isWatch, path }) {
      if (isStopped) return undefined;
      const chance = random.next();
      if (isHelm && chance < chances.helmHurt) return counted('API', among<ApiFault>(['cut', '500', 'lostAnswer']));
      if (isHelm) return chance < chances.helmSlowed ? counted('API', among<ApiFault>(['delay', '429'])) : undefined;
      if (isWatch || chance >= chances.runner) return undefined;
      // The time-out of a request is 10 s: a few of them are enough. A lease is asked for so seldom that more of it is hurt so.
      const isLease = path.includes('/leases');
      if (random.next() < (isLease ? 0.2 : 0.03)) return counted(isLease ? 'API, the lease' : 'API', 'stall');
      // Said of what is read only (Kubernetes API concepts, "410 Gone responses").
      if (method === 'GET' && random.next() < 0.1) return counted('API', '410');
      return counted('API', among<ApiFault>(['cut', 'cutAnswer', 'lostAnswer', 'delay', '429', '500']));
    },
    watch() {
      if (isStopped || random.next() >= chances.watch) return undefined;
      return { fault: counted('watch', among<WatchFault>(['cut', 'gone', 'refused'])), afterMs: random.between(0, 2_000) };
    },
    dns(transport) {
      if (isStopped || random.next() >= chances[transport]) return undefined;
      return transport === 'udp' ? counted('DNS, UDP', among<DnsFault>(['drop', 'delay', 'servfail'])) : counted('DNS, TCP', among<DnsFault>(['cut', 'delay', 'lostAnswer', 'stall']));
    },
    delayMs: () => random.between(50, 1_500),
    count: () => count,
    stop: () => void (isStopped = true),
    goOn: () => void (isStopped = false),
  };
}
