// The kinds of faults by name, and a mix of them that a seed has chosen: data in, faults out. Strikes until it is told to stop.

import { DriverError, type FailureReason } from '../src/drivers/failure.ts';
import type { Death } from './faults.ts';
import { pick } from './actors/play.ts';
import type { Random } from './random.ts';
import type { Fault, Faults, SimulatedRequest } from './requests.ts';

type Kind = (request: SimulatedRequest, random: Random) => Fault | undefined;

function answering(reason: FailureReason, detail: string, applies: (request: SimulatedRequest) => boolean = () => true): Kind {
  return (request) => (applies(request) ? new DriverError({ reason, attempted: request.text, detail: `simulated: ${detail}` }) : undefined);
}

const isWatch = ({ method }: SimulatedRequest): boolean => method === 'watch';
const isHelm = ({ text }: SimulatedRequest): boolean => /^helm\.(install|uninstall)/.test(text);
/** Each as often as it is here: a watch may end before it comes to the event that is skipped or repeated. */
const watchFaults = ['watchSilent', 'watchCut', 'watchGone', 'watchClosed', 'watchSkips', 'watchSkips', 'watchRepeats', 'watchRepeats'] as const;

/** Watches and Helm's changes are few among hundreds of requests: where a kind is about them, it strikes more often. */
const rareness = 15;

function lasting(fault: 'slow' | 'swallowed' | 'answerSwallowed' | 'stale' | 'stopBefore' | 'stopAfter', minMs: number, maxMs: number): Kind {
  return (_, random) => ({ fault, ms: random.between(minMs, maxMs) });
}

function watchFault(fault: (typeof watchFaults)[number], random: Random): Fault {
  return { fault, afterEvents: random.between(0, fault === 'watchSkips' || fault === 'watchRepeats' ? 3 : 12) };
}

/** What may become of one request. */
const requestFaults = {
  error: () => 'errorBefore',
  lost: () => 'lostAnswer',
  throttled: (request, random) => new DriverError({ reason: 'unavailable', attempted: request.text, detail: 'simulated: 429', retryAfterMs: random.between(500, 3_000) }),
  serverError: answering('unavailable', '500'),
  garbled: answering('unreadable', 'half an answer', ({ writes }) => !writes),
  // A zone that holds what is expected answers no conflict; an API server may, when somebody wrote at the same time.
  conflict: answering('conflict', '409', ({ text }) => /^cluster\.(replace|patch)/.test(text)),
  forbidden: answering('forbidden', '403'),
  gone: answering('gone', '410', isWatch),
  slowAnswer: lasting('slow', 100, 6_000),
  swallowed: (request, random) => lasting(request.writes && random.next() < 0.5 ? 'answerSwallowed' : 'swallowed', 5_000, 30_000)(request, random),
  stale: lasting('stale', 50, 3_000),
  touched: () => ({ fault: 'touched' }),
  pause: (request, random) => lasting(random.next() < 0.5 ? 'stopBefore' : 'stopAfter', 1_000, 90_000)(request, random),
  clock: (_, random) => ({ fault: 'clockSet', ms: random.between(-3_600_000, 3_600_000) }),
  watch: (request, random) => (isWatch(request) ? watchFault(pick(random, watchFaults) ?? 'watchCut', random) : undefined),
  helmKilled: (request, random) => (isHelm(request) ? { fault: random.next() < 0.5 ? 'killAtObject' : 'helmKilledAtObject', objects: random.between(0, 6) } : undefined),
} as const satisfies Record<string, Kind>;

/** What lasts for a while, or strikes a whole process: not one request. */
const spells = ['outage', 'silence', 'slow', 'terminate'] as const;
type Spell = (typeof spells)[number];

const deaths = ['kill', 'killAfter', 'killHeard'] as const satisfies readonly Death[];

export type FaultKind = keyof typeof requestFaults | Spell | Death;

export const faultKinds: readonly FaultKind[] = [...(Object.keys(requestFaults) as (keyof typeof requestFaults)[]), ...spells, ...deaths];

export interface Mix {
  /** Of all requests, 0 to 1. */
  readonly share: number;
  /** Faults in all. */
  readonly most: number;
  readonly kinds: readonly FaultKind[];
  /** Requests, counted from now over all processes, at which somebody dies. */
  readonly deaths: readonly { readonly nth: number; readonly fault: Death }[];
}

/** A mix for one seed out of the kinds that are allowed. Half of all seeds have few faults: many would only ever meet the first steps. */
export function chooseMix(random: Random, allowed: readonly FaultKind[]): Mix {
  const kinds = allowed.filter(() => random.next() < 0.4);
  const fatal = deaths.filter((death) => allowed.includes(death));
  const count = fatal.length === 0 ? 0 : random.between(0, 3);
  return {
    share: [0, 0.003, 0.01, 0.04][random.between(0, 3)] ?? 0,
    most: random.between(1, 25),
    kinds,
    deaths: Array.from({ length: count }, () => ({ nth: random.between(1, 420), fault: fatal[random.between(0, fatal.length - 1)] ?? 'kill' })),
  };
}

export function faultsOf(mix: Mix, random: Random): Faults {
  const kinds = mix.kinds.flatMap((kind) => (kind in requestFaults ? [requestFaults[kind as keyof typeof requestFaults] as Kind] : []));
  const ofWatches = mix.kinds.includes('watch') ? requestFaults.watch : undefined;
  const at = new Map(mix.deaths.map(({ nth, fault }) => [nth, fault]));
  let [seen, left] = [0, mix.most];
  return (request) => {
    seen += 1;
    const death = at.get(seen);
    if (death !== undefined) return death;
    // Chance is asked for every request alike, so that one fault more or less does not make another day of it.
    const share = isWatch(request) || isHelm(request) ? mix.share * rareness : mix.share;
    const [strikes, which] = [random.next() < share, random.between(0, Math.max(0, kinds.length - 1))];
    // Half of what strikes a watch is about its events: to refuse it is what everything else does.
    const kind = isWatch(request) && which % 2 === 0 ? (ofWatches ?? kinds[which]) : kinds[which];
    const fault = strikes && left > 0 ? kind?.(request, random) : undefined;
    if (fault !== undefined) left -= 1;
    return fault;
  };
}

export function describeFault(fault: Fault): string {
  if (typeof fault === 'string') return fault;
  if (!(fault instanceof DriverError)) return Object.values(fault).join(' ');
  return (fault.detail ?? fault.reason).replace(/^simulated: /, '');
}
