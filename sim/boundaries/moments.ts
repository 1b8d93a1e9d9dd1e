// Where an operation that nobody disturbs stood at each of its boundaries: to guess which deaths leave the same behind. Proves nothing.

import type { Death } from '../faults.ts';
import type { Traffic } from '../requests.ts';
import type { SimulatedWorld } from '../world.ts';

export interface Moment {
  /** Of the process's own requests, from 0. */
  readonly nth: number;
  readonly fault: Death;
  readonly at: number;
  /** How often the process had changed something by then, or been seen to do what somebody who watches it remembers. */
  readonly effects: number;
}

const deathAt: Readonly<Partial<Record<Traffic['moment'], Death>>> = { sent: 'kill', done: 'killAfter', heard: 'killHeard' };

/** From now on, of this process; in the order of time. */
export function watchMoments(world: SimulatedWorld, process: number): readonly Moment[] {
  const moments: Moment[] = [];
  const places = new Map<number, number>();
  let effects = 0;
  world.onTraffic((traffic) => {
    const { request, moment } = traffic;
    if (request.process !== process) return;
    if (!places.has(request.index)) places.set(request.index, places.size);
    if (hasEffect(traffic)) effects += 1;
    const fault = deathAt[moment];
    if (fault !== undefined) moments.push({ nth: places.get(request.index) ?? 0, fault, at: world.clock.now(), effects });
  });
  return moments;
}

/** A watch begins when its answer is heard, and takes something from chance; pages are what a release is judged by. */
function hasEffect({ request: { driver, method, writes }, moment }: Traffic): boolean {
  return method === 'watch' ? moment === 'heard' : moment === 'done' && (writes || driver === 'http');
}
