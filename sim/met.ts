// The troubles that seeds must meet, by the words that people have for them; which of them a fault is; and who counts them. Strikes nothing.

import { kinds } from '../src/drivers/cluster/objects.ts';
import { DriverError, type FailureReason } from '../src/drivers/failure.ts';
import type { Production } from './production.ts';
import type { Fault, SimulatedRequest, WatchDisturbance } from './requests.ts';

export const troubles = [
  'errors',
  'time-outs',
  'lost answers',
  'stale reads',
  'skipped watch events',
  'repeated watch events',
  '409',
  '410',
  '429',
  'slow controllers',
  'pods that flap',
  'pods that break',
  'zones that disagree',
  'clock jumps',
  'two runners',
  'SIGSTOP past the lease and SIGCONT',
] as const;
export type Trouble = (typeof troubles)[number];

/** How often each has been there. */
export type Met = ReadonlyMap<Trouble, number>;

/** What strikes a watch is counted when it has struck it: the watch may end before. */
export function troubleOf(fault: Fault, { driver, method, writes }: SimulatedRequest, leaseMs: number): Trouble | undefined {
  if (fault instanceof DriverError) return fault.retryAfterMs === undefined ? byReason[fault.reason] : '429';
  if (fault === 'errorBefore') return 'errors';
  if (fault === 'lostAnswer') return 'lost answers';
  if (typeof fault === 'string') return undefined;
  switch (fault.fault) {
    case 'swallowed':
      return 'time-outs';
    case 'answerSwallowed':
      return 'lost answers';
    case 'stale':
      return !writes && (driver === 'cluster' || driver === 'dns') ? 'stale reads' : undefined;
    case 'touched':
      return driver === 'cluster' && (method === 'replace' || method === 'patch') ? '409' : undefined;
    case 'clockSet':
      return 'clock jumps';
    case 'stopBefore':
    case 'stopAfter':
      return fault.ms > leaseMs ? 'SIGSTOP past the lease and SIGCONT' : undefined;
    default:
      return undefined;
  }
}

const byReason: Readonly<Partial<Record<FailureReason, Trouble>>> = { unavailable: 'errors', forbidden: 'errors', unreadable: 'errors', conflict: '409', gone: '410' };

const ofWatch: Readonly<Partial<Record<WatchDisturbance['fault'], Trouble>>> = { watchSkips: 'skipped watch events', watchRepeats: 'repeated watch events', watchGone: '410' };

/** Counts what strikes by itself, and has no request that it strikes; the rest is told. */
export class Meetings {
  readonly #counts = new Map<Trouble, number>();

  get met(): Met {
    return this.#counts;
  }

  add(trouble: Trouble): void {
    this.#counts.set(trouble, (this.#counts.get(trouble) ?? 0) + 1);
  }

  watch({ world }: Production, faultAt: (request: SimulatedRequest) => Fault | undefined): void {
    const { inside, behaviours } = world.cluster;
    world.onTraffic(({ request, moment }) => {
      const fault = moment === 'disturbed' ? faultAt(request) : undefined;
      const trouble = typeof fault === 'object' && 'fault' in fault ? ofWatch[fault.fault as WatchDisturbance['fault']] : undefined;
      if (trouble !== undefined) this.add(trouble);
    });
    const known = new Set<string>();
    inside.store.subscribe(({ kind, object: { metadata: { uid = '' } } }) => {
      if (kind.kind !== kinds.pod.kind) return;
      const isDown = inside.ailing.get(uid) === Infinity;
      // Once for each time that it goes down.
      if (isDown && !known.has(uid)) this.add(behaviours.get('Deployment/web')?.flaps === undefined ? 'pods that break' : 'pods that flap');
      if (isDown) known.add(uid);
      else known.delete(uid);
    });
  }
}
