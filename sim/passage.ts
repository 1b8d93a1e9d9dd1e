// The way of every request of a process to an outside system and of its answer back: here the faults strike. Knows no driver in particular.

import { DriverError } from '../src/drivers/failure.ts';
import type { VirtualClock } from './clock.ts';
import type { SimulatedProcess } from './process.ts';
import { entryOf, type Call, type Disturbance, type Fault, type Faults, type Outcome, type SimulatedRequest, type Traffic, type WatchDisturbance } from './requests.ts';
import type { Sight } from './sight.ts';
import { disturbed, isOfWatch } from './watch-faults.ts';

/** What the requests of one process pass through. */
export interface Boundary {
  /** The world's. */
  readonly clock: VirtualClock;
  readonly process: SimulatedProcess;
  readonly sight: Sight;
  readonly log: SimulatedRequest[];
  readonly faults: () => Faults;
  /** Virtual time from a request to its answer. */
  readonly latencyMs: number;
  readonly onTraffic: (traffic: Traffic) => void;
  readonly outside: Outside;
}

/** What a fault does to the outside world. */
export interface Outside {
  /** What `read`, which must read at once, finds as of so long ago. */
  asOf<T>(agoMs: number, read: () => T): T;
  /** Somebody annotates the object that these arguments of `replace` or `patch` are about. */
  touch(input: readonly unknown[]): void;
  /** Helm dies after so many objects, alone or with the process. */
  limitHelm(limit: HelmLimit | undefined): void;
}

export interface HelmLimit {
  readonly objects: number;
  readonly dies: 'helm' | 'process';
}

type Method = (...input: readonly unknown[]) => unknown;

/** The driver, with each of its methods passing the boundary. */
export function bounded<T extends object>(driver: string, target: T, boundary: Boundary): T {
  const passages = new Map<string | symbol, unknown>();
  return new Proxy(target, {
    get(object, property) {
      const known = passages.get(property);
      if (known !== undefined) return known;
      const value: unknown = Reflect.get(object, property, object);
      if (typeof value !== 'function' || typeof property !== 'string') return value;
      const method = value.bind(object) as Method;
      const passage = through(method, { driver, method: property }, boundary);
      passages.set(property, passage);
      return passage;
    },
  });
}

function through(method: Method, name: { readonly driver: string; readonly method: string }, boundary: Boundary): Method {
  if (name.method === 'watch' || name.method === 'followLog') return (...input) => watched(method, { ...name, input }, boundary);
  return async (...input) => {
    const call = { ...name, input };
    return transmitted(() => method(...input), call, { ...(await begun(call, boundary)), boundary });
  };
}

interface Begun {
  readonly request: SimulatedRequest;
  readonly fault: Fault | undefined;
}

/** Up to the moment when it leaves the process. */
async function begun(call: Call, { process, log, clock, faults }: Boundary): Promise<Begun> {
  if (process.isStopped) await process.awake();
  if (process.isDoomed) process.kill();
  if (process.isDead) return never();
  const request = { index: log.length, process: process.number, at: clock.now(), ...entryOf(call) };
  log.push(request);
  const fault = faults()(request);
  if (fault === 'kill') process.kill();
  if (is(fault, 'stopBefore')) process.stopFor(fault.ms);
  if (process.isDead || process.isStopped) await process.awake();
  return { request, fault };
}

async function transmitted(effect: () => unknown, call: Call, { request, fault, boundary }: Begun & { readonly boundary: Boundary }): Promise<unknown> {
  const { clock, process, sight, latencyMs, onTraffic } = boundary;
  const { input } = call;
  const tell = (moment: Traffic['moment'], outcome?: Outcome): void => onTraffic({ request, input, moment, ...(outcome === undefined ? {} : { outcome }) });
  tell('sent');
  if (is(fault, 'stopAfter')) process.stopFor(fault.ms);
  await clock.sleep(latencyMs / 2);
  if (process.isDead) return never();
  const refusal = refusalOf(fault, request);
  const outcome = refusal ?? (await happen(disturb(effect, { request, fault, call, boundary }), tell));
  if (refusal === undefined) sight.note(call, clock.now() - agoOf(fault, { request, call, boundary }), request);
  if (fault === 'killAfter') process.kill();
  if (refusal === undefined || is(fault, 'swallowed')) await clock.sleep(latencyMs / 2 + delayOf(fault));
  if (process.isDead || process.isStopped) await process.awake();
  if (fault === 'killHeard') process.doom();
  if (is(fault, 'clockSet')) process.setClockBy(fault.ms);
  const heard = isUnheard(fault) ? noAnswer(request) : outcome;
  tell('heard', heard);
  if ('error' in heard) throw heard.error;
  return heard.value;
}

