// Every request to an outside system as one entry of a log, and the place where faults strike. Knows no driver in particular.

import { DriverError } from '../src/drivers/failure.ts';
import type { VirtualClock } from './clock.ts';

export interface SimulatedRequest {
  /** Position in the log, from 0; counts all processes together. */
  readonly index: number;
  /** 1 for the first process of the scenario, 2 for the one after it. */
  readonly process: number;
  readonly at: number;
  /** `cluster`, `helm`, `dns`, `resolver`, `http`, `notify`. */
  readonly driver: string;
  readonly method: string;
  /** For people: `cluster.create Deployment prod-2hpwr/portal`. */
  readonly text: string;
  /** Whether it may change the outside world. */
  readonly writes: boolean;
}

export type Fault =
  /** Refused before anything happened: a connection that fails, a 503. */
  | 'errorBefore'
  /** It happened, and nobody hears of it: a time-out. */
  | 'lostAnswer'
  /** The process dies before the request is sent. */
  | 'kill'
  /** The process dies after it happened, before it hears of it. */
  | 'killAfter'
  /** The answer is heard, and the process dies before anything else leaves it: what it has just learned is written nowhere. */
  | 'killHeard'
  /** This very error, before anything happened. */
  | DriverError;

export type Faults = (request: SimulatedRequest) => Fault | undefined;

/** A request as an onlooker sees it who looks over the process's shoulder and into the outside system at once. */
export interface Traffic {
  readonly request: SimulatedRequest;
  readonly input: readonly unknown[];
  /** `arrives`: just before it takes effect; `done`: just after; `heard`: what the process is told, which may be something else. */
  readonly moment: 'sent' | 'arrives' | 'done' | 'heard';
  /** Of `done` and `heard`. */
  readonly outcome?: Outcome;
}

export type Outcome = { readonly value: unknown } | { readonly error: unknown };

/** What the requests of one process pass through. */
export interface Boundary {
  readonly clock: VirtualClock;
  readonly process: number;
  readonly log: SimulatedRequest[];
  readonly faults: () => Faults;
  readonly died: AbortSignal;
  readonly kill: () => void;
  /** Virtual time from a request to its answer. */
  readonly latencyMs: number;
  readonly onTraffic: (traffic: Traffic) => void;
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
  return (...input) => passed(() => method(...input), { ...name, input }, boundary);
}

interface Call {
  readonly driver: string;
  readonly method: string;
  readonly input: readonly unknown[];
}

async function passed(effect: () => unknown, call: Call, boundary: Boundary): Promise<unknown> {
  const { clock, died, latencyMs } = boundary;
  if (died.aborted) return never();
  if (doomed.has(boundary)) return killed(boundary);
  const request = logged(call, boundary);
  const tell = (moment: Traffic['moment'], outcome?: Outcome): void => boundary.onTraffic({ request, input: call.input, moment, ...(outcome === undefined ? {} : { outcome }) });
  const fault = boundary.faults()(request);
  if (fault === 'kill') return killed(boundary);
  tell('sent');
  await clock.sleep(latencyMs / 2);
  if (died.aborted) return never();
  const refusal = refusalOf(fault, request);
  const outcome = refusal ?? (await happen(effect, tell));
  if (fault === 'killAfter') return killed(boundary);
  if (refusal === undefined) await clock.sleep(latencyMs / 2);
  if (died.aborted) return never();
  if (fault === 'killHeard') dieOfTheNext(boundary);
  const heard = fault === 'lostAnswer' ? { error: new DriverError({ reason: 'timeout', attempted: request.text, detail: 'simulated: no answer' }) } : outcome;
  tell('heard', heard);
  if ('error' in heard) throw heard.error;
  return heard.value;
}

function refusalOf(fault: Fault | undefined, { text }: SimulatedRequest): { readonly error: unknown } | undefined {
  if (fault instanceof DriverError) return { error: fault };
  return fault === 'errorBefore' ? { error: new DriverError({ reason: 'unavailable', attempted: text, detail: 'simulated: connection refused' }) } : undefined;
}

async function happen(effect: () => unknown, tell: (moment: Traffic['moment'], outcome?: Outcome) => void): Promise<Outcome> {
  tell('arrives');
  const outcome = await Promise.resolve().then(effect).then((value) => ({ value }), (error: unknown) => ({ error }));
  tell('done', outcome);
  return outcome;
}

/** The faults strike when the watch is opened; it is cut when the process dies. */
async function* watched(method: Method, call: Call, boundary: Boundary): AsyncGenerator<unknown> {
  const [kind, options] = call.input as [unknown, { readonly signal: AbortSignal }];
  await passed(() => undefined, call, boundary);
  const events = method(kind, { ...options, signal: AbortSignal.any([options.signal, boundary.died]) });
  try {
    yield* events as AsyncIterable<unknown>;
  } catch (error) {
    if (boundary.died.aborted) await never();
    throw error;
  }
}

function logged({ driver, method, input }: Call, { log, process, clock }: Boundary): SimulatedRequest {
  const text = [`${driver}.${method}`, ...input.map(described).filter((part) => part !== '')].join(' ');
  const request = { index: log.length, process, at: clock.now(), driver, method, text, writes: isWrite(driver, method) };
  log.push(request);
  return request;
}

const writes: Readonly<Record<string, readonly string[]>> = {
  cluster: ['create', 'replace', 'patch', 'delete'],
  helm: ['install', 'test', 'uninstall'],
  dns: ['change'],
  notify: ['send'],
};

function isWrite(driver: string, method: string): boolean {
  return writes[driver]?.includes(method) === true;
}

interface Describable {
  readonly kind?: unknown;
  readonly plural?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly metadata?: { readonly name: string; readonly namespace?: string };
  readonly method?: string;
  readonly url?: string;
  readonly id?: string;
  readonly desired?: readonly { readonly name: string }[];
}

/** The part of an argument that tells people what the request is about; nothing of its content, which may be secret. */
function described(argument: unknown): string {
  if (typeof argument === 'string') return argument;
  if (typeof argument !== 'object' || argument === null) return '';
  const { kind, plural, name, namespace, metadata, method, url, id, desired } = argument as Describable;
  if (url !== undefined) return `${method ?? ''} ${new URL(url).origin}${new URL(url).pathname}`;
  if (desired !== undefined) return desired.map((set) => set.name).join(', ');
  if (plural !== undefined) return plural;
  if (metadata !== undefined) return path(metadata);
  const kindName = typeof kind === 'object' && kind !== null ? `${(kind as { readonly kind: string }).kind} ` : '';
  if (name !== undefined) return `${kindName}${path({ name, namespace })}`;
  return id ?? namespace ?? '';
}

function path({ name, namespace }: { readonly name: string; readonly namespace?: string | undefined }): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

const doomed = new WeakSet<Boundary>();

/** Its next request, or the next moment that passes, is its end. */
function dieOfTheNext(boundary: Boundary): void {
  doomed.add(boundary);
  boundary.clock.after(0, boundary.kill);
}

function killed({ kill }: Boundary): Promise<never> {
  kill();
  return never();
}

/** A killed process hears of nothing any more. */
function never(): Promise<never> {
  return new Promise(() => undefined);
}
