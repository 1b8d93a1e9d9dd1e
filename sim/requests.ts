// Every request to an outside system as one entry of a log, and what may go wrong with it. Knows no driver in particular.

import type { DriverError } from '../src/drivers/failure.ts';

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
  | DriverError
  | Disturbance;

/** What takes a number to tell. A request that it does not fit passes as if nothing were. */
export type Disturbance =
  /** SIGSTOP when the request is about to leave: everything that was asked before it is old when it is sent. */
  | { readonly fault: 'stopBefore'; readonly ms: number }
  /** SIGSTOP when the request has left: the answer waits for so long. */
  | { readonly fault: 'stopAfter'; readonly ms: number }
  /** The clock of the runner's machine is set forward, or back, when the answer is heard. */
  | { readonly fault: 'clockSet'; readonly ms: number }
  /** The answer comes that much later. */
  | { readonly fault: 'slow'; readonly ms: number }
  /** Swallowed on its way: the driver gives up after so long. */
  | { readonly fault: 'swallowed'; readonly ms: number }
  /** It happened, the answer is swallowed, and the driver gives up after so long. */
  | { readonly fault: 'answerSwallowed'; readonly ms: number }
  /**
   * A read of cluster or DNS provider is answered as of so long ago. Harder than an API server, which asks etcd for each read without a
   * resourceVersion; but in the cluster nobody is shown what is older than what he has seen or written himself. A provider behind several
   * front ends promises less.
   */
  | { readonly fault: 'stale'; readonly ms: number }
  /** Somebody annotates the object just before it is replaced or patched. */
  | { readonly fault: 'touched' }
  /** The process, and Helm with it, dies when Helm has created or deleted so many objects. */
  | { readonly fault: 'killAtObject'; readonly objects: number }
  /** Helm alone dies then, as where no memory is left, and the process hears of it. */
  | { readonly fault: 'helmKilledAtObject'; readonly objects: number }
  | WatchDisturbance;

/** After so many events of one watch, bookmarks among them. */
export interface WatchDisturbance {
  readonly fault:
    /** Nothing comes any more, until the driver has heard nothing for too long. */
    | 'watchSilent'
    /** The connection is cut. */
    | 'watchCut'
    /** The server ends it with 410. */
    | 'watchGone'
    /** The server closes it in an orderly way. */
    | 'watchClosed'
    /** The next event never comes. */
    | 'watchSkips'
    /** The next event comes twice. */
    | 'watchRepeats';
  readonly afterEvents: number;
}

export type Faults = (request: SimulatedRequest) => Fault | undefined;

/** A request as an onlooker sees it who looks over the process's shoulder and into the outside system at once. */
export interface Traffic {
  readonly request: SimulatedRequest;
  readonly input: readonly unknown[];
  /** `arrives`: just before it takes effect; `done`: just after; `heard`: what the process is told, which may be something else; `disturbed`: what strikes a watch has struck. */
  readonly moment: 'sent' | 'arrives' | 'done' | 'heard' | 'disturbed';
  /** Of `done` and `heard`. */
  readonly outcome?: Outcome;
}

export type Outcome = { readonly value: unknown } | { readonly error: unknown };

export interface Call {
  readonly driver: string;
  readonly method: string;
  readonly input: readonly unknown[];
}

/** The call as an entry that is not in the log yet. */
export function entryOf({ driver, method, input }: Call): Pick<SimulatedRequest, 'driver' | 'method' | 'text' | 'writes'> {
  const text = [`${driver}.${method}`, ...input.map(described).filter((part) => part !== '')].join(' ');
  return { driver, method, text, writes: isWrite(driver, method) };
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