/** What happens there, when something happens to it there. */
function disturb(effect: () => unknown, { request, fault, call, boundary }: Begun & Struck): () => unknown {
  const { driver, method, writes } = request;
  const { outside } = boundary;
  if (is(fault, 'stale') && !writes) return () => outside.asOf(agoOf(fault, { request, call, boundary }), effect);
  if (is(fault, 'touched') && driver === 'cluster' && (method === 'replace' || method === 'patch')) {
    return () => {
      outside.touch(call.input);
      return effect();
    };
  }
  const limit = limitOf(fault);
  if (limit === undefined || driver !== 'helm') return effect;
  return async () => {
    outside.limitHelm(limit);
    try {
      return await effect();
    } finally {
      outside.limitHelm(undefined);
    }
  };
}

interface Struck {
  readonly request: SimulatedRequest;
  readonly call: Call;
  readonly boundary: Boundary;
}

/** How old an answer is: never older than what the process has seen already. */
function agoOf(fault: Fault | undefined, { request, call, boundary: { clock, sight } }: Struck): number {
  return is(fault, 'stale') && !request.writes ? sight.bounded(fault.ms, call, clock.now()) : 0;
}

function limitOf(fault: Fault | undefined): HelmLimit | undefined {
  if (is(fault, 'killAtObject')) return { objects: fault.objects, dies: 'process' };
  return is(fault, 'helmKilledAtObject') ? { objects: fault.objects, dies: 'helm' } : undefined;
}

function delayOf(fault: Fault | undefined): number {
  return is(fault, 'slow') || is(fault, 'swallowed') || is(fault, 'answerSwallowed') ? fault.ms : 0;
}

function isUnheard(fault: Fault | undefined): boolean {
  return fault === 'lostAnswer' || is(fault, 'answerSwallowed');
}

function refusalOf(fault: Fault | undefined, request: SimulatedRequest): { readonly error: unknown } | undefined {
  if (fault instanceof DriverError) return { error: fault };
  if (is(fault, 'swallowed')) return noAnswer(request);
  return fault === 'errorBefore' ? { error: new DriverError({ reason: 'unavailable', attempted: request.text, detail: 'simulated: connection refused' }) } : undefined;
}

function noAnswer({ text }: SimulatedRequest): { readonly error: unknown } {
  return { error: new DriverError({ reason: 'timeout', attempted: text, detail: 'simulated: no answer' }) };
}

function is<Name extends Disturbance['fault']>(fault: Fault | undefined, name: Name): fault is Extract<Disturbance, { readonly fault: Name }> {
  return typeof fault === 'object' && 'fault' in fault && fault.fault === name;
}

async function happen(effect: () => unknown, tell: (moment: Traffic['moment'], outcome?: Outcome) => void): Promise<Outcome> {
  tell('arrives');
  const outcome = await Promise.resolve().then(effect).then((value) => ({ value }), (error: unknown) => ({ error }));
  tell('done', outcome);
  return outcome;
}

/** Other faults than those of watches strike when it is opened; it is cut when the process dies. */
async function* watched(method: Method, call: Call, boundary: Boundary): AsyncGenerator<unknown> {
  const { process, clock } = boundary;
  const [kind, options] = call.input as [unknown, { readonly signal: AbortSignal }];
  const { request, fault } = await begun(call, boundary);
  await transmitted(() => undefined, call, { request, fault, boundary });
  const signal = AbortSignal.any([options.signal, process.died]);
  const events = method(kind, { ...options, signal }) as AsyncIterable<unknown>;
  const onStrike = (): void => boundary.onTraffic({ request, input: call.input, moment: 'disturbed' });
  try {
    for await (const event of disturbance(fault) === undefined ? events : disturbed(events, { ...(fault as WatchDisturbance), clock, signal, attempted: request.text, onStrike })) {
      if (process.isStopped) await process.awake();
      yield event;
    }
  } catch (error) {
    if (process.isDead || process.isStopped) await process.awake();
    throw error;
  }
}

function disturbance(fault: Fault | undefined): WatchDisturbance | undefined {
  return typeof fault === 'object' && 'fault' in fault && isOfWatch(fault) ? fault : undefined;
}

/** A killed process hears of nothing any more. */
function never(): Promise<never> {
  return new Promise(() => undefined);
}
