// Faults as data: which request fails, and how. Each is a function of the request alone, so that a seed replays it.

import type { Random } from './random.ts';
import type { Fault, Faults, SimulatedRequest } from './requests.ts';

export type Death = 'kill' | 'killAfter' | 'killHeard';

export const noFaults: Faults = () => undefined;

/** The process dies at the request of this number in the log. */
export function killAt(index: number, fault: Death = 'kill'): Faults {
  return (request) => (request.index === index ? fault : undefined);
}

/** The first `times` requests whose text matches fail. */
export function failing(text: RegExp, fault: Fault, times = 1): Faults {
  let left = times;
  return (request) => {
    if (left === 0 || !text.test(request.text)) return undefined;
    left -= 1;
    return fault;
  };
}

/** A share (0 to 1) of all requests fails until so many have failed: faults must stop for a run to end. */
export function randomFaults(random: Random, options: { readonly share: number; readonly most: number; readonly kinds: readonly Fault[] }): Faults {
  let left = options.most;
  return () => {
    if (left === 0 || random.next() >= options.share) return undefined;
    left -= 1;
    return options.kinds[random.between(0, options.kinds.length - 1)];
  };
}

/** The first of several that strikes. All are asked, so that each counts on. */
export function anyOf(...all: readonly Faults[]): Faults {
  return (request: SimulatedRequest) => all.map((faults) => faults(request)).find((fault) => fault !== undefined);
}
